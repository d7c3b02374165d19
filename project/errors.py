"""What may go wrong and be told: one class per error code of PROTOCOL §2.

REST, sockets and agent tools translate them, each in one place.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

Fields = Mapping[str, Sequence[str]]


class AppError(Exception):
    """A refusal the client is told about; anything else that is raised is a defect and becomes `internal`."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    default_message: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self,
        message: str = "",
        *,
        fields: Fields | None = None,
        data: Mapping[str, object] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.fields = fields
        self.data = data
        self.retry_after_s = retry_after_s
        super().__init__(self.message)

    def to_wire(self) -> dict[str, object]:
        """The error object of PROTOCOL §2: `code`, `message`, and `fields` and `data` where there are any."""
        wire: dict[str, object] = {"code": self.code, "message": self.message}
        if self.fields:
            wire["fields"] = {path: list(messages) for path, messages in self.fields.items()}
        data = dict(self.data or {})
        if self.retry_after_s is not None:
            data["retry_after_s"] = self.retry_after_s
        if data:
            wire["data"] = data
        return wire


class Invalid(AppError):
    code, status, default_message = "invalid", 400, "This isn't valid."


class NotAuthenticated(AppError):
    code, status, default_message = "not_authenticated", 401, "Sign in first."


class Forbidden(AppError):
    code, status, default_message = "forbidden", 403, "You can read this but not change it."


class NotFound(AppError):
    code, status, default_message = "not_found", 404, "This isn't here any more, or you have no access to it."


class MethodNotAllowed(AppError):
    code, status, default_message = "method_not_allowed", 405, "This address doesn't take that method."


class StaleVersion(AppError):
    code, status, default_message = "stale_version", 409, "This was changed a moment ago. Look at the current state and try again."


class AlreadyAnswered(AppError):
    code, status, default_message = "already_answered", 409, "Somebody answered this first."


class RequestChanged(AppError):
    code, status, default_message = "request_changed", 409, "This request has changed. Read it again."


class WipLimit(AppError):
    code, status, default_message = "wip_limit", 409, "The column is full."


class Busy(AppError):
    code, status, default_message = "busy", 409, "A run is already active here."


class Conflict(AppError):
    code, status, default_message = "conflict", 409, "This can't be done in the current state."


class Reset(AppError):
    code, status, default_message = "reset", 409, "Load the snapshot and go on from there."


class TooLarge(AppError):
    code, status, default_message = "too_large", 413, "That's too large."


class UnsupportedMediaType(AppError):
    code, status, default_message = "unsupported_media_type", 415, "Send JSON (Content-Type: application/json)."


class IdReused(AppError):
    code, status, default_message = "id_reused", 422, "This id was used for a different command."


class RateLimited(AppError):
    code, status, default_message = "rate_limited", 429, "Too fast. Wait a moment."


class Internal(AppError):
    """A defect, told by its reference only."""


class Unavailable(AppError):
    code, status, default_message = "unavailable", 503, "The server is busy. Try again in a moment."
