"""The clients of a broadcast: connected one after another, set up, and closed together."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from agents.bench.performance.declared import Broadcast
from agents.bench.performance.setup import set_up
from agents.bench.performance.sockets import Socket
from agents.bench.scripts.values import Values

_SCHEMES = {"http": "ws", "https": "wss"}


class Audience:
    """`async with Audience(plan, values)`: `readers` are the clients that are timed, in the order they connected; `values` are each one's.

    Those that read nothing connect in the middle, so that clients before and after them can be compared.
    """

    def __init__(self, plan: Broadcast, values: Sequence[Mapping[str, Any]]) -> None:
        self.plan = plan
        self.readers: list[Socket] = []
        self.values: dict[int, Mapping[str, Any]] = {}
        self._given = values
        self._sockets: list[Socket] = []

    async def __aenter__(self) -> Self:
        try:
            for number in range(self.plan.clients):
                await self._enter(number)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    async def _enter(self, number: int) -> None:
        plan = self.plan
        given = self._given[number] if number < len(self._given) else {}
        values = Values({"client": number + 1, **given})
        headers = {name: values.text(value) for name, value in plan.headers.items()}
        is_slow = number in slow_places(plan)
        socket = await Socket.open(number, _ws_url(values.text(plan.url)), headers, timeout_s=plan.timeout_s, is_slow=is_slow)
        self._sockets.append(socket)
        await set_up(socket, plan.setup, values)
        self.values[number] = {"client": number + 1, **given, **values.saved}
        if is_slow:
            socket.stop_reading()
        else:
            self.readers.append(socket)

    def _close(self) -> None:
        for socket in self._sockets:
            socket.close()


def _ws_url(url: str) -> str:
    """An address of HTTP is taken as one for WebSockets."""
    scheme, separator, rest = url.partition("://")
    return _SCHEMES.get(scheme, scheme) + separator + rest


def slow_places(plan: Broadcast) -> range:
    """The numbers of the clients that read nothing, counted from 0 in the order of connecting."""
    first = (plan.clients - plan.slow_clients) // 2
    return range(first, first + plan.slow_clients)
