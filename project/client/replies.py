"""The commands of a stream that wait for their replies."""

import asyncio

from project.client.errors import ClientError, NoReply, Refused
from project.client.frames import Json


class _Waiting:
    """A command without its reply yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reply: asyncio.Future[Json] = asyncio.get_running_loop().create_future()


class Replies:
    """Which replies are still to come, by the ref of their command."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    @property
    def texts(self) -> list[str]:
        """The commands without a reply, oldest first: a new connection has to be told of them again."""
        return [waiting.text for waiting in self._waiting.values()]

    def expect(self, ref: str, text: str) -> None:
        """From now on wait for the reply to the command `text`."""
        self._waiting[ref] = _Waiting(text)

    async def wait(self, name: str, ref: str, timeout_s: float) -> Json:
        """The data of the good reply to what is expected. Refused by a bad one, NoReply when none comes in time."""
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._waiting[ref].reply
        except TimeoutError as error:
            raise NoReply(name, ref, timeout_s) from error
        if not reply["ok"]:
            raise Refused(reply["error"])
        return dict(reply["data"])

    def forget(self, ref: str) -> None:
        """Expect no reply any more."""
        del self._waiting[ref]

    def take(self, frame: Json) -> None:
        """A reply has come; one that nobody waits for is dropped."""
        waiting = self._waiting.get(frame["ref"])
        if waiting is not None and not waiting.reply.done():
            waiting.reply.set_result(frame)

    def end(self, error: ClientError) -> None:
        """No reply comes any more: whoever waits gets this error."""
        for waiting in self._waiting.values():
            if not waiting.reply.done():
                waiting.reply.set_exception(error)
