"""What counts as a send to one of many clients."""

import libcst as cst

from agents.bench.recipes.nodes import root
from agents.bench.recipes.source import Source

_VERBS = ("send", "write", "push", "notify", "deliver", "emit", "publish")


def awaited_call(node: cst.CSTNode) -> cst.Call | None:
    """The call of `await call(...)`."""
    return node.expression if isinstance(node, cst.Await) and isinstance(node.expression, cst.Call) else None


def is_send(call: cst.Call) -> bool:
    """Whether its name says that it sends something."""
    last = call.func.attr.value if isinstance(call.func, cst.Attribute) else root(call.func)
    return last.lstrip("_").startswith(_VERBS)


def goes_to(source: Source, call: cst.Call, names: set[str]) -> bool:
    """Whether the send provably goes to what one of these names holds.

    Either it is that object's own method with something to send, or a function of this module whose sends all go to that argument.
    """
    if isinstance(call.func, cst.Attribute) and root(call.func) in names:
        return bool(call.args)
    function, skipped = _defined(source, call)
    if function is None:
        return False
    parameters = [each.name.value for each in function.params.params[skipped:]]
    for parameter, arg in zip(parameters, call.args, strict=False):
        if isinstance(arg.value, cst.Name) and arg.value.value in names and arg.keyword is None and not arg.star:
            return _sends_only_to(source, function, parameter)
    return False


def _defined(source: Source, call: cst.Call) -> tuple[cst.FunctionDef | None, int]:
    """The coroutine function of this module or class that is called, and how many of its parameters the call doesn't name."""
    if isinstance(call.func, cst.Name):
        return _named(source.module.body, call.func.value), 0
    around = next((each for each in source.around(call) if isinstance(each, cst.ClassDef)), None)
    if (
        around is not None
        and isinstance(call.func, cst.Attribute)
        and isinstance(call.func.value, cst.Name)
        and call.func.value.value == "self"
    ):
        return _named(around.body.body, call.func.attr.value), 1
    return None, 0


def _named(body: object, name: str) -> cst.FunctionDef | None:
    lines = body if isinstance(body, list | tuple) else ()
    found = [each for each in lines if isinstance(each, cst.FunctionDef) and each.name.value == name]
    return found[0] if len(found) == 1 and found[0].asynchronous and not found[0].decorators else None


def _sends_only_to(source: Source, function: cst.FunctionDef, parameter: str) -> bool:
    """Whether all that the function awaits are sends by this parameter's own methods."""
    awaits = source.all(cst.Await, function.body)
    calls = [awaited_call(each) for each in awaits]
    return bool(calls) and all(each is not None and is_send(each) and bool(each.args) and root(each.func) == parameter for each in calls)
