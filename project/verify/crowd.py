"""Many users who ask agents at once: each one's events judged, and nobody given anything of anybody else's."""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from agents.contract.figures import Spread, spread_of
from agents.contract.validator import EventReport, Expected, validate_events
from project.client import Account, ClientError, Closed, Event, Refused
from project.verify.capture import Listener, Place, clear_place, make_place
from project.wire import WireObject

MESSAGE = "List the cards without an assignee."
"""A question that the rules answer by a tool, and whose answer names the user's own card."""

DELIVERY_MS = 100.0
REJOIN_MS = 3_000.0
# Hashing a password takes the server a while on purpose.
_SIGN_UPS_AT_ONCE = 5
_SETTLED = ("run_started", "agent_started")


@dataclass(frozen=True)
class Plan:
    """What is done, and as whom: with a username all sessions are that account's, else each user signs up."""

    url: str
    users: int = 10
    runs: int = 2
    message: str = MESSAGE
    username: str = ""
    password: str = ""
    token: str = ""

    @property
    def is_one_account(self) -> bool:
        return bool(self.username or self.token)


class UserResult(WireObject):
    """What one user got. `missed` events are in the log and didn't come, `mixed` came and are somebody else's."""

    user: str
    ok: bool
    problem: str | None
    report: EventReport
    missed: int
    mixed: int
    rejoined_ms: list[float]
    clock_ms: float


class CrowdResult(WireObject):
    """All users together. Delivery and return are judged by the marks 100 ms (median) and 3 s."""

    ok: bool
    users: list[UserResult]
    runs: int
    events: int
    faults: int
    missed: int
    mixed: int
    delivery: Spread | None
    rejoined: Spread | None
    seconds: float


@dataclass
class CheckedUser:
    """A user on the way: `log` is what the server holds at the end, `is_let_in_elsewhere` whether another user's session opened."""

    account: Account
    place: Place
    listener: Listener | None = None
    problem: str | None = None
    log: Sequence[Event] = ()
    is_let_in_elsewhere: bool = False


async def verify(plan: Plan) -> CrowdResult:
    """Do it, take everything away again, and judge. ClientError when it can't even begin."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        users = await _arrive(plan, stack)
        await asyncio.gather(*(_work(plan, user) for user in users))
        if not plan.is_one_account:
            await asyncio.gather(*(_try_door(user, users[place - 1]) for place, user in enumerate(users)))
        await asyncio.gather(*(_leave(plan, user) for user in users))
    return _judge(plan, users, time.monotonic() - began)


async def _arrive(plan: Plan, stack: AsyncExitStack) -> list[CheckedUser]:
    """Everybody signed in, with a place of their own."""
    marks = [secrets.token_hex(5) for _ in range(plan.users)]
    if plan.is_one_account:
        one = await (Account.by_token(plan.url, plan.token) if plan.token else Account.sign_in(plan.url, plan.username, plan.password))
        accounts = [await stack.enter_async_context(one)] * plan.users
    else:
        few = asyncio.Semaphore(_SIGN_UPS_AT_ONCE)
        new = await asyncio.gather(*(_sign_up(plan.url, mark, few) for mark in marks))
        accounts = [await stack.enter_async_context(account) for account in new]
    places = await asyncio.gather(*(make_place(account, mark) for account, mark in zip(accounts, marks, strict=True)))
    return [CheckedUser(account, place) for account, place in zip(accounts, places, strict=True)]


async def _sign_up(url: str, mark: str, few: asyncio.Semaphore) -> Account:
    async with few:
        return await Account.sign_up(url, f"verify-{mark}", secrets.token_urlsafe(24))


async def _work(plan: Plan, user: CheckedUser) -> None:
    """All runs of one user, one after another; in the last one the connection is broken on the way."""
    try:
        async with user.account.follow(user.place.path, after=0) as stream:
            user.listener = listener = Listener(stream)
            for number in range(1, plan.runs + 1):
                run = await listener.ask(plan.message)
                if number == plan.runs:
                    await listener.until(lambda event: event.type in _SETTLED)
                    await listener.rejoin()
                await listener.run_end(run)
            user.log = [event async for event in user.account.log(user.place.path)]
            await _catch_up(listener, user.log)
    except TimeoutError:
        user.problem = "A run wasn't over in time, or the connection didn't come back."
    except (ClientError, StopAsyncIteration) as error:
        user.problem = str(error) or "The connection has ended."


async def _catch_up(listener: Listener, log: Sequence[Event]) -> None:
    """Take what the log has beyond the run's end."""
    captured = listener.capture.events
    while captured[-1].seq < log[-1].seq:
        await listener.until(lambda event: event.seq >= log[-1].seq)


