"""The write transaction: dense numbers, commands done once, nothing half-written."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg.errors
import pytest
from django.db import OperationalError, connection

from project.accounts.models import User
from project.errors import AppError, Conflict, Forbidden, IdReused, NotFound, Unavailable
from project.ids import new_id
from project.realtime.bell import Bell
from project.realtime.change import Call, Change
from project.realtime.commands import Ask, CommandSpec, Reply, perform, perform_alone, share
from project.realtime.models import Command, Event, Stream
from project.realtime.snapshot import read_snapshot
from project.realtime.streams import StreamKey
from project.realtime.transaction import change, run_change
from tests.realtime.conftest import BOOM, NOTE, ROLES, Note, Noted, authorise, run_note

pytestmark = pytest.mark.django_db(transaction=True)

NoteFn = Callable[..., Reply]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Bell]:
    """Every bell that is rung."""
    bells: list[Bell] = []
    monkeypatch.setattr("project.realtime.transaction.ring", bells.extend)
    return bells


def test_events_of_a_command_are_numbered_densely(note: NoteFn, key: StreamKey) -> None:
    assert note(times=3)["seq"] == 3
    assert note(times=2)["seq"] == 5
    assert list(Event.objects.filter(stream_id=key.id).values_list("seq", flat=True)) == [1, 2, 3, 4, 5]


def test_stored_text_is_the_whole_envelope(note: NoteFn, key: StreamKey, alice: User) -> None:
    ref = uuid4()
    note("grüße", command_id=ref)
    row = Event.objects.get(stream_id=key.id)
    envelope = json.loads(row.text)
    assert envelope["type"] == "noted"
    assert envelope["seq"] == 1
    assert envelope["id"] == str(row.id)
    assert envelope["stream"] == f"board:{key.id}"
    assert envelope["actor"] == {"id": str(alice.id), "username": "alice", "kind": "human"}
    assert envelope["ref"] == str(ref)
    assert envelope["data"] == {"text": "grüße"}
    assert envelope["timestamp"] == pytest.approx(row.created.timestamp(), abs=0.001)


def test_refused_command_leaves_nothing(note: NoteFn, key: StreamKey) -> None:
    ref = uuid4()
    with pytest.raises(Conflict):
        note(command_id=ref, times=3, fails=True)
    assert not Event.objects.exists()
    assert not Command.objects.exists()
    assert Stream.objects.get(id=key.id).head == 0


def test_repeated_id_gives_the_stored_reply_and_does_nothing(note: NoteFn) -> None:
    ref = uuid4()
    first = note("once", command_id=ref)
    assert note("once", command_id=ref) == first
    assert Event.objects.count() == 1


def test_reused_id_with_another_body_is_refused(note: NoteFn) -> None:
    ref = uuid4()
    note("once", command_id=ref)
    with pytest.raises(IdReused):
        note("twice", command_id=ref)
    assert Event.objects.count() == 1


def test_ids_are_per_user(note: NoteFn, bob: User) -> None:
    ref = uuid4()
    note("mine", command_id=ref)
    assert note("his", command_id=ref, actor=bob)["seq"] == 2


def test_stored_reply_needs_access_now(note: NoteFn, alice: User, key: StreamKey) -> None:
    ref = uuid4()
    note(command_id=ref)
    del ROLES[alice.id, key.id]
    with pytest.raises(NotFound):
        note(command_id=ref)


def test_rights_are_checked(note: NoteFn, bob: User, charlie: User, key: StreamKey) -> None:
    ROLES[bob.id, key.id] = "viewer"
    with pytest.raises(Forbidden):
        note(actor=bob)
    with pytest.raises(NotFound):
        note(actor=charlie)


def test_key_makes_an_event_once(alice: User, key: StreamKey) -> None:
    def work(key_name: str) -> int | None:
        with change(Call(actor=alice, name="journal"), [key]) as ch:
            return ch.append(Noted(text="x"), key, key=key_name)

    assert work("step-1") == 1
    assert work("step-1") is None
    assert work("step-2") == 2


def test_large_event_is_cut(note: NoteFn, alice: User, key: StreamKey) -> None:
    run_change(Call(actor=alice, name="big"), [key], lambda ch: ch.append(Noted(text="x" * 200_000), key))
    assert json.loads(Event.objects.get().text)["data"]["text"] == "x" * 10


def test_missing_stream_is_not_found(alice: User) -> None:
    with pytest.raises(NotFound), change(Call(actor=alice, name="lost"), [StreamKey.board(new_id())]):
        pytest.fail("the change must not open")


def note_on(stream: StreamKey) -> Callable[[Change, UUID, Note], Reply]:
    """What a command does that notes on one stream, whatever its scope."""

    def run(ch: Change, scope: UUID, payload: Note) -> Reply:
        del scope
        ch.append(Noted(text=payload.text), stream)
        return {}

    return run


def in_thread(work: Callable[..., object], *args: object) -> None:
    """`work` on a thread that leaves no connection behind."""
    try:
        work(*args)
    finally:
        connection.close()


def test_concurrent_writers_and_repeats_leave_no_hole(note: NoteFn, key: StreamKey) -> None:
    """R1 and R3 in small: 8 threads, rollbacks between, every command sent twice."""
    refs = [[uuid4() for _ in range(6)] for _ in range(8)]
    failures: list[BaseException] = []

    def write(mine: list[UUID]) -> None:
        try:
            for ref in mine:
                with pytest.raises(Conflict):
                    note("no", fails=True)
                assert note(f"n{ref}", command_id=ref) == note(f"n{ref}", command_id=ref)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=in_thread, args=(write, mine)) for mine in (*refs, refs[0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 49))
    assert Stream.objects.get(id=key.id).head == 48
    times = list(Event.objects.order_by("seq").values_list("created", flat=True))
    assert times == sorted(times), "the clock is read under the lock"


def test_command_whose_streams_change_before_the_locks_takes_the_new_ones(alice: User, key: StreamKey) -> None:
    """As a hand-over does whose work session is stopped at that moment."""
    second = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(second))
    answers = iter([(key,), (second, key), (second, key)])
    moving = replace(NOTE, authorise=lambda user, scope, payload: next(answers), run=note_on(second))
    reply = perform(moving, actor=alice, payload=Note(text="moved"), scope=key.id, command_id=new_id())
    assert reply["seq"] == 1
    assert Event.objects.get().stream_id == second.id


def test_command_whose_streams_never_settle_is_put_off(alice: User, key: StreamKey) -> None:
    answers = iter([(key,), ()] * 9)
    restless = replace(NOTE, authorise=lambda user, scope, payload: next(answers))
    with pytest.raises(Unavailable):
        perform(restless, actor=alice, payload=Note(text="no"), scope=key.id, command_id=new_id())
    assert not Event.objects.exists()
    assert not Command.objects.exists()


def test_socket_of_one_stream_reaches_no_other(alice: User, key: StreamKey) -> None:
    """The stream of the socket is locked before rights are asked, once; what turns out to be elsewhere isn't found."""
    elsewhere = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(elsewhere))
    ROLES[alice.id, elsewhere.id] = "owner"
    asked: list[UUID] = []

    def authorise(user: User, scope: UUID, payload: Note) -> tuple[StreamKey, ...]:
        asked.append(scope)
        return (StreamKey.board(scope),)

    counted = replace(NOTE, authorise=authorise)
    perform(counted, actor=alice, payload=Note(text="here"), scope=key.id, command_id=new_id(), within=key)
    assert asked == [key.id]
    with pytest.raises(NotFound):
        perform(counted, actor=alice, payload=Note(text="there"), scope=elsewhere.id, command_id=new_id(), within=key)
    assert Event.objects.count() == 1


