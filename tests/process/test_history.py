"""The judge of histories accepts a clean one and finds each seeded fault."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.process.history import History, Sent, Witness, fold_cards


def clean() -> History:
    log = [{"seq": seq, "id": f"id-{seq}", "ref": f"ref-{seq}", "type": "noted", "data": {}} for seq in range(1, 9)]
    sent = [Sent("ann" if seq % 2 else "ben", f"ref-{seq}", seq) for seq in range(1, 9)]
    witnesses = [Witness("all", 0, deepcopy(log)), Witness("late", 3, deepcopy(log[3:]))]
    return History(log, witnesses, [*sent, Sent("ben", "ref-refused", None)])


def lose_from_log(history: History) -> None:
    del history.log[4]  # type: ignore[attr-defined]  # the faults spoil lists that are read-only to the judge


def double_in_log(history: History) -> None:
    history.log.append({**history.log[2], "seq": 9})  # type: ignore[attr-defined]  # see above
    for witness in history.witnesses:
        witness.applied.append(history.log[-1])


def lose_at_client(history: History) -> None:
    del history.witnesses[0].applied[5]


def double_at_client(history: History) -> None:
    history.witnesses[1].applied.insert(1, history.witnesses[1].applied[0])


def reorder_at_client(history: History) -> None:
    history.witnesses[0].applied[2:4] = reversed(history.witnesses[0].applied[2:4])


def invent_at_client(history: History) -> None:
    history.witnesses[0].applied.append({"seq": 9, "id": "id-9", "ref": None, "type": "noted", "data": {}})


def change_at_client(history: History) -> None:
    history.witnesses[1].applied[0]["data"]["text"] = "other"


def stop_short(history: History) -> None:
    history.witnesses[1].applied.pop()


def lose_acknowledged(history: History) -> None:
    history.sent.append(Sent("zoe", "ref-lost", 8))  # type: ignore[attr-defined]  # see above


def do_refused(history: History) -> None:
    history.sent.append(Sent("zoe", "ref-3", None))  # type: ignore[attr-defined]  # see above


def tell_wrong_seq(history: History) -> None:
    history.sent[-2] = Sent("ben", "ref-8", 7)  # type: ignore[index]  # see above


def overtake(history: History) -> None:
    history.sent[0], history.sent[2] = history.sent[2], history.sent[0]  # type: ignore[index]  # see above


FAULTS: list[Callable[[History], None]] = [
    *(lose_from_log, double_in_log, lose_at_client, double_at_client, reorder_at_client, invent_at_client),
    *(change_at_client, stop_short, lose_acknowledged, do_refused, tell_wrong_seq, overtake),
]


def test_clean_history_has_no_problems() -> None:
    assert clean().problems() == []


@pytest.mark.parametrize("spoil", FAULTS)
def test_seeded_fault_is_found(spoil: Callable[[History], None]) -> None:
    history = clean()
    spoil(history)
    assert history.problems()


def test_fold_follows_a_renumbering() -> None:
    cards = [{"id": name, "column": "todo", "rank": rank, "version": 1} for name, rank in (("b", 7), ("a", 7), ("c", 9))]
    created = [{"type": "card_created", "data": {"card": card}} for card in cards]
    events = [*created, {"type": "ranks_renumbered", "data": {"column": "todo"}}]
    assert fold_cards(events) == {"a": ("todo", 65_536, 1), "b": ("todo", 131_072, 1), "c": ("todo", 196_608, 1)}
