"""Which names a piece of code gives values to, and where a function uses them otherwise."""

from collections.abc import Iterator

import libcst as cst

from agents.bench.recipes.nodes import names_in, own
from agents.bench.recipes.source import Source


def target_names(target: cst.CSTNode) -> list[cst.Name]:
    """The variables that an assignment to `target` binds: `a, (b, *c)` binds three, `a.b` and `a[0]` none."""
    if isinstance(target, cst.Name):
        return [target]
    if isinstance(target, cst.Tuple | cst.List):
        return [name for each in target.elements for name in target_names(each.value)]
    return []


def bindings_in(node: cst.CSTNode) -> Iterator[tuple[cst.Name, cst.CSTNode]]:
    """The variables that are bound when `node` runs, each with the statement that does it. Comprehensions keep theirs to themselves."""
    for each in own(node):
        for target in _targets(each):
            for name in target_names(target):
                yield name, each


def _targets(node: cst.CSTNode) -> list[cst.CSTNode]:
    if isinstance(node, cst.Assign):
        return [each.target for each in node.targets]
    if isinstance(node, cst.AnnAssign | cst.AugAssign | cst.NamedExpr | cst.For):
        return [node.target]
    if isinstance(node, cst.With):
        return [item.asname.name for item in node.items if item.asname]
    if isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler):
        return [node.name.name] if node.name else []
    return []


def used_outside(source: Source, name: str, inside: cst.CSTNode, function: cst.CSTNode) -> bool:
    """Whether the function reads this variable outside of `inside`. Loops and `with`s that give it a value of their own don't count."""
    for each in names_in(function):
        if each.value != name or source.is_inside(each, inside) or _is_target(source, each):
            continue
        if not any(_rebinds(source, outer, each) for outer in source.around(each) if source.is_inside(outer, function)):
            return True
    return False


def _is_target(source: Source, name: cst.Name) -> bool:
    """Whether the name only gets a value here."""
    parent = source.parent(name)
    while isinstance(parent, cst.Element | cst.Tuple | cst.List):
        parent = source.parent(parent)
    return isinstance(parent, cst.AssignTarget | cst.AsName)


def _rebinds(source: Source, node: cst.CSTNode, name: cst.Name) -> bool:
    """Whether `node` itself gave the variable the value that is read there."""
    if isinstance(node, cst.For):
        return (source.is_inside(name, node.body) or source.is_inside(name, node.target)) and _binds(node.target, name)
    if isinstance(node, cst.With):
        return source.is_inside(name, node.body) and any(item.asname and _binds(item.asname.name, name) for item in node.items)
    if isinstance(node, cst.BaseComp):
        return any(_binds(loop.target, name) for loop in _loops_of(node.for_in))
    return False


def _binds(target: cst.CSTNode, name: cst.Name) -> bool:
    return any(each.value == name.value for each in target_names(target))


def _loops_of(loop: cst.CompFor) -> list[cst.CompFor]:
    return [loop] + (_loops_of(loop.inner_for_in) if loop.inner_for_in else [])