def test_command_that_checks_itself_confirms_its_streams_under_the_lock(alice: User, bob: User, key: StreamKey) -> None:
    """What it writes to elsewhere isn't found from a socket of this stream, and one that forgets to ask for the right does nothing."""
    elsewhere = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(elsewhere))
    ROLES[alice.id, elsewhere.id] = "owner"

    def check_and_note(ch: Change, scope: UUID, payload: Note) -> Reply:
        ch.confirm(authorise(ch.principal, scope, payload))
        return run_note(ch, scope, payload)

    itself = replace(NOTE, run=check_and_note, checks_itself=True)
    assert perform(itself, actor=alice, payload=Note(text="here"), scope=key.id, command_id=new_id(), within=key) == {
        "text": "here",
        "seq": 1,
    }
    with pytest.raises(NotFound):
        perform(itself, actor=alice, payload=Note(text="there"), scope=elsewhere.id, command_id=new_id(), within=key)
    with pytest.raises(AssertionError, match="without a right"):
        perform(replace(NOTE, checks_itself=True), actor=alice, payload=Note(text="no"), scope=key.id, command_id=new_id(), within=key)
    assert told() == ["here"]


def ask(user: User, key: StreamKey, text: str, command_id: UUID | None = None, spec: CommandSpec[Note] = NOTE, **more: Any) -> Ask[Note]:
    """A command as a socket of the stream asks for it."""
    return Ask(spec, user, Note(text=text, **more), scope=key.id, command_id=command_id or uuid4(), within=key)


