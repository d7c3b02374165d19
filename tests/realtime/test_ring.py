"""The ring and the buckets: bounded, dense, exact."""

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from project.buckets import Buckets, TokenBucket
from project.realtime.cursor import AckWindow, fit
from project.realtime.log import Item
from project.realtime.ring import Ring


def items(first: int, sizes: list[int]) -> list[Item]:
    return [Item.of(first + index, "x" * size) for index, size in enumerate(sizes)]


@given(start=st.integers(0, 50), sizes=st.lists(st.integers(1, 40), max_size=30), after=st.integers(0, 90), limit=st.integers(1, 40))
def test_ring_gives_what_a_list_would(start: int, sizes: list[int], after: int, limit: int) -> None:
    with override_settings(WORKROOM_LIMITS={"ring_events": 8, "ring_bytes": 200}):
        ring, every = Ring(start), items(start + 1, sizes)
        for item in every:
            ring.append(item)
        assert ring.head == start + len(sizes)
        if ring.covers(after) and after <= ring.head:
            following = [item for item in every if item.seq > after]
            assert list(ring.slice(after, limit)) == following[:limit]
            assert ring.bytes_after(after) == sum(item.size for item in following)
        assert ring.size <= 200 or ring.head - ring.first == 0
        assert ring.head - ring.first + 1 <= 8


def test_ring_refuses_a_gap() -> None:
    ring = Ring(3)
    with pytest.raises(ValueError, match="Expected seq 4"):
        ring.append(Item.of(5, "x"))


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=20), room=st.integers(0, 200))
def test_batch_fits_its_room_but_for_a_single_first(sizes: list[int], room: int) -> None:
    batch = fit(items(1, sizes), room, is_first_free=True)
    assert len(batch) >= 1
    assert sum(item.size for item in batch) <= room or len(batch) == 1
    strict = fit(items(1, sizes), room, is_first_free=False)
    assert sum(item.size for item in strict) <= room


@given(st.lists(st.integers(1, 50), max_size=20), st.integers(0, 25))
def test_window_holds_what_is_not_acknowledged(sizes: list[int], acked: int) -> None:
    window, sent = AckWindow(), items(1, sizes)
    window.note_sent(sent)
    window.acknowledge(acked)
    assert window.size == sum(item.size for item in sent if item.seq > acked)


def test_bucket_lets_a_burst_through_and_then_its_pace() -> None:
    now = [0.0]
    bucket = TokenBucket(per_s=2, burst=3, clock=lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(0.5)
    now[0] = 0.5
    assert bucket.take() == 0
    assert bucket.take() > 0
    now[0] = 100
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() > 0


def test_buckets_forget_the_longest_unused() -> None:
    buckets = Buckets(most=2)
    assert buckets.take("a", per_s=0.001, burst=1) == 0
    assert buckets.take("a", per_s=0.001, burst=1) > 0
    buckets.take("b", per_s=1, burst=1)
    buckets.take("c", per_s=1, burst=1)
    assert buckets.take("a", per_s=0.001, burst=1) == 0
