"""What a client goes through after it has connected and before it is measured: sends and expectations, in order."""

import asyncio
import time
from collections.abc import Sequence

from agents.bench.errors import Failed
from agents.bench.performance.sockets import Data, Socket
from agents.bench.scripts.difference import shown
from agents.bench.scripts.messages import NO_JSON, Received
from agents.bench.scripts.paths import NoSuchValue, value_at
from agents.bench.scripts.patterns import filled, matches
from agents.bench.scripts.steps import Expect, Send, Step, Wanted
from agents.bench.scripts.values import Values, as_text

_WITHIN_MS = 5_000.0


async def set_up(socket: Socket, steps: Sequence[Step], values: Values) -> None:
    """Do the steps of "me" with this client; what they save is in `values`. Failed, with the client's number, for what doesn't come."""
    inbox = _Inbox()
    socket.listen(inbox.put)
    for step in steps:
        if isinstance(step, Send):
            socket.send(_text(step, values).encode())
        elif isinstance(step, Expect):
            for wanted in step.wanted:
                await _expect(socket, inbox, wanted, values, (step.within or _WITHIN_MS) / 1000)


class _Inbox:
    """What has come and wasn't asked for yet."""

    def __init__(self) -> None:
        self.unread: list[Received] = []
        self.news = asyncio.Event()

    def put(self, socket: Socket, data: Data, now: float) -> None:
        del socket
        self.unread.append(Received(now, bytes(data).decode(errors="replace")))
        self.news.set()


def _text(step: Send, values: Values) -> str:
    if step.characters is not None:
        return "x" * step.characters
    return as_text(values.fill(step.text if step.text is not None else step.json_))


async def _expect(socket: Socket, inbox: _Inbox, wanted: Wanted, values: Values, within_s: float) -> None:
    is_text = "text" in wanted.model_fields_set
    pattern = filled(wanted.text if is_text else wanted.match, values)
    began = time.monotonic()
    while True:
        for received in inbox.unread:
            value = received.data if is_text else received.value
            if value is not NO_JSON and matches(pattern, value):
                inbox.unread.remove(received)
                _save(socket, wanted, value, values)
                return
        left = began + within_s - time.monotonic()
        if left <= 0:
            raise _late(socket, inbox, wanted, within_s)
        inbox.news.clear()
        await _wait(inbox.news, left)


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return


def _save(socket: Socket, wanted: Wanted, value: object, values: Values) -> None:
    try:
        values.save({name: value_at(value, path) for name, path in wanted.save.items()})
    except NoSuchValue as error:
        raise Failed(f"Client {socket.number + 1}: {error}") from error


def _late(socket: Socket, inbox: _Inbox, wanted: Wanted, within_s: float) -> Failed:
    asked = wanted.text if wanted.text is not None else wanted.match
    came = [f"came instead: {received.shown()[:200]}" for received in inbox.unread[:5]] or ["nothing came"]
    return Failed(f"Client {socket.number + 1} got nothing like {shown(asked)} within {within_s * 1000:.0f} ms.", details=came)
