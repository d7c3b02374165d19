"""Where a card or column goes, from the neighbours a command names. Pure: lists in, ranks out (PROTOCOL §3, "Places")."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

GAP = 65_536


@dataclass(frozen=True, order=True)
class Ranked:
    """A card or column in its order: by rank, then by id."""

    rank: int
    id: UUID


@dataclass(frozen=True)
class Place:
    """The neighbours a command names. `is_first` is `after: null`; nothing named means last."""

    after: UUID | None = None
    before: UUID | None = None
    is_first: bool = False

    @classmethod
    def of(cls, *, after: UUID | None, before: UUID | None, given: Collection[str]) -> "Place":
        """The place of a payload's fields; `given` names those that were sent."""
        return cls(after=after, before=before, is_first="after" in given and after is None)


@dataclass(frozen=True)
class Slot:
    """What `place` decided: the item's rank, and the new ranks of the others where the gaps had run out."""

    rank: int
    renumbered: Sequence[Ranked] = ()


def find_index(others: Sequence[Ranked], place: Place) -> int:
    """The index among `others` (in order, without the item itself) that `place` means; neighbours not among them are ignored."""
    ids = [item.id for item in others]
    if place.after in ids:
        return ids.index(place.after) + 1
    if place.before in ids:
        return ids.index(place.before)
    return 0 if place.is_first else len(others)


def rank_at(others: Sequence[Ranked], index: int) -> int | None:
    """A rank that puts an item at `index` of `others`; None when its neighbours leave no number between them."""
    if not others:
        return GAP
    if index == len(others):
        return others[-1].rank + GAP
    if index == 0:
        return others[0].rank - GAP
    low, high = others[index - 1].rank, others[index].rank
    return (low + high) // 2 if high - low > 1 else None


def renumber(items: Sequence[Ranked]) -> list[Ranked]:
    """The same order with ranks 65,536 · 1, 2, …"""
    return [Ranked(GAP * number, item.id) for number, item in enumerate(items, start=1)]


def put(items: Sequence[Ranked], item_id: UUID, place: Place) -> Slot | None:
    """The slot for `item_id` in a list it may be in already; None when it stands there now."""
    others = [item for item in items if item.id != item_id]
    index = find_index(others, place)
    if len(others) < len(items) and items[index].id == item_id:
        return None
    return _slot(items, others, item_id, index)


def insert(items: Sequence[Ranked], item_id: UUID, place: Place) -> Slot:
    """The slot for an item that is new in the list."""
    return _slot(items, items, item_id, find_index(items, place))


def put_back(items: Sequence[Ranked], item: Ranked) -> Slot:
    """The slot of an item that was away: its old rank, or right behind whatever took that rank meanwhile."""
    twins = [other for other in items if other.rank == item.rank]
    return _slot(items, items, item.id, items.index(max(twins)) + 1) if twins else Slot(item.rank)


def follow(items: Sequence[Ranked], coming: Sequence[UUID]) -> list[Ranked]:
    """`coming` in their order behind the last of `items`, one gap apart."""
    last = items[-1].rank if items else 0
    return [Ranked(last + GAP * number, item_id) for number, item_id in enumerate(coming, start=1)]


def _slot(items: Sequence[Ranked], others: Sequence[Ranked], item_id: UUID, index: int) -> Slot:
    """The slot at `index` of `others`, which are `items` without the item itself.

    Renumbering takes the whole list as it is before the move, the item's old place included: that is what clients do at
    `ranks_renumbered`, which precedes the move.
    """
    rank = rank_at(others, index)
    if rank is not None:
        return Slot(rank)
    fresh = renumber(items)
    rank = rank_at([item for item in fresh if item.id != item_id], index)
    if rank is None:
        raise AssertionError("freshly numbered neighbours have a gap between them")
    return Slot(rank, fresh)
