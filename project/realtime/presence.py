"""Who is on a stream, over all processes. Soft state: each hub tells its own people, and is believed for 45 seconds."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from project.realtime.cursor import Cursor
from project.realtime.events import encode, user_to_wire

BELIEVED_S = 45
RENEW_S = 15
SHOWN = 50

Entry: TypeAlias = dict[str, Any]
"""One connection: {user: {id, username, kind}, viewing, joined (epoch seconds)}."""


def entries_of(cursors: Iterable[Cursor]) -> list[Entry]:
    """The entries of this hub's own connections."""
    return [
        {"user": user_to_wire(cursor.user), "viewing": str(cursor.viewing) if cursor.viewing else None, "joined": cursor.joined}
        for cursor in cursors
    ]


@dataclass
class Roster:
    """What is known of one stream's people: own connections are asked for, those of other hubs are told and expire."""

    others: dict[str, tuple[float, list[Entry]]] = field(default_factory=dict)
    is_dirty: bool = False
    sent_at: float = 0.0
    told_at: float = 0.0

    def hear(self, hub: str, entries: list[Entry]) -> None:
        """Another hub has told its people."""
        self.others[hub] = (time.monotonic() + BELIEVED_S, entries)
        self.is_dirty = True

    def expire(self) -> None:
        """Forget hubs that have been silent too long."""
        now = time.monotonic()
        for hub in [hub for hub, (until, _) in self.others.items() if until < now]:
            del self.others[hub]
            self.is_dirty = True

    def frame(self, own: Sequence[Entry]) -> str:
        """The presence frame: one entry per user, who came first first."""
        entries = [*own, *(entry for _, told in self.others.values() for entry in told)]
        users: dict[str, Entry] = {}
        for entry in sorted(entries, key=lambda each: (each["joined"], each["user"]["id"])):
            seen = users.setdefault(entry["user"]["id"], {**entry["user"], "connections": 0, "viewing": None})
            seen["connections"] += 1
            seen["viewing"] = entry["viewing"] or seen["viewing"]
        return encode({"type": "presence", "data": {"users": list(users.values())[:SHOWN], "total": len(users)}})
