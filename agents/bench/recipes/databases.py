"""Which expressions of a module are connections to SQLite."""

import libcst as cst

from agents.bench.recipes.helpers import module_function, parameters
from agents.bench.recipes.nodes import dotted, walk
from agents.bench.recipes.source import Source

_TYPES = {"sqlite3.Connection", "sqlite3.Cursor"}
_DEEPEST = 10


def is_sqlite(source: Source, node: cst.CSTNode, depth: int = 0) -> bool:
    """Whether this is a connection or a cursor of sqlite3: made so, or annotated so. `depth` ends names that lead to each other."""
    if depth > _DEEPEST:
        return False
    if isinstance(node, cst.Call):
        return _is_made(source, node, depth + 1)
    function = source.function_of(node)
    if isinstance(node, cst.Name):
        if isinstance(function, cst.FunctionDef) and (given := _given(source, function, node.value, depth + 1)) is not None:
            return given
        return _all_sqlite(source, source.module, node.value, depth + 1)
    around = next((each for each in source.around(node) if isinstance(each, cst.ClassDef)), None)
    return around is not None and dotted(node).startswith("self.") and _all_sqlite(source, around, dotted(node), depth + 1)


def _is_made(source: Source, call: cst.Call, depth: int) -> bool:
    meaning = source.meaning(call.func)
    if meaning == "contextlib.closing":
        return len(call.args) == 1 and is_sqlite(source, call.args[0].value, depth)
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "cursor":
        return is_sqlite(source, call.func.value, depth)
    function = module_function(source, call.func)
    made = function.returns.annotation if function is not None and function.returns is not None else None
    return meaning == "sqlite3.connect" or (made is not None and source.meaning(made) in _TYPES)


def _given(source: Source, function: cst.FunctionDef, name: str, depth: int) -> bool | None:
    """Whether the function's own variable of this name is a connection; None where it has none."""
    for each in parameters(function):
        if each.name.value == name:
            return each.annotation is not None and source.meaning(each.annotation.annotation) in _TYPES
    return _all_sqlite(source, function, name, depth) if _values(source, function, name) else None


def _all_sqlite(source: Source, inside: cst.CSTNode, name: str, depth: int) -> bool:
    values = _values(source, inside, name)
    return bool(values) and all(source.meaning(each) in _TYPES or is_sqlite(source, each, depth) for each in values if dotted(each) != name)


def _values(source: Source, inside: cst.CSTNode, name: str) -> list[cst.CSTNode]:
    """What a name or attribute is given there, or annotated as."""
    found: list[cst.CSTNode] = []
    for node in walk(inside):
        if isinstance(node, cst.Assign) and any(dotted(each.target) == name for each in node.targets):
            found.append(node.value)
        elif isinstance(node, cst.AnnAssign) and dotted(node.target) == name:
            found.append(node.annotation.annotation)
    opened = source.all(cst.WithItem, inside)
    return found + [each.item for each in opened if each.asname is not None and dotted(each.asname.name) == name]


def has_own_rows(source: Source) -> bool:
    """Whether the module makes rows of its own kind, whose columns may have no places."""
    for node in source.all(cst.Assign):
        sets = any(isinstance(each.target, cst.Attribute) and each.target.attr.value == "row_factory" for each in node.targets)
        if sets and source.meaning(node.value) != "sqlite3.Row":
            return True
    return False
