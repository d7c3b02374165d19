"""How a service is reached: its port, and where it is proxied, the proxy's port before it."""

from typing import Literal

from agents.bench.errors import Refused
from agents.bench.processes.ports import claim, reserve
from agents.bench.processes.proxy import Cut, Proxy


class Door:
    """The ports of one service, the same for all its runs. A declared number is the one that clients use.

    Free ports are reserved at once, declared ones when the service is started for the first time.
    """

    def __init__(self, declared: Literal["auto"] | int, *, is_proxied: bool) -> None:
        self._declared = declared
        self._public = reserve() if declared == "auto" else None
        self._inner = reserve() if is_proxied else None
        self._proxy: Proxy | None = None

    @property
    def public(self) -> int:
        """The port that clients use."""
        return self._public.number if self._public else int(self._declared)

    @property
    def inner(self) -> int:
        """The port that the service itself listens on."""
        return self._inner.number if self._inner else self.public

    async def open(self) -> None:
        """Make the ports ready for a start of the service. Refused: one is taken, by whom."""
        if not self._public:
            self._public = claim(self.public)
        own = self._inner or self._public
        own.check_free()
        if self._inner and not self._proxy:
            self._public.check_free()
            self._proxy = Proxy(self.public, self.inner)
            await self._proxy.open()

    async def cut(self, how: Cut) -> None:
        """Cut what goes through the proxy."""
        await self._get_proxy().cut(how)

    def mend(self) -> None:
        """Let everything through again."""
        self._get_proxy().mend()

    async def close(self) -> None:
        """Close the proxy and let others have the ports."""
        if self._proxy:
            await self._proxy.close()
        for port in (self._public, self._inner):
            if port:
                port.close()

    def _get_proxy(self) -> Proxy:
        if not self._inner:
            raise Refused("Only the network of a service that is declared with proxied: true can be cut.")
        if not self._proxy:
            raise Refused("The network of a service can be cut once it has been started.")
        return self._proxy
