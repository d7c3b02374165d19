"""The pure order of cards and columns: places as PROTOCOL §3 words them, and a machine that compares ranks with plain lists."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from boards.ordering import GAP, Place, Ranked, Slot, find_index, follow, insert, put, put_back, rank_at, renumber

A, B, C, X, ELSEWHERE = (UUID(int=number) for number in range(1, 6))
ABC = [Ranked(GAP, A), Ranked(2 * GAP, B), Ranked(3 * GAP, C)]


@pytest.mark.parametrize(
    ("place", "index"),
    [
        (Place(before=B), 1),
        (Place(after=B), 2),
        (Place(is_first=True), 0),
        (Place(), 3),
        (Place(before=X), 3),
        (Place(after=ELSEWHERE), 3),
        (Place(after=ELSEWHERE, before=B), 1),
        (Place(after=A, before=B), 1),
        (Place(before=C, is_first=True), 2),
        (Place(before=ELSEWHERE, is_first=True), 0),
    ],
)
def test_place_means_an_index(place: Place, index: int) -> None:
    assert find_index(ABC, place) == index


@pytest.mark.parametrize(
    ("after", "before", "given", "place"),
    [
        (None, None, {"after"}, Place(is_first=True)),
        (None, None, {"before"}, Place()),
        (None, None, {"after", "before"}, Place(is_first=True)),
        (None, None, set(), Place()),
        (A, None, {"after"}, Place(after=A)),
        (None, B, {"before", "after"}, Place(before=B, is_first=True)),
    ],
)
def test_absent_and_null_neighbours_differ(after: UUID | None, before: UUID | None, given: set[str], place: Place) -> None:
    assert Place.of(after=after, before=before, given=given) == place


def test_neighbour_that_is_the_item_itself_is_ignored() -> None:
    assert put(ABC, A, Place(after=A)) == Slot(4 * GAP)


@pytest.mark.parametrize(("item", "place"), [(A, Place(is_first=True)), (B, Place(after=A)), (B, Place(before=C)), (C, Place())])
def test_standing_there_already_is_no_move(item: UUID, place: Place) -> None:
    assert put(ABC, item, place) is None


def test_first_into_an_empty_list_gets_one_gap() -> None:
    assert insert([], X, Place(is_first=True)) == Slot(GAP)


def test_full_gap_renumbers_the_list_as_it_stands_before_the_move() -> None:
    tight = [Ranked(7, A), Ranked(8, B), Ranked(9, C)]
    slot = put(tight, C, Place(after=A))
    assert slot == Slot(GAP + GAP // 2, [Ranked(GAP, A), Ranked(2 * GAP, B), Ranked(3 * GAP, C)])


def test_equal_ranks_are_in_order_of_id_and_leave_no_room() -> None:
    assert rank_at([Ranked(5, A), Ranked(5, B)], 1) is None


def test_item_that_was_away_takes_its_rank_again() -> None:
    assert put_back([ABC[0], ABC[2]], ABC[1]) == Slot(2 * GAP)


def test_item_that_was_away_goes_behind_who_took_its_rank() -> None:
    slot = put_back([Ranked(GAP, A), Ranked(2 * GAP, X), Ranked(3 * GAP, C)], ABC[1])
    assert slot == Slot(2 * GAP + GAP // 2)


def test_five_thousand_inserts_into_one_gap_never_run_out() -> None:
    items = [Ranked(GAP, UUID(int=1)), Ranked(2 * GAP, UUID(int=2))]
    renumberings = 0
    for number in range(3, 5_003):
        slot = insert(items, UUID(int=number), Place(after=UUID(int=1)))
        if slot.renumbered:
            renumberings += 1
            items = list(slot.renumbered)
        items.insert(1, Ranked(slot.rank, UUID(int=number)))
    assert [item.id.int for item in items] == [1, *range(5_002, 2, -1), 2]
    assert items == sorted(items)
    assert 0 < renumberings < 5_000 / 15


COLUMNS = ("to do", "doing", "done")


class CardOrder(RuleBasedStateMachine):
    """Cards in columns, once as plain lists and once as ranks."""

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, list[UUID]] = {}
        self.ranks: dict[str, list[Ranked]] = {}
        self.away: list[tuple[str, Ranked]] = []
        self.made = 0

    @initialize()
    def start(self) -> None:
        self.lists = {name: [] for name in COLUMNS}
        self.ranks = {name: [] for name in COLUMNS}

    def _place(self, data: st.DataObject) -> Place:
        """Any place: beside a card of this column, of another, or of none."""
        ids = [card for cards in self.lists.values() for card in cards] or [ELSEWHERE]
        kind = data.draw(st.sampled_from(["before", "after", "first", "last"]))
        neighbour = data.draw(st.sampled_from([*ids, ELSEWHERE]))
        places = {
            "before": Place(before=neighbour),
            "after": Place(after=neighbour),
            "first": Place(is_first=True),
            "last": Place(),
        }
        return places[kind]

    @staticmethod
    def _put_in_list(cards: list[UUID], card: UUID, place: Place) -> list[UUID]:
        """What the words of PROTOCOL mean for a plain list that doesn't hold the card."""
        if place.after in cards:
            return [each for other in cards for each in ((other, card) if other == place.after else (other,))]
        if place.before in cards:
            return [each for other in cards for each in ((card, other) if other == place.before else (other,))]
        return [card, *cards] if place.is_first else [*cards, card]

    def _take(self, column: str, card: UUID, slot: Slot) -> None:
        items = list(slot.renumbered) or self.ranks[column]
        self.ranks[column] = sorted([*(item for item in items if item.id != card), Ranked(slot.rank, card)])

    @rule(data=st.data(), column=st.sampled_from(COLUMNS))
    def add(self, data: st.DataObject, column: str) -> None:
        self.made += 1
        card = UUID(int=1_000 + self.made)
        place = self._place(data)
        self._take(column, card, insert(self.ranks[column], card, place))
        self.lists[column] = self._put_in_list(self.lists[column], card, place)

    @precondition(lambda self: any(self.lists.values()))
    @rule(data=st.data(), column=st.sampled_from(COLUMNS))
    def move(self, data: st.DataObject, column: str) -> None:
        card = data.draw(st.sampled_from([card for cards in self.lists.values() for card in cards]))
        source = next(name for name, cards in self.lists.items() if card in cards)
        place = self._place(data)
        slot = put(self.ranks[column], card, place)
        before = list(self.lists[column])
        self.lists[source] = [other for other in self.lists[source] if other != card]
        self.lists[column] = self._put_in_list(self.lists[column], card, place)
        assert (slot is None) == (self.lists[column] == before)
        if slot is not None:
            self.ranks[source] = [item for item in self.ranks[source] if item.id != card or source == column]
            self._take(column, card, slot)

    @precondition(lambda self: any(self.lists.values()))
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        column = data.draw(st.sampled_from([name for name, cards in self.lists.items() if cards]))
        item = data.draw(st.sampled_from(self.ranks[column]))
        self.ranks[column].remove(item)
        self.lists[column].remove(item.id)
        self.away.append((column, item))

    @precondition(lambda self: self.away)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        column, item = self.away.pop(data.draw(st.integers(0, len(self.away) - 1)))
        smaller = [other.id for other in self.ranks[column] if other.rank <= item.rank]
        slot = put_back(self.ranks[column], item)
        self._take(column, item.id, slot)
        self.lists[column].insert(len(smaller), item.id)

    @rule(column=st.sampled_from(COLUMNS), into=st.sampled_from(COLUMNS))
    def empty_into(self, column: str, into: str) -> None:
        if column == into:
            return
        self.ranks[into] += follow(self.ranks[into], self.lists[column])
        self.lists[into] += self.lists[column]
        self.ranks[column], self.lists[column] = [], []

    @rule(column=st.sampled_from(COLUMNS))
    def squeeze(self, column: str) -> None:
        """Leave no gaps, so that the next insert has to renumber."""
        self.ranks[column] = [Ranked(number, item.id) for number, item in enumerate(self.ranks[column])]

    @rule(column=st.sampled_from(COLUMNS))
    def renumber(self, column: str) -> None:
        self.ranks[column] = renumber(self.ranks[column])

    @invariant()
    def ranks_say_what_the_lists_say(self) -> None:
        assert {name: [item.id for item in items] for name, items in self.ranks.items()} == self.lists

    @invariant()
    def ranks_are_unique_and_ascending(self) -> None:
        for items in self.ranks.values():
            ranks = [item.rank for item in items]
            assert ranks == sorted(set(ranks))


CardOrder.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
TestCardOrder = CardOrder.TestCase
