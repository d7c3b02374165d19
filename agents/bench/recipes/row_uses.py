"""Whether the rows of a query are used by their columns only, so that one more column at their end changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from agents.bench.recipes.nodes import names_in
from agents.bench.recipes.source import Source


@dataclass(frozen=True)
class RowUses:
    """How a function uses rows."""

    source: Source
    function: cst.CSTNode

    def is_by_column(self, fetched: cst.CSTNode, fetch: str) -> bool:
        """Whether what `fetched` gives is used so; `fetch` is how its rows were fetched: fetchone, fetchall, or "" for one by one."""
        parent = self.source.parent(fetched)
        if fetch == "fetchone" and isinstance(parent, cst.Subscript):
            return all(is_constant(each) for each in parent.slice)
        if fetch and isinstance(parent, cst.Assign) and len(parent.targets) == 1:
            return self._is_only(parent.targets[0].target, self._is_index if fetch == "fetchone" else self._is_gone_over)
        if isinstance(parent, cst.For | cst.CompFor) and parent.iter is fetched:
            return self._is_only(parent.target, self._is_index)
        return False

    def _is_only(self, target: cst.CSTNode, is_right: Callable[[cst.Name], bool]) -> bool:
        """Whether the function uses a variable in the right way only."""
        if not isinstance(target, cst.Name):
            return False
        uses = [each for each in names_in(self.function) if each.value == target.value]
        return all(is_right(each) for each in uses if not self._is_target(each))

    def _is_target(self, name: cst.Name) -> bool:
        """Whether a loop or an assignment gives the name a value here."""
        parent = self.source.parent(name)
        return isinstance(parent, cst.For | cst.CompFor | cst.AssignTarget) and parent.target is name

    def _is_gone_over(self, use: cst.Name) -> bool:
        """Whether a list of rows is counted, or gone through by columns."""
        parent = self.source.parent(use)
        if isinstance(parent, cst.For | cst.CompFor) and parent.iter is use:
            return self._is_only(parent.target, self._is_index)
        outer = self.source.parent(parent) if isinstance(parent, cst.Arg) else None
        return self._is_tested(use) or (isinstance(outer, cst.Call) and self.source.meaning(outer.func) == "builtins.len")

    def _is_tested(self, use: cst.Name) -> bool:
        parent = self.source.parent(use)
        if isinstance(parent, cst.If | cst.IfExp):
            return parent.test is use
        is_none = isinstance(parent, cst.Comparison) and all(isinstance(each.operator, cst.Is | cst.IsNot) for each in parent.comparisons)
        return is_none or (isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not))

    def _is_index(self, use: cst.Name) -> bool:
        parent = self.source.parent(use)
        if isinstance(parent, cst.Subscript):
            return parent.value is use and all(is_constant(each) for each in parent.slice)
        return self._is_tested(use)


def is_constant(element: cst.SubscriptElement) -> bool:
    """`[0]` or `["id"]`: a column from the left, or by name."""
    return isinstance(element.slice, cst.Index) and isinstance(element.slice.value, cst.Integer | cst.SimpleString)
