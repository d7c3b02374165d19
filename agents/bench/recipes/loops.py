"""Whether the turns of a loop over clients could as well run at the same time."""

from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from agents.bench.recipes.names import bindings_in, target_names, used_outside
from agents.bench.recipes.nodes import names_in, own, parts, root, walk
from agents.bench.recipes.sends import awaited_call, goes_to, is_send
from agents.bench.recipes.source import Source

_COPIES = {f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "sorted")}
_VIEWS = {"values", "keys", "items", "copy"}
_SEES_LOCALS = {f"builtins.{name}" for name in ("locals", "vars", "dir", "eval", "exec", "super")}
_CATCHES_TIMEOUT = {"builtins.BaseException", "asyncio.CancelledError", "asyncio.exceptions.CancelledError"}
_LOGS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_IN_ORDER = {"append", "extend", "insert", "appendleft"}


class Loop:
    """One `for` with the names it binds. `refusal` is the first reason why its turns must stay one after the other."""

    def __init__(self, source: Source, node: cst.For, function: cst.FunctionDef) -> None:
        self.source = source
        self.node = node
        self.function = function
        self.names = [name.value for name in target_names(node.target)]
        self._own = set(self.names)

    def refusal(self) -> str:
        """The reason, or ""."""
        checks: tuple[Callable[[], str], ...] = (self._head, self._jumps, self._awaits, self._scopes, self._bound, self._afterwards)
        return next((reason for check in checks if (reason := check())), "")

    def _head(self) -> str:
        if self.node.asynchronous:
            return "an “async for” gets its clients one by one"
        if self.node.orelse:
            return "the loop has an “else”"
        if not self.names or not _is_plain(self.node.target):
            return "the loop's variable is more than names"
        if any(isinstance(each, cst.Await | cst.Asynchronous) for each in walk(self.node.iter)):
            return "it waits for what it loops over"
        return "" if self._is_ready(self.node.iter) else "it isn't sure that all it loops over is there before the first send"

    def _is_ready(self, node: cst.CSTNode) -> bool:
        """Whether evaluating it once gives all clients: no generator that looks at them one by one between the sends."""
        if isinstance(node, cst.Name | cst.Attribute | cst.Subscript):
            return True
        if isinstance(node, cst.List | cst.Tuple | cst.Set):
            return isinstance(node, cst.List | cst.Set) or bool(node.lpar)
        if isinstance(node, cst.BinaryOperation):
            return self._is_ready(node.left) and self._is_ready(node.right)
        if isinstance(node, cst.ListComp | cst.SetComp):
            return True
        if not isinstance(node, cst.Call):
            return False
        if self.source.meaning(node.func) in _COPIES:
            return True
        return isinstance(node.func, cst.Attribute) and node.func.attr.value in _VIEWS and bool(root(node.func)) and not node.args

    def _jumps(self) -> str:
        for node in walk(self.node.body):
            if isinstance(node, cst.Break) and self.is_its_own(node):
                return "it stops before its end (break)"
            if isinstance(node, cst.Return):
                return "it returns from the function"
            if isinstance(node, cst.Yield):
                return "it yields"
        return ""

    def is_its_own(self, jump: cst.Break | cst.Continue) -> bool:
        """Whether a `break` or `continue` is of this loop, not of one inside it."""
        return next(each for each in self.source.around(jump) if isinstance(each, cst.For | cst.While)) is self.node

    def _awaits(self) -> str:
        for node in walk(self.node.body):
            if isinstance(node, cst.Asynchronous) and not isinstance(self.source.parent(node), cst.FunctionDef):
                return "it waits for more than sends (async for, async with)"
            if isinstance(node, cst.Await):
                call = awaited_call(node)
                if call is None or not is_send(call):
                    return f"it also waits for {self.source.code(node.expression)}"
                if not goes_to(self.source, call, self._own):
                    return f"it isn't sure that each {self.source.code(call.func)}(…) goes to another client"
                if not self._is_alone(node):
                    return "a send's result is used on the spot"
        return ""

    def _is_alone(self, node: cst.Await) -> bool:
        parent = self.source.parent(node)
        return isinstance(parent, cst.Expr) or (
            isinstance(parent, cst.Assign) and all(target_names(each.target) for each in parent.targets)
        )

    def _scopes(self) -> str:
        for node in walk(self.node.body):
            if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
                return "it defines functions or classes"
            if isinstance(node, cst.Match | cst.NamedExpr | cst.Import | cst.ImportFrom | cst.Global | cst.Nonlocal):
                return "it binds names in a way that isn't looked into"
            if isinstance(node, cst.Del) and names_of_del(node) & set(_bound(self.node)):
                return "it deletes variables"
            if isinstance(node, cst.Name) and self.source.meaning(node) in _SEES_LOCALS:
                return f"it uses {node.value}()"
            if isinstance(node, cst.ExceptHandler) and self._swallows(node):
                return "an “except” would catch the time-out's cancelling"
        return ""

    def _swallows(self, handler: cst.ExceptHandler) -> bool:
        if handler.type is None:
            return True
        kinds = [each.value for each in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
        return any(self.source.meaning(each) in _CATCHES_TIMEOUT for each in kinds)

    def _bound(self) -> str:
        for name in (*self.names, *_bound(self.node)):
            if used_outside(self.source, name, self.node, self.function):
                return f"“{name}” is used outside of the loop as well"
        for name in _bound(self.node):
            if name in self._own or not self._is_of_one_turn(name):
                return f"“{name}” may keep its value from one turn to the next"
        return ""

    def _is_of_one_turn(self, name: str) -> bool:
        """Whether every turn gives the name a value before it is used."""
        uses = [each for each in names_in(self.node.body) if each.value == name]
        binder = next(by for each, by in bindings_in(self.node.body) if each.value == name)
        if isinstance(binder, cst.For | cst.With | cst.ExceptHandler):
            return all(self.source.is_inside(each, binder) for each in uses)
        line = self.source.parent(binder)
        is_first = uses[0] in [each for target in getattr(binder, "targets", ()) for each in target_names(target.target)]
        is_sure = isinstance(binder, cst.Assign) and line is not None and self.source.parent(line) is self.node.body
        values = names_in(binder.value) if isinstance(binder, cst.Assign) else []
        return is_first and is_sure and all(each.value != name for each in values)

    def _afterwards(self) -> str:
        """What follows a send happens in the order in which sends end, so it must be about the turn's own client."""
        for line in self._after(self.node.body.body, sent=False, failed=False):
            return f"line {self.source.line(line)} follows a send and isn't only about its own client"
        return ""

    def _after(self, lines: Sequence[cst.CSTNode], *, sent: bool, failed: bool) -> Iterator[cst.CSTNode]:
        """The simple statements after a send that the order matters for, perhaps. `failed`: they run where a send failed."""
        for line in lines:
            if isinstance(line, cst.SimpleStatementLine):
                yield from self._after(line.body, sent=sent, failed=failed)
            elif isinstance(line, cst.BaseSmallStatement):
                if sent and not self._is_about_own(line, failed=failed):
                    yield line
            else:
                inner = sent or (isinstance(line, cst.For | cst.While) and self._sends(line))
                for block, in_handler in _blocks(line):
                    yield from self._after(block, sent=inner or in_handler, failed=failed or in_handler)
                    inner = inner or any(self._sends(each) for each in block)
            sent = sent or self._sends(line)

    def _sends(self, node: cst.CSTNode) -> bool:
        return any(isinstance(each, cst.Await) for each in own(node))

    def _is_about_own(self, line: cst.BaseSmallStatement, *, failed: bool) -> bool:
        if isinstance(line, cst.Pass | cst.Continue | cst.Break | cst.Raise | cst.Assert):
            return True
        if isinstance(line, cst.Expr):
            return self._is_own_call(line.value, failed=failed)
        if isinstance(line, cst.AugAssign):
            return isinstance(line.operator, cst.AddAssign | cst.SubtractAssign)
        if isinstance(line, cst.Assign):
            return all(isinstance(each.target, cst.Name) or self._names_own(each.target) for each in line.targets)
        return isinstance(line, cst.Del) and self._names_own(line)

    def _is_own_call(self, node: cst.CSTNode, *, failed: bool) -> bool:
        call = node.expression if isinstance(node, cst.Await) else node
        if not isinstance(call, cst.Call):
            return isinstance(node, cst.BaseString)
        last = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
        if last in _IN_ORDER and not failed:
            return False
        return last in _LOGS or self.source.meaning(call.func) == "builtins.print" or self._names_own(call)

    def _names_own(self, node: cst.CSTNode) -> bool:
        return any(each.value in self._own for each in names_in(node))


def _is_plain(target: cst.CSTNode) -> bool:
    """Whether a loop's variable is a name or names, with nothing else among them."""
    if isinstance(target, cst.Tuple | cst.List):
        return all(isinstance(each, cst.Element) and _is_plain(each.value) for each in target.elements)
    return isinstance(target, cst.Name)


def _bound(loop: cst.For) -> list[str]:
    return list(dict.fromkeys(name.value for name, _ in bindings_in(loop.body)))


def names_of_del(node: cst.Del) -> set[str]:
    """The variables that `del` deletes; `del self.clients[client]` deletes none."""
    return {name.value for name in target_names(node.target)}


def _blocks(line: cst.CSTNode) -> list[tuple[Sequence[cst.CSTNode], bool]]:
    """The blocks of a compound statement, and whether each runs only where something failed."""
    found: list[tuple[Sequence[cst.CSTNode], bool]] = []
    for child in parts(line):
        if isinstance(child, cst.BaseSuite):
            found.append((child.body, False))
        elif isinstance(child, cst.ExceptHandler | cst.ExceptStarHandler):
            found.append((child.body.body, True))
        elif isinstance(child, cst.If):
            found += _blocks(child)
        elif isinstance(child, cst.Else | cst.Finally):
            found.append((child.body.body, False))
    return found
