"""Steps that wait for what comes: expect, nothing, broadcast, closed."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agents.bench.errors import Failed
from agents.bench.scripts.acts import kept
from agents.bench.scripts.client import Client
from agents.bench.scripts.difference import told
from agents.bench.scripts.messages import NO_JSON, Received
from agents.bench.scripts.paths import NoSuchValue, value_at
from agents.bench.scripts.patterns import filled, matches
from agents.bench.scripts.recorder import StepFailed
from agents.bench.scripts.scene import Scene, Scope
from agents.bench.scripts.seek import Search, Wish, nearest, wish_of
from agents.bench.scripts.steps import Broadcast, Closed, Expect, Nothing

_SHOWN_MESSAGES = 5


async def expect(scene: Scene, step: Expect, scope: Scope) -> str:
    """Take the wanted messages, and keep what is to be kept of them."""
    client, search = scene.clients[step.expect], Search.of(step, scope.values)
    within_ms = step.within or scene.script.within
    began = scene.recorder.clock()
    await _search(client, search, began + within_ms / 1000)
    if len(search.found) < len(search.wishes):
        search.settle()
        raise _not_found(client, search, within_ms)
    for wish, message in zip(search.wishes, search.found, strict=True):
        client.inbox.take(message)
        scope.values.save(kept(wish.save, _value(message)))
    last = max(message.at for message in search.found)
    return f"after {max(last - began, 0) * 1000:.0f} ms"


async def _search(client: Client, search: Search, until: float) -> None:
    """Look for the messages until all are found, one is wrong, the connection is over, or the time is."""
    try:
        async with asyncio.timeout_at(until):
            while True:
                search.look(client.inbox.unread)
                if search.is_over or client.ending is not None:
                    return
                await client.inbox.news()
    except TimeoutError:
        search.look(client.inbox.unread)


def _not_found(client: Client, search: Search, within_ms: float) -> StepFailed:
    """What was missing first, and what came instead."""
    if search.wrong is not None:
        wish = search.wishes[len(search.found)]
        return _failure(f"{client.name} got another message first", wish, [search.wrong])
    missing = search.missing
    count = f"{len(search.wishes) - len(missing)} of {len(search.wishes)} messages" if len(search.wishes) > 1 else "no such message"
    others = [message for message in client.inbox.unread if message not in search.found]
    if any(missing[0].fits(message) for message in others):
        return _failure(f"{client.name} got the messages in another order", missing[0], others)
    if client.ending is not None:
        return _failure(f"{client.name} got {count}: the connection is closed ({client.ending})", missing[0], others)
    return _failure(f"{client.name} got {count} within {within_ms:g} ms", missing[0], others)


def _failure(message: str, wish: Wish, others: list[Received]) -> StepFailed:
    """A failure that shows the nearest of the other messages with its differences, and the newest of the rest."""
    near = nearest(wish, others)
    if near is None:
        return StepFailed(message, expected=str(wish))
    shown = [near[0], *[each for each in reversed(others) if each is not near[0]]]
    came = [each.shown() for each in shown[:_SHOWN_MESSAGES]]
    if len(shown) > _SHOWN_MESSAGES:
        came.append(f"and {len(shown) - _SHOWN_MESSAGES:,} more")
    return StepFailed(message, expected=str(wish), came=came, difference=told(near[1]))


def _value(message: Received) -> Any:
    """What paths lead into: its JSON, or its text."""
    return message.shown() if message.value is NO_JSON else message.value


# -- nothing -------------------------------------------------------------------------------------------------------------


async def nothing(scene: Scene, step: Nothing, scope: Scope) -> str:
    """Nothing like that is unread, or comes."""
    client, wish = scene.clients[step.nothing], wish_of(step, scope.values)
    began = scene.recorder.clock()
    search = Search([wish], "given")
    await _search(client, search, began + step.for_ / 1000)
    if search.found:
        [found] = search.found
        when = f"{(found.at - began) * 1000:.0f} ms into this step" if found.at >= began else "before this step; no step has read it"
        raise StepFailed(f"{client.name} got something {when}", expected=f"nothing for {step.for_:g} ms", came=[found.shown()])
    if client.ending is not None:
        raise Failed(f"{client.name}'s connection was closed meanwhile ({client.ending})")
    return ""


# -- broadcast -----------------------------------------------------------------------------------------------------------


async def broadcast(scene: Scene, step: Broadcast, scope: Scope) -> str:
    """Everybody has got it in time, and all in the same order."""
    within_ms = step.within or scene.script.within
    began = scope.sent_at if scope.sent_at is not None else scene.recorder.clock()
    searches = {name: Search([wish_of(step, scope.values)] * step.count, "given") for name in step.broadcast}
    await asyncio.gather(*(_search(scene.clients[name], search, began + within_ms / 1000) for name, search in searches.items()))
    if late := _late(scene, searches, began + within_ms / 1000):
        raise _not_reached(scene, late, within_ms)
    _same_order(searches, _key(step.same))
    for name, search in searches.items():
        for message in search.found:
            scene.clients[name].inbox.take(message)
    scope.values.save(kept(step.save, _value(searches[step.broadcast[0]].found[-1])))
    slowest, name = max((search.found[-1].at, name) for name, search in searches.items())
    return f"to all after {max(slowest - began, 0) * 1000:.0f} ms, last to {name}"


def _late(scene: Scene, searches: dict[str, Search], until: float) -> dict[str, Search]:
    """Those that haven't got all, or not in time."""
    return {name: each for name, each in searches.items() if len(each.found) < len(each.wishes) or each.found[-1].at > until}


