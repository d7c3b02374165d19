"""What keeps the client from doing what it was asked, by what one can do about it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

ENDINGS: Mapping[int, str] = {
    4500: "The server doesn't understand this client.",
    4501: "Not signed in, or the sign-in has ended.",
    4502: "This isn't here any more, or you have no access to it.",
    4503: "A frame was too large for the server.",
    4504: "You have too many connections open.",
}
"""Close codes after which a client must not come back by itself, in words (PROTOCOL §3, "Closing")."""


class ClientError(Exception):
    """Why the client can't do what it was asked; its text is meant for people."""


class Unreachable(ClientError):
    """Nobody answered, or somebody who isn't Workroom. Trying again may help."""


class NoReply(ClientError):
    """A command had no reply in time. Repeating it under the same `ref` is safe."""

    def __init__(self, command: str, ref: str, timeout_s: float) -> None:
        super().__init__(f"No reply to {command} within {timeout_s:g} s.")
        self.ref = ref


class Refused(ClientError):
    """The server's error object (PROTOCOL §2): `code`, `message`, and `fields` and `data` where it has any.

    `status` is the HTTP status, 0 when a socket said so.
    """

    def __init__(self, error: Mapping[str, Any], status: int = 0) -> None:
        self.status = status
        self.code: str = error["code"]
        self.message: str = error["message"]
        self.fields: Mapping[str, list[str]] = error.get("fields") or {}
        self.data: Mapping[str, Any] = error.get("data") or {}
        details = "; ".join(f"{path}: {' '.join(messages)}" for path, messages in self.fields.items())
        super().__init__(f"{self.message} ({self.code}{f'; {details}' if details else ''})")

    @property
    def may_pass(self) -> bool:
        """Whether the server is busy or in trouble, and may take the same again later."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def retry_after_s(self) -> float | None:
        """In how many seconds the server takes it again, where it says so."""
        return self.data.get("retry_after_s")


class Closed(ClientError):
    """The socket has ended for good: by a close `code` that forbids coming back, or because the client left (1000)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{ENDINGS.get(code, 'The connection was closed.')} ({code})")
        self.code = code
