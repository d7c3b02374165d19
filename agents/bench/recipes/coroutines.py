"""Where a coroutine may wait without harm: places that allow `await`, and what other coroutines could change meanwhile."""

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import CodePosition

from agents.bench.recipes.names import bindings_in
from agents.bench.recipes.nodes import dotted, own, root
from agents.bench.recipes.source import Source

_SUPPRESS = "contextlib.suppress"
CHANGES = {
    *("append", "extend", "insert", "appendleft", "add", "update", "setdefault"),
    *("pop", "popleft", "popitem", "remove", "discard", "clear"),
}


def coroutine_of(source: Source, node: cst.CSTNode) -> cst.FunctionDef | None:
    """The coroutine function that runs this node itself, None where a plain function, a lambda or the module does."""
    function = source.function_of(node)
    return function if isinstance(function, cst.FunctionDef) and function.asynchronous else None


def waiting_refused(source: Source, node: cst.CSTNode, function: cst.FunctionDef) -> str:
    """The reason why the coroutine can't wait at this place, "" if it can."""
    for each in source.around(node):
        if each is function:
            break
        if isinstance(each, cst.BaseComp):
            return "it is inside a comprehension"
        if isinstance(each, cst.ClassDef):
            return "it is in the body of a class"
        if isinstance(each, cst.With) and not each.asynchronous and not _is_harmless(source, each):
            return f"line {source.line(each)} holds something, perhaps a lock, that must not be held while others run"
    torn = _torn(source, node, function)
    return f"{torn} is read before and changed after it, and others could change it meanwhile" if torn else ""


def _is_harmless(source: Source, node: cst.With) -> bool:
    return all(isinstance(each.item, cst.Call) and source.meaning(each.item.func) == _SUPPRESS for each in node.items)


def _torn(source: Source, node: cst.CSTNode, function: cst.FunctionDef) -> str:
    """What the function reads before this place and changes after it, beyond its own variables. In a loop, each comes before the other."""
    shared = Shared(source, function)
    loops = [each for each in source.around(node) if isinstance(each, cst.For | cst.While) and source.is_inside(each, function)]
    end = _place(source.range(node).end)

    def comes_after(change: cst.CSTNode) -> bool:
        return _place(source.range(change).start) > end or _statement(source, change) is _statement(source, node)

    for name, change in shared.changes():
        for other, use in shared.uses():
            is_split = comes_after(change) and _place(source.range(use).start) < end
            comes_round = any(source.is_inside(change, loop) and source.is_inside(use, loop) for loop in loops)
            if name == other and _statement(source, use) is not _statement(source, change) and (is_split or comes_round):
                return name
    return ""


def _place(position: CodePosition) -> tuple[int, int]:
    return position.line, position.column


def _statement(source: Source, node: cst.CSTNode) -> cst.CSTNode:
    return next((each for each in source.around(node) if isinstance(each, cst.BaseSmallStatement)), node)


class Shared:
    """What a function reads and changes of things that it didn't make itself."""

    def __init__(self, source: Source, function: cst.FunctionDef) -> None:
        self._source = source
        self._nodes = list(own(function.body))
        declared = {each.name.value for node in self._nodes if isinstance(node, cst.Global | cst.Nonlocal) for each in node.names}
        self._own = {name.value for name, _ in bindings_in(function.body)} - declared

    def changes(self) -> Iterator[tuple[str, cst.CSTNode]]:
        """Assignments to attributes, items and declared names, deletions of them, and calls of methods that change things."""
        for node in self._nodes:
            for target in _targets(node):
                yield from self._named(target.value if isinstance(target, cst.Subscript) else target, target)
            if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in CHANGES:
                yield from self._named(node.func.value, node)

    def uses(self) -> Iterator[tuple[str, cst.CSTNode]]:
        """All that is read, what an assignment writes to included where it adds to it."""
        written = {target for node in self._nodes if not isinstance(node, cst.AugAssign) for target in _targets(node)}
        for node in self._nodes:
            if isinstance(node, cst.Attribute | cst.Name) and node not in written:
                yield from self._named(node, node)

    def _named(self, node: cst.CSTNode, place: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
        name = dotted(node)
        if name and root(node) not in self._own:
            yield name, place


def _targets(node: cst.CSTNode) -> list[cst.CSTNode]:
    if isinstance(node, cst.Assign):
        return [each.target for each in node.targets]
    if isinstance(node, cst.AugAssign | cst.AnnAssign | cst.Del):
        return [node.target]
    return []