def perform_together(asks: Sequence[Ask[Note]]) -> list[Reply | Exception]:
    """As a batch of a stream's sockets does it."""
    return [alone(ask) if outcome is None else outcome for ask, outcome in zip(asks, share(asks), strict=True)]


def alone(one: Ask[Note]) -> Reply | Exception:
    try:
        return perform_alone(one)
    except AppError as refusal:
        return refusal


def told() -> list[str]:
    return [json.loads(text)["data"]["text"] for text in Event.objects.order_by("seq").values_list("text", flat=True)]


def test_commands_done_together_are_those_done_one_by_one(alice: User, bob: User, key: StreamKey, rung: list[Bell]) -> None:
    """One bell for all; who is refused leaves nothing, not even the command's id, and stops nobody."""
    outcomes = perform_together(
        [ask(alice, key, "one"), ask(bob, key, "two", times=2), ask(alice, key, "no", fails=True), ask(bob, key, "three")]
    )
    assert [outcome if isinstance(outcome, dict) else type(outcome) for outcome in outcomes] == [
        {"text": "one", "seq": 1},
        {"text": "two", "seq": 3},
        Conflict,
        {"text": "three", "seq": 4},
    ]
    assert told() == ["one", "two", "two1", "three"]
    assert Stream.objects.get(id=key.id).head == 4
    assert Command.objects.count() == 3
    assert [[seq for seq, _ in bell.events] for bell in rung] == [[1, 2, 3, 4]]


def test_what_a_refused_one_had_written_is_undone(alice: User, key: StreamKey) -> None:
    """Rows too, not only events: those are kept back until the work is done."""
    written = StreamKey.board(new_id())

    def write_then_refuse(ch: Change, scope: UUID, payload: Note) -> Reply:
        del scope, payload
        ch.open_stream(written)
        raise Conflict

    refused, done = perform_together([ask(alice, key, "no", spec=replace(NOTE, run=write_then_refuse)), ask(alice, key, "yes")])
    assert isinstance(refused, Conflict)
    assert done == {"text": "yes", "seq": 1}
    assert not Stream.objects.filter(id=written.id).exists()


def test_rights_are_asked_for_each_of_those_done_together(alice: User, charlie: User, bob: User, key: StreamKey) -> None:
    ROLES[bob.id, key.id] = "viewer"
    outcomes = perform_together([ask(charlie, key, "no"), ask(bob, key, "neither"), ask(alice, key, "yes")])
    assert [type(outcome) for outcome in outcomes] == [NotFound, Forbidden, dict]
    assert told() == ["yes"]


def test_repeat_among_those_done_together_gets_the_stored_reply(alice: User, key: StreamKey) -> None:
    ref = uuid4()
    first, again, other = perform_together([ask(alice, key, "one", ref), ask(alice, key, "one", ref), ask(alice, key, "other", ref)])
    assert first == again == {"text": "one", "seq": 1}
    assert isinstance(other, IdReused)
    assert told() == ["one"]


def test_command_that_writes_elsewhere_too_is_done_alone(alice: User, key: StreamKey) -> None:
    second = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(second))
    wide = replace(NOTE, authorise=lambda user, scope, payload: (second, key), run=note_on(second))
    here, both = perform_together([ask(alice, key, "here"), ask(alice, key, "there", spec=wide)])
    assert (here, both) == ({"text": "here", "seq": 1}, {"seq": 1})
    assert list(Event.objects.values_list("stream_id", flat=True).order_by("created", "id")) == [key.id, second.id]


