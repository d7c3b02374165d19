"""What can't change: types whose values never do, and the module's names that are given one such value once."""

import libcst as cst

from agents.bench.recipes.source import Source

TYPES = frozenset(
    {
        *(f"builtins.{name}" for name in ("int", "str", "float", "bool", "bytes", "complex", "None")),
        *(f"datetime.{name}" for name in ("date", "time", "datetime", "timedelta")),
        *("decimal.Decimal", "fractions.Fraction", "uuid.UUID", "pathlib.Path", "pathlib.PurePath"),
    }
)
_CONTAINERS = frozenset({"builtins.tuple", "builtins.frozenset", "typing.Optional", "typing.Union", "typing.Tuple", "typing.FrozenSet"})
MAKERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("int", "str", "float", "bool", "bytes", "frozenset", "tuple")),
        *(
            "pathlib.Path",
            "os.getenv",
            "os.environ.get",
            "re.compile",
            "decimal.Decimal",
            "datetime.date",
            "datetime.timedelta",
            "uuid.UUID",
        ),
    }
)


def is_immutable_type(source: Source, node: cst.CSTNode, types: frozenset[str] = TYPES) -> bool:
    """Whether an annotation names only such types, whose values can't change and have a hash. A text isn't looked into."""
    if isinstance(node, cst.Name) and node.value == "None":
        return True
    if isinstance(node, cst.Name | cst.Attribute):
        return source.meaning(node) in types
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        return is_immutable_type(source, node.left, types) and is_immutable_type(source, node.right, types)
    if isinstance(node, cst.Subscript) and source.meaning(node.value) in ("typing.Literal", "typing_extensions.Literal"):
        return True
    if isinstance(node, cst.Subscript) and source.meaning(node.value) in _CONTAINERS:
        items = [each.slice.value for each in node.slice if isinstance(each.slice, cst.Index)]
        return len(items) == len(node.slice) and all(
            isinstance(item, cst.Ellipsis) or is_immutable_type(source, item, types) for item in items
        )
    return False


def constants(source: Source, makers: frozenset[str] = MAKERS) -> set[str]:
    """The module's names that have one value that can't change, for as long as the module is loaded; `makers` are calls that give such."""
    given: dict[str, list[cst.CSTNode | None]] = {}
    for line in source.module.body:
        for node in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            for name, value in _assigned(node):
                given.setdefault(name, []).append(value)
    declared = {each.name.value for node in source.all(cst.Global) for each in node.names}
    found: set[str] = set()
    for name, values in given.items():
        only = values[0] if len(values) == 1 else None
        if only is not None and name not in declared and source.times_bound(name) == 1 and _is_fixed(source, only, found, makers):
            found.add(name)
    return found


def _assigned(node: cst.CSTNode) -> list[tuple[str, cst.CSTNode | None]]:
    if isinstance(node, cst.Assign):
        return [(each.target.value, node.value) for each in node.targets if isinstance(each.target, cst.Name)]
    if isinstance(node, cst.AnnAssign) and isinstance(node.target, cst.Name):
        return [(node.target.value, node.value)]
    return []


def _is_fixed(source: Source, node: cst.CSTNode, known: set[str], makers: frozenset[str]) -> bool:
    """Whether this value can't change; `known` are the constants before it."""
    parts: list[cst.CSTNode] = []
    if isinstance(node, cst.BaseNumber | cst.SimpleString):
        return True
    if isinstance(node, cst.Name):
        return node.value in known or node.value in ("True", "False", "None")
    if isinstance(node, cst.UnaryOperation):
        parts = [node.expression]
    elif isinstance(node, cst.BinaryOperation | cst.ConcatenatedString):
        parts = [node.left, node.right]
    elif isinstance(node, cst.Tuple):
        parts = [each.value for each in node.elements]
    elif isinstance(node, cst.Subscript):
        return source.meaning(node.value) == "os.environ"
    else:
        return isinstance(node, cst.Call) and source.meaning(node.func) in makers and _has_fixed_parts(source, node)
    return all(_is_fixed(source, each, known, makers) for each in parts)


def _has_fixed_parts(source: Source, call: cst.Call) -> bool:
    """Whether what is made can't change: `tuple([[]])` can, so a tuple or set is made of fixed parts."""
    if source.meaning(call.func) not in ("builtins.tuple", "builtins.frozenset"):
        return True
    values = [each.value for each in call.args]
    parts = [each.value for value in values if isinstance(value, cst.List | cst.Set | cst.Tuple) for each in value.elements]
    return all(isinstance(value, cst.List | cst.Set | cst.Tuple) for value in values) and all(
        isinstance(each, cst.BaseNumber | cst.BaseString) for each in parts
    )
