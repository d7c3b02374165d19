"""What blocks the event loop in a coroutine becomes something it waits for: `asyncio.sleep`, or a thread for the work.

Only places are changed where the coroutine may wait (coroutines.py), with work that touches nothing others use (threads.py, helpers.py).
"""

import libcst as cst

from agents.bench.recipes.blocking import SLEEP, is_opener, is_whole
from agents.bench.recipes.changes import Changes
from agents.bench.recipes.coroutines import coroutine_of, waiting_refused
from agents.bench.recipes.helpers import blocking_helper, thread_refused
from agents.bench.recipes.imports import Need
from agents.bench.recipes.recipe import Attempt, Place, Recipe
from agents.bench.recipes.source import Replace, Source
from agents.bench.recipes.threads import Block
from agents.bench.recipes.writing import statement

_NEEDS = (Need("asyncio"),)
_IN_THREAD = "in_thread"
_SLEEP = cst.Attribute(cst.Name("asyncio"), cst.Name("sleep"))
_TO_THREAD = cst.Attribute(cst.Name("asyncio"), cst.Name("to_thread"))


def attempt(text: str, place: Place) -> Attempt:
    """The blocking calls of the coroutines at the place, changed to wait for them."""
    source = Source(text)
    changes = Changes(source)
    blocks = [node for node in source.all(cst.With) if _opens(source, node)]
    for node in blocks:
        if source.is_at(node, place):
            _block(changes, node)
    for call in source.all(cst.Call):
        if not any(source.is_inside(call, each) for each in blocks) and coroutine_of(source, call) is not None:
            _call(changes, call, place)
    return changes.attempt()


def _opens(source: Source, node: cst.With) -> bool:
    return not node.asynchronous and coroutine_of(source, node) is not None and any(is_opener(source, each.item) for each in node.items)


def _block(changes: Changes, node: cst.With) -> None:
    """A `with` that opens something moves into a function, which a thread runs."""
    source = changes.source
    function = coroutine_of(source, node)
    if function is None:
        return
    block = Block(source, node, function)
    reason = waiting_refused(source, node, function) or block.refusal()
    if reason:
        changes.refuse(node, reason)
        return
    changes.change(
        node, {node: _in_thread(block, changes.free(_IN_THREAD))}, f"{source.code(node.items[0].item)} works in a thread", _NEEDS
    )


def _in_thread(block: Block, name: str) -> Replace:
    source = block.source
    results = ", ".join(block.results)
    head = statement(f"def {name}():\n    pass\n", source.module)
    before = "return " if block.has_return else f"{results} = " if results else ""
    call = statement(f"{before}await asyncio.to_thread({name})\n", source.module).with_changes(leading_lines=[cst.EmptyLine(indent=False)])

    def edit(updated: cst.CSTNode) -> cst.FlattenSentinel[cst.BaseStatement]:
        lines = [statement(f"return {results}\n", source.module)] if results else []
        moved = updated if isinstance(updated, cst.With) else block.node
        body = cst.IndentedBlock([moved.with_changes(leading_lines=[]), *lines])
        inner = head.with_changes(body=body, leading_lines=source.apart(block.node))
        return cst.FlattenSentinel([inner, call])

    return edit


def _call(changes: Changes, call: cst.Call, place: Place) -> None:
    """A single call waits by itself, or in a thread."""
    source = changes.source
    helper = blocking_helper(source, call)
    function = coroutine_of(source, call)
    is_at = source.is_at(call, place) or (helper is not None and source.is_at(helper, place))
    if function is None or not is_at:
        return
    reason = _refused(source, call, helper)
    if reason is None:
        return
    reason = reason or waiting_refused(source, call, function)
    if reason:
        changes.refuse(call, reason)
        return
    is_sleep = source.meaning(call.func) == SLEEP
    about = "asyncio.sleep" if is_sleep else f"{source.code(call.func)} in a thread"
    changes.change(call, {call: _sleep(source, call) if is_sleep else _thread(source, call)}, f"waits for {about}", _NEEDS)


def _refused(source: Source, call: cst.Call, helper: cst.FunctionDef | None) -> str | None:
    """Why this call must stay, "" if it need not, None if it doesn't block."""
    if helper is not None:
        return thread_refused(source, helper)
    if source.meaning(call.func) == SLEEP or is_whole(source, call):
        return ""
    if is_opener(source, call):
        return "what it opens is used here and there; a “with” around all of it could be moved"
    return None


def _sleep(source: Source, call: cst.Call) -> Replace:
    def edit(updated: cst.CSTNode) -> cst.CSTNode:
        return _awaited(source, call, updated.with_changes(func=_SLEEP))

    return edit


def _thread(source: Source, call: cst.Call) -> Replace:
    def edit(updated: cst.CSTNode) -> cst.CSTNode:
        if not isinstance(updated, cst.Call):
            return updated
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")) if updated.args else cst.MaybeSentinel.DEFAULT
        first = cst.Arg(updated.func, comma=comma)
        return _awaited(source, call, updated.with_changes(func=_TO_THREAD, args=[first, *updated.args]))

    return edit


def _awaited(source: Source, call: cst.Call, new: cst.CSTNode) -> cst.CSTNode:
    """`await new`, in parentheses where something is done to the result on the spot."""
    parent = source.parent(call)
    is_followed = isinstance(parent, cst.Attribute | cst.Subscript) or (isinstance(parent, cst.Call) and parent.func is call)
    bare = new.with_changes(lpar=[], rpar=[])
    lpar = list(call.lpar) or ([cst.LeftParen()] if is_followed else [])
    rpar = list(call.rpar) or ([cst.RightParen()] if is_followed else [])
    return cst.Await(bare, lpar=lpar, rpar=rpar) if isinstance(bare, cst.BaseExpression) else new


RECIPE = Recipe(
    name="unblock",
    kinds=frozenset({"blocking_call"}),
    gain="What blocks the event loop is waited for:",
    attempt=attempt,
)
