"""New code as nodes: written as text with names in it, which nodes of the module take the place of."""

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import libcst as cst

N = TypeVar("N", bound=cst.CSTNode)
Line: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement


def statement(code: str, module: cst.Module, **nodes: cst.BaseExpression) -> Line:
    """One statement written with four spaces and line feeds, in the module's own indent and line ends.

    `nodes` stand where their names do: what comes from the module's own text is never written and read again.
    """
    styled = code.replace("    ", module.default_indent).replace("\n", module.default_newline)
    line = cst.parse_module(styled, config=module.config_for_parsing).body[0]
    return _filled(line, nodes)


def expression(code: str, **nodes: cst.BaseExpression) -> cst.BaseExpression:
    """One expression, filled in as `statement` is."""
    return _filled(cst.parse_expression(code), nodes)


def _filled(node: N, nodes: Mapping[str, cst.BaseExpression]) -> N:
    filled = node.visit(_Filler(nodes))
    if not isinstance(filled, type(node)):
        raise TypeError(f"{type(node).__name__} became {type(filled).__name__}: only names inside it may be replaced")
    return filled


class _Filler(cst.CSTTransformer):
    def __init__(self, nodes: Mapping[str, cst.BaseExpression]) -> None:
        super().__init__()
        self._nodes = nodes

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802 - libcst's name
        return self._nodes.get(original_node.value, updated_node)