async def _try_door(user: CheckedUser, other: CheckedUser) -> None:
    """Another user's work session must not open."""
    if user is other:
        return
    with suppress(Closed):
        async with user.account.follow(other.place.path, after=0):
            user.is_let_in_elsewhere = True
    with suppress(Refused):
        await user.account.get(f"{other.place.path}/events/")
        user.is_let_in_elsewhere = True


async def _leave(plan: Plan, user: CheckedUser) -> None:
    with suppress(ClientError):
        await clear_place(user.account, user.place)
        if not plan.is_one_account:
            await user.account.sign_out()


def _judge(plan: Plan, users: Sequence[CheckedUser], seconds: float) -> CrowdResult:
    results = [judge_user(user, [other.place.mark for other in users if other is not user]) for user in users]
    captures = [user.listener.capture for user in users if user.listener]
    late = [capture.arrivals[event.seq] + capture.clock_s - event.timestamp for capture in captures for event in capture.events
            if event.seq in capture.arrivals]  # fmt: skip
    delivery, rejoined = spread_of(late), spread_of([each for capture in captures for each in capture.rejoined_s])
    is_soon = (delivery is None or delivery.p50 <= DELIVERY_MS) and (rejoined is None or rejoined.max <= REJOIN_MS)
    return CrowdResult(
        ok=all(result.ok for result in results) and is_soon,
        users=results,
        runs=sum(len(result.report.figures.runs) for result in results),
        events=sum(result.report.events for result in results),
        faults=sum(result.report.fault_count for result in results),
        missed=sum(result.missed for result in results),
        mixed=sum(result.mixed for result in results),
        delivery=delivery,
        rejoined=rejoined,
        seconds=round(seconds, 2),
    )


def judge_user(user: CheckedUser, other_marks: Sequence[str]) -> UserResult:
    """What this user got, against the contract, the log, and what only others have."""
    capture = user.listener.capture if user.listener else None
    frames = capture.frames() if capture else []
    report = validate_events(frames, Expected(f"session:{user.place.session}", after=0, is_over=True))
    came = {event.id for event in capture.events} if capture else set()
    missed = sum(1 for event in user.log if event.id not in came)
    mixed = sum(1 for frame in frames if _is_of_others(frame, user.place, other_marks))
    problem = user.problem or (f"Lacks {', '.join(report.lacking)}." if report.lacking else None)
    problem = "Was let in elsewhere." if user.is_let_in_elsewhere else problem
    return UserResult(
        user=user.account.user.username,
        ok=report.ok and not (problem or missed or mixed),
        problem=problem,
        report=report,
        missed=missed,
        mixed=mixed,
        rejoined_ms=[round(each * 1000, 1) for each in capture.rejoined_s] if capture else [],
        clock_ms=round(capture.clock_s * 1000, 1) if capture else 0.0,
    )


def _is_of_others(frame: dict[str, object], place: Place, other_marks: Sequence[str]) -> bool:
    """Whether an event is of another stream, or names what only another user has."""
    text = json.dumps(frame)
    return frame["stream"] != f"session:{place.session}" or any(mark in text for mark in other_marks)
