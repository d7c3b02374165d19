"""Which streams there are and who may see them. Each kind is registered by the app whose objects it tells about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from project.accounts.models import User
from project.realtime.models import Stream

Kind: TypeAlias = Literal["board", "session"]
Role: TypeAlias = Literal["owner", "editor", "viewer"]
Access: TypeAlias = Callable[[User, UUID], Role]

_access: dict[str, Access] = {}


@dataclass(frozen=True, order=True)
class StreamKey:
    """Names a stream; `str()` gives the wire form `board:<uuid>`."""

    id: UUID
    kind: Kind

    @classmethod
    def board(cls, board_id: UUID) -> "StreamKey":
        return cls(board_id, "board")

    @classmethod
    def session(cls, session_id: UUID) -> "StreamKey":
        return cls(session_id, "session")

    @classmethod
    def of(cls, stream: Stream) -> "StreamKey":
        """The key of a stream row."""
        return cls.board(stream.id) if stream.kind == Stream.Kind.BOARD else cls.session(stream.id)

    @property
    def snapshot_path(self) -> str:
        return f"/api/{self.kind}s/{self.id}/snapshot/"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def register_kind(kind: Kind, access: Access) -> None:
    """Say how access to streams of `kind` is decided: `access(user, id)` gives the role or raises NotFound."""
    _access[kind] = access


def access_stream(user: User, key: StreamKey) -> Role:
    """The role of `user` on the stream; NotFound without one."""
    return _access[key.kind](user, key.id)
