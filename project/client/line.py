"""The way to a server's sockets: the address, who is calling, and how a connection has ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake

from project.client.errors import ClientError, Refused, Unreachable

if TYPE_CHECKING:
    from project.client.account import Account

BROKEN, LEFT = 1006, 1000
_FRAME_BYTES = 2**20


@dataclass(frozen=True)
class Ending:
    """How a connection ended; `error` when none came about."""

    code: int = BROKEN
    reason: str = ""
    error: ClientError | None = None


class Line:
    """Calls a server in an account's name: by bearer token, or by a single-use ticket for each call."""

    def __init__(self, account: "Account", *, by_ticket: bool) -> None:
        self.account = account
        self._by_ticket = by_ticket

    async def call(self, path: str, query: dict[str, str]) -> ClientConnection:
        """A connection to the socket at `path`; Unreachable when none comes about now, Refused when there is no ticket to be had."""
        headers = {} if self._by_ticket else {"Authorization": f"Bearer {self.account.token}"}
        try:
            if self._by_ticket:
                query = {**query, "ticket": await self.account.ticket()}
            address = f"{self.account.url.rstrip('/').replace('http', 'ws', 1)}/ws/{path}/?{urlencode(query)}"
            return await connect(address, additional_headers=headers, max_size=_FRAME_BYTES, ping_interval=None)
        except (OSError, InvalidHandshake, Unreachable, Refused) as error:
            if isinstance(error, Refused) and not error.may_pass:
                raise
            raise Unreachable(f"{self.account.url} can't be reached ({str(error) or type(error).__name__}).") from error
