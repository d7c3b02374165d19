"""Going through syntax trees: what is in a node, and which names it starts with or uses."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import libcst as cst

# Fields of nodes that are about their looks, and the order in the text of those whose fields have another.
_LOOKS = {
    "leading_lines",
    "header",
    "footer",
    "lpar",
    "rpar",
    "lbracket",
    "rbracket",
    "lbrace",
    "rbrace",
    "comma",
    "semicolon",
    "equal",
    "dot",
}
_ORDERS: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.FunctionDef: ("decorators", "name", "params", "returns", "body"),
    cst.ClassDef: ("decorators", "name", "bases", "keywords", "body"),
    cst.IfExp: ("body", "test", "orelse"),
    cst.ExceptHandler: ("type", "name", "body"),
    cst.ExceptStarHandler: ("type", "name", "body"),
}


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = [each.name for each in fields(kind) if each.name not in _LOOKS and "whitespace" not in each.name]
    return _ORDERS.get(kind, tuple(names))


def parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes directly in it, in the order of the text, but those that are only spaces, commas and brackets."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from (each for each in value if isinstance(each, cst.CSTNode))


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and all in it, in the order of the text."""
    yield node
    for child in parts(node):
        yield from walk(child)


def own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """As `walk`, but functions and classes defined inside are passed over: what runs when `node` runs."""
    yield node
    for child in parts(node):
        if not isinstance(child, cst.FunctionDef | cst.ClassDef):
            yield from own(child)


def root(node: cst.CSTNode) -> str:
    """The name that a chain such as `client.socket.send` or `rows[0].id` starts with; "" where it starts with something else."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def dotted(node: cst.CSTNode | None) -> str:
    """`self.clients` of attributes of a name; "" for all else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr.value}"
    return ""


def names_in(node: cst.CSTNode) -> list[cst.Name]:
    """The names that stand for variables: attributes' own names and keywords of calls are none."""
    found: list[cst.Name] = []
    _collect(node, found)
    return found


def _collect(node: cst.CSTNode, found: list[cst.Name]) -> None:
    if isinstance(node, cst.Name):
        found.append(node)
    elif isinstance(node, cst.Attribute):
        _collect(node.value, found)
    else:
        for child in parts(node):
            if not (isinstance(node, cst.Arg) and child is node.keyword):
                _collect(child, found)
