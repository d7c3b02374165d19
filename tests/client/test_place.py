"""A client's place, its acknowledgements and its waiting, as plain functions."""

import pytest

from project.client.frames import Event, read_event
from project.client.place import ACK_BYTES, ACK_EVENTS, ACK_QUIET_S, Acks, Place, reconnect_delay, retry_of
from tests.client.peer import event


def events(*numbers: int) -> list[Event]:
    return [read_event(event(number)) for number in numbers]


@pytest.mark.parametrize(
    ("came", "taken", "has_gap"),
    [((4, 5, 6), [4, 5, 6], False), ((2, 3, 4), [4], False), ((4, 6, 7), [4], True), ((1, 2, 3), [], False), ((), [], False)],
)
def test_place_drops_repeats_and_stops_at_a_gap(came: tuple[int, ...], taken: list[int], has_gap: bool) -> None:
    place = Place(3, "one")
    fresh, gap = place.take(events(*came))
    assert ([each.seq for each in fresh], gap) == (taken, has_gap)
    assert place.seq == (taken[-1] if taken else 3)


def test_acknowledged_by_number_by_size_and_after_quiet() -> None:
    acks = Acks()
    acks.note(1, 10, now=0.0)
    assert not acks.is_due(ACK_QUIET_S - 0.1)
    assert acks.is_due(ACK_QUIET_S)
    for seq in range(2, ACK_EVENTS + 1):
        acks.note(seq, 10, now=0.0)
    assert acks.is_due(0.0)
    assert acks.take() == ACK_EVENTS
    assert not acks.is_due(100.0)
    acks.note(ACK_EVENTS + 1, ACK_BYTES, now=0.0)
    assert acks.is_due(0.0)


def test_delay_stays_under_its_ceiling() -> None:
    assert all(reconnect_delay(0, None) <= 0.5 for _ in range(100))
    assert all(reconnect_delay(1000, None) <= 10.0 for _ in range(100))
    assert max(reconnect_delay(9, None) for _ in range(100)) > 1.0, "no jitter would come so high"
    assert all(reconnect_delay(9, 300) <= 0.3 for _ in range(100))


@pytest.mark.parametrize(
    ("reason", "ms"), [('{"code":"going_away","retry_ms":250}', 250), ('{"code":"x"}', None), ("", None), ("[]", None)]
)
def test_retry_is_read_from_the_reason(reason: str, ms: int | None) -> None:
    assert retry_of(reason) == ms
