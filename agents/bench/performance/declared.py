"""What a file may say of measurements: what is timed, how often, and with how many at once."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agents.bench.files import Section
from agents.bench.scripts.steps import Expect, Send, Step, ValueName

Count = Annotated[int, Field(ge=1, le=100_000)]

_MOST_DELIVERIES = 2_000_000


class _Measured(Section):
    """`warm_up` is what goes before and isn't counted; `repeats` are rounds whose spread gives the confidence."""

    warm_up: Annotated[int, Field(ge=0, le=10_000)] = 5
    repeats: Annotated[int, Field(ge=1, le=50)] = 3
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30


class Http(_Measured):
    """Requests to one address. `rate` (requests/s) spaces them out, else `concurrency` clients go on as fast as answers come.

    At a rate the time of a request begins when it was due: one that waits because all clients are busy has waited.
    `url`, `headers` and `body` may use {n}, the request's number, and the values of `prepare`.
    """

    kind: Literal["http"] = "http"
    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    status: int = 200
    requests: Count = 200
    concurrency: Annotated[int, Field(ge=1, le=500)] = 10
    rate: Annotated[float, Field(gt=0, le=10_000)] | None = None


def _check_pattern(pattern: str) -> str:
    """The pattern, as it is looked for: in bytes. ValueError where it can't be, or doesn't say what {found} is."""
    try:
        groups = re.compile(pattern.encode()).groups
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression for bytes: {error}") from error
    if groups > 1:
        raise ValueError(f"{pattern!r} has {groups} groups: {{found}} is one; write the others as (?:…)")
    return pattern


class Acknowledge(Section):
    """What clients answer on their own: after each `every` matches of `pattern` (a regular expression) they send `send`,
    with {found} the newest match's group.
    """

    pattern: Annotated[str, AfterValidator(_check_pattern)]
    send: Any
    every: Count = 1


class Broadcast(_Measured):
    """Clients of one WebSocket address: `messages` are sent, each must reach all clients. A sample is the time from a message's send
    to one client's receipt, the sender's own included; "to all" is the time to the last receipt.

    `send` is the message, with {n} as its number, {id} as an id nobody else has, {client} as the sender's number, the values of
    `prepare` and `before`, a value of `cycle` that changes every turn, and one of `deal`, dealt out to the clients in turn.
    A receipt is a message that contains `marker` (with the same {n} or {id}), and `only` where it is given: what lacks it isn't
    looked at.
    `senders` of the `clients` take turns; "all" sends from everybody at once. The next goes out `pace_ms` after all have the last.
    `before` are scenario steps (agents/bench/scripts) for each client before it connects, `setup` are steps after, of the one
    client "me": send and expect. `slow_clients` of the `clients` read nothing: they don't send and are not waited for, and
    must delay nobody.
    """

    kind: Literal["broadcast"] = "broadcast"
    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    clients: Annotated[int, Field(ge=2, le=2_000)] = 10
    slow_clients: Annotated[int, Field(ge=0, le=100)] = 0
    messages: Count = 50
    senders: Literal["one", "each", "all"] = "one"
    pace_ms: Annotated[float, Field(ge=0, le=10_000)] = 20
    send: Any
    marker: str
    only: str = ""
    cycle: dict[ValueName, Any] = Field(default_factory=dict)
    deal: dict[ValueName, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)
    acknowledge: Acknowledge | None = None
    before: list[Step] = Field(default_factory=list)
    setup: list[Step] = Field(default_factory=list)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.marker.count("{n}") + self.marker.count("{id}") != 1:
            raise ValueError("marker must contain {n} or {id} once: by that it is known which message has arrived")
        if self.slow_clients > self.clients - 2:
            raise ValueError(f"of {self.clients} clients at most {self.clients - 2} can be slow ones: two must read")
        if self.messages * self.clients * self.repeats > _MOST_DELIVERIES:
            raise ValueError(f"messages × clients × repeats is more than {_MOST_DELIVERIES:,} deliveries")
        if not all(_is_mine(step) for step in self.setup):
            raise ValueError('the steps of setup are send and expect, of the client "me" and without binary')
        return self


class Function(_Measured):
    """A plain function, `module:name`, called in a process of its own in the project's folder; time and tracemalloc."""

    kind: Literal["function"] = "function"
    function: Annotated[str, Field(pattern=r"^[\w.]+:[\w.]+$")]
    arguments: list[Any] = Field(default_factory=list)
    calls: Count = 200


Measurement = Annotated[Http | Broadcast | Function, Field(discriminator="kind")]


def _is_mine(step: Step) -> bool:
    if isinstance(step, Send):
        return step.send == "me" and step.binary is None
    return isinstance(step, Expect) and step.expect == "me" and all(wanted.binary is None for wanted in step.wanted)
