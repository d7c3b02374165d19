"""How many connections this process holds, in all and per user: sockets and event streams alike."""

from collections import Counter
from uuid import UUID

from project.limits import limits

_by_user: Counter[UUID] = Counter()
_totals = {"ended": 0}


def take_place(user_id: UUID) -> bool:
    """Count one more connection of this user; False, and nothing counted, when there are too many."""
    if _by_user[user_id] >= limits().sockets_per_user or _by_user.total() >= limits().sockets_per_process:
        return False
    _by_user[user_id] += 1
    return True


def give_place_back(user_id: UUID) -> None:
    """A connection that was counted has ended."""
    _totals["ended"] += 1
    _by_user[user_id] -= 1
    if _by_user[user_id] <= 0:
        del _by_user[user_id]


def count() -> int:
    """All connections of this process."""
    return _by_user.total()


def ended() -> int:
    """How many connections of this process have ended since it started."""
    return _totals["ended"]