def _not_reached(scene: Scene, late: dict[str, Search], within_ms: float) -> StepFailed:
    name, search = next(iter(late.items()))
    client = scene.clients[name]
    others = [message for message in client.inbox.unread if message not in search.found]
    failed = _failure(f"not everybody got it within {within_ms:g} ms: {', '.join(late)}", search.wishes[0], others)
    return replace(failed, details=[_standing(scene.clients[each], late[each]) for each in late])


def _standing(client: Client, search: Search) -> str:
    closed = f"; the connection is closed ({client.ending})" if client.ending is not None else ""
    late = ", the last too late" if len(search.found) == len(search.wishes) else ""
    return f"{client.name}: {len(search.found)} of {len(search.wishes)}{late}{closed}"


def _key(same: list[str]) -> Callable[[Received], Any]:
    """What is compared between clients of each message."""

    def key(message: Received) -> Any:
        try:
            return [value_at(_value(message), path) for path in same] if same else _value(message)
        except NoSuchValue as error:
            raise StepFailed(f"messages can't be compared: {error}", came=[message.shown()]) from error

    return key


def _same_order(searches: dict[str, Search], key: Callable[[Received], Any]) -> None:
    """StepFailed where a client got other messages than the first, or in another order."""
    (first, given), *others = [(name, [key(message) for message in search.found]) for name, search in searches.items()]
    for name, got in others:
        for number, (one, other) in enumerate(zip(given, got, strict=True), 1):
            if one != other:
                raise StepFailed(
                    f"{first} and {name} got other messages, or in another order: they differ at number {number}",
                    difference=[f"- {first}: {_line(given)}", f"+ {name}: {_line(got)}"],
                )


def _line(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False)[:1_000]


# -- closed --------------------------------------------------------------------------------------------------------------


async def closed(scene: Scene, step: Closed, scope: Scope) -> str:
    """The server closes, with the right code and for the right reason."""
    client = scene.clients[step.closed]
    within_ms = step.within or scene.script.within
    try:
        async with asyncio.timeout(within_ms / 1000):
            while client.ending is None:
                await client.inbox.news()
    except TimeoutError:
        unread = [message.shown() for message in client.inbox.unread[-_SHOWN_MESSAGES:]]
        wanted = _closing(step)
        raise StepFailed(f"{client.name}'s connection was not closed within {within_ms:g} ms", expected=wanted, came=unread) from None
    codes = [step.code] if isinstance(step.code, int) else step.code
    if codes is not None and client.ending.code not in codes:
        raise StepFailed(f"{client.name}'s connection was closed otherwise", expected=_closing(step), came=[str(client.ending)])
    if "reason" in step.model_fields_set and not _is_reason(filled(step.reason, scope.values), client.ending.reason):
        raise StepFailed(f"{client.name}'s connection was closed for another reason", expected=_closing(step), came=[str(client.ending)])
    return str(client.ending)


def _closing(step: Closed) -> str:
    codes = " or ".join(map(str, step.code)) if isinstance(step.code, list) else step.code
    said = f"close code {codes}" if codes is not None else "a close"
    return f"{said}, reason like {json.dumps(step.reason)}" if "reason" in step.model_fields_set else said


def _is_reason(pattern: Any, reason: str) -> bool:
    """Whether the reason, as text or as the JSON in it, is as wanted."""
    try:
        return matches(pattern, reason) or matches(pattern, json.loads(reason))
    except ValueError:
        return False