def test_defect_in_one_of_those_done_together_is_its_own(alice: User, key: StreamKey) -> None:
    broken, whole = perform_together([ask(alice, key, "no", spec=BOOM), ask(alice, key, "yes")])
    assert isinstance(broken, ZeroDivisionError)
    assert whole == {"text": "yes", "seq": 1}


def test_outage_is_told_to_all_those_done_together(alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("disk is full")

    monkeypatch.setattr("project.realtime.statements.move_head", full)
    outcomes = perform_together([ask(alice, key, "one"), ask(alice, key, "two")])
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    assert not Event.objects.exists()
    assert not Command.objects.exists()


def test_deleted_stream_refuses_all_those_done_together(alice: User, key: StreamKey) -> None:
    gone = StreamKey.board(new_id())
    ROLES[alice.id, gone.id] = "owner"
    outcomes = perform_together([ask(alice, gone, "one"), ask(alice, gone, "two")])
    assert [type(outcome) for outcome in outcomes] == [NotFound, NotFound]


def deadlocked(times: int) -> CommandSpec[Note]:
    """`note`, broken off by a deadlock the first `times` that its work is done, as PostgreSQL does it."""
    tries = iter(range(times))

    def run(ch: Change, scope: UUID, payload: Note) -> Reply:
        reply = run_note(ch, scope, payload)
        if next(tries, None) is not None:
            raise OperationalError("deadlock detected") from psycopg.errors.DeadlockDetected()
        return reply

    return replace(NOTE, run=run)


@pytest.mark.parametrize("times", [1, 2])
def test_deadlock_is_tried_again(alice: User, key: StreamKey, times: int) -> None:
    assert alone(ask(alice, key, "one", spec=deadlocked(times))) == {"text": "one", "seq": 1}
    assert told() == ["one"]


def test_third_deadlock_is_told_and_leaves_nothing(alice: User, key: StreamKey) -> None:
    assert isinstance(alone(ask(alice, key, "one", spec=deadlocked(3))), Unavailable)
    assert not Event.objects.exists()
    assert not Command.objects.exists()


def test_deadlock_among_those_done_together_is_nobodys(alice: User, key: StreamKey) -> None:
    outcomes = perform_together([ask(alice, key, "one"), ask(alice, key, "two", spec=deadlocked(2)), ask(alice, key, "three")])
    assert outcomes == [{"text": "one", "seq": 1}, {"text": "two", "seq": 2}, {"text": "three", "seq": 3}]
    assert told() == ["one", "two", "three"]


@pytest.mark.postgres
def test_changes_that_lock_each_other_out_are_both_done(alice: User, bob: User, key: StreamKey) -> None:
    """Each holds the row that the other one wants next."""
    other = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(other))
    both_hold = threading.Barrier(2)
    tries: list[StreamKey] = []

    def cross(stream: StreamKey, first: User, second: User) -> None:
        def work(ch: Change) -> None:
            tries.append(stream)
            is_crossing = len(tries) <= 2
            User.objects.filter(id=first.id).update(first_name="first")
            if is_crossing:
                both_hold.wait(5)
            User.objects.filter(id=second.id).update(first_name="second")
            ch.append(Noted(text="done"), stream)

        run_change(Call(actor=alice, name="cross"), [stream], work)

    ways = ((cross, key, alice, bob), (cross, other, bob, alice))
    threads = [threading.Thread(target=in_thread, args=way) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(tries) == 3
    assert set(Event.objects.values_list("stream_id", flat=True)) == {key.id, other.id}


def test_snapshot_reads_one_moment(note: NoteFn, key: StreamKey) -> None:
    note("before")
    with read_snapshot():
        assert Event.objects.count() == 1
        writer = threading.Thread(target=in_thread, args=(note, "meanwhile"))
        writer.start()
        writer.join(timeout=5)
        assert not writer.is_alive(), "a reader must not hold up a writer"
        assert Event.objects.count() == 1
    assert Event.objects.count() == 2
