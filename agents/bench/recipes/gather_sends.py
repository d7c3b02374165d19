"""Sends to many clients, one awaited after the other, become sends at the same time, each with a time-out.

Kept: the order of messages to each client, what the loop does when a send fails, and that a failure it doesn't handle is raised.
New: a failure no longer keeps the message from the clients after it, and a send of more than half a second is given up and logged.
What is done after a send may happen for one client before another: only loops are changed whose turns are about their own client.
"""

import libcst as cst

from agents.bench.recipes.changes import Changes
from agents.bench.recipes.imports import Need
from agents.bench.recipes.loops import Loop
from agents.bench.recipes.nodes import walk
from agents.bench.recipes.recipe import Attempt, Place, Recipe
from agents.bench.recipes.sends import awaited_call, is_send
from agents.bench.recipes.source import Replace, Source
from agents.bench.recipes.writing import statement

_HELPER = "_gather_sends"
CODE = '''async def _gather_sends(sends: Iterable[Awaitable[object]], timeout_s: float = 0.5) -> None:
    """All sends at once: one that takes longer is given up and logged, another failure is raised at the end."""
    timed = (asyncio.wait_for(send, timeout_s) for send in sends)
    results = await asyncio.gather(*timed, return_exceptions=True)
    late = sum(isinstance(result, TimeoutError) for result in results)
    if late:
        logging.getLogger(__name__).warning("%d of %d clients took longer than %s s.", late, len(results), timeout_s)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, TimeoutError):
            raise result
'''
_NEEDS = (Need("asyncio"), Need("logging"), Need("collections.abc", "Awaitable"), Need("collections.abc", "Iterable"))
_ONE = "send_one"
_LINE = 100
# What an argument may be made of to be worked out for all clients before the first send: nothing that runs code or fails.
_CALM = (
    *(cst.Name, cst.Attribute, cst.BaseString, cst.BaseNumber, cst.FormattedStringText, cst.FormattedStringExpression),
    *(cst.Dict, cst.DictElement, cst.List, cst.Tuple, cst.Element, cst.Arg),
)


def attempt(text: str, place: Place) -> Attempt:
    """The loops at the place that send to clients in turn, changed to send to all at once."""
    source = Source(text)
    changes = Changes(source)
    for node, function in _loops(source):
        if source.is_at(node, place):
            loop = Loop(source, node, function)
            reason = loop.refusal()
            if reason:
                changes.refuse(node, reason)
            else:
                _change(changes, loop)
    return changes.attempt()


def _loops(source: Source) -> list[tuple[cst.For, cst.FunctionDef]]:
    """The innermost loop around each awaited send, with the coroutine function that it is in."""
    found: dict[cst.For, cst.FunctionDef] = {}
    for node in source.all(cst.Await):
        call = awaited_call(node)
        function = source.function_of(node)
        if call is None or not is_send(call) or not isinstance(function, cst.FunctionDef):
            continue
        inside = [each for each in source.around(node) if isinstance(each, cst.For) and source.is_inside(each, function)]
        if inside and source.is_inside(node, inside[0].body):
            found[inside[0]] = function
    return list(found.items())


def _change(changes: Changes, loop: Loop) -> None:
    send = _only_send(loop)
    edits: dict[cst.CSTNode, Replace] = {loop.node: _inline(loop, send)} if send else _nested(loop, changes.free(_ONE))
    changes.change(loop.node, edits, "sends to all clients at once, each with a time-out", _NEEDS, **{_HELPER: CODE})


def _only_send(loop: Loop) -> cst.Call | None:
    """The send that is all the loop does, if it can be written for all clients before the first is sent."""
    body = loop.node.body
    if not isinstance(body, cst.IndentedBlock) or len(body.body) != 1 or body.footer:
        return None
    line = body.body[0]
    only = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    call = awaited_call(only.value) if isinstance(only, cst.Expr) else None
    is_one_line = call is not None and "\n" not in loop.source.code(call)
    return call if call is not None and is_one_line and _is_calm(call) else None


def _is_calm(call: cst.Call) -> bool:
    values = [each.value for each in call.args if not each.star]
    nodes = [node for value in values for node in walk(value) if isinstance(node, cst.BaseExpression | cst.BaseElement | cst.Arg)]
    return len(values) == len(call.args) and all(isinstance(node, _CALM) for node in nodes)


def _inline(loop: Loop, send: cst.Call) -> Replace:
    """`await _gather_sends(client.send(text) for client in clients)`, with the loop's comments before it."""
    source, node = loop.source, loop.node
    one, of_all = len(source.code(send)), len(source.code(node.target)) + len(source.code(node.iter)) + len("for  in ")
    room = _LINE - source.column(node)
    before, between, after = "", " ", ""
    if one + of_all + len(f"await {_HELPER}( )") > room:
        before, between, after = "\n    ", " " if one + of_all + 5 <= room else "\n    ", "\n"
    code = f"await {_HELPER}({before}SEND{between}for CLIENT in CLIENTS{after})\n"

    def edit(_: cst.CSTNode) -> cst.CSTNode:
        new = statement(code, source.module, SEND=send, CLIENT=node.target, CLIENTS=node.iter)
        inner = node.body.body[0]
        comments = [node.body.header.comment] if isinstance(node.body, cst.IndentedBlock) else []
        head = [cst.EmptyLine(comment=each) for each in comments if each]
        above = [*node.leading_lines, *head, *getattr(inner, "leading_lines", ())]
        trailing = getattr(inner, "trailing_whitespace", cst.TrailingWhitespace())
        return new.with_changes(leading_lines=above, trailing_whitespace=trailing)

    return edit


def _nested(loop: Loop, name: str) -> dict[cst.CSTNode, Replace]:
    """The loop's body as a function of its own, called for all clients."""
    source, node = loop.source, loop.node
    names = ", ".join(loop.names)
    head = statement(f"async def {name}({names}):\n    pass\n", source.module)
    code = f"await {_HELPER}({name}({names}) for CLIENT in CLIENTS)\n"
    call = statement(code, source.module, CLIENT=node.target, CLIENTS=node.iter)
    call = call.with_changes(leading_lines=[cst.EmptyLine(indent=False)])

    def edit(updated: cst.CSTNode) -> cst.FlattenSentinel[cst.BaseStatement]:
        body = updated.body if isinstance(updated, cst.For) else node.body
        return cst.FlattenSentinel([head.with_changes(body=body, leading_lines=source.apart(node)), call])

    jumps = [each for each in source.all(cst.Continue, node.body) if loop.is_its_own(each)]
    return {node: edit, **dict.fromkeys(jumps, _return)}


def _return(jump: cst.CSTNode) -> cst.CSTNode:
    return cst.Return(semicolon=jump.semicolon) if isinstance(jump, cst.Continue) else jump


RECIPE = Recipe(
    name="gather_sends",
    kinds=frozenset({"sequential_sends", "slow_client"}),
    gain="Sends that wait for each other go out at the same time:",
    attempt=attempt,
)
