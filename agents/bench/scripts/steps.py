"""The steps of a scenario: one shape each, told apart by its first key. Times are milliseconds."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from agents.bench.files import Section

ClientName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
ValueName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Milliseconds = Annotated[float, Field(gt=0, le=600_000)]
Saves = dict[ValueName, str]
"""Names for values, each with the path of the value in what came: `data.card.id`, `results[0]`, `$` for all of it."""


def _sendable(code: int) -> int:
    """A close code that a client may send (RFC 6455, 7.4)."""
    if code in {1004, 1005, 1006} or 1015 <= code < 3000:
        raise ValueError(f"{code} is never sent: choose 1000 to 1003, 1007 to 1014, or 3000 to 4999")
    return code


class Part(Section):
    """A part of a scenario. Texts are no numbers here, and numbers no truth values."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class _Step(Part):
    note: str = Field(default="", description="What the step is for; shown in reports.")


class Wanted(Part):
    """One message: what it must be like, and what to keep of it. Exactly one of the first three."""

    match: Any = Field(default=None, description="A pattern that the message's JSON must match.")
    text: Any = Field(default=None, description="A pattern that the message's text must match.")
    binary: str | None = Field(default=None, description="The bytes of a binary message, in base64.")
    save: Saves = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "match", "text", "binary")
        return self


class Connect(_Step):
    """Open a client's connection. `query` goes on its URL; `refused` is the HTTP status that the handshake must be refused with."""

    connect: ClientName
    query: dict[str, str | int] = Field(default_factory=dict)
    refused: Annotated[int, Field(ge=100, le=599)] | None = None
    within: Milliseconds | None = None


class Send(_Step):
    """Send one message from a client: exactly one of JSON, text, bytes (base64), or a text of so many times "x"."""

    send: ClientName
    json_: Any = Field(default=None, alias="json")
    text: str | None = None
    binary: str | None = None
    characters: Annotated[int, Field(ge=0, le=64_000_000)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "json_", "text", "binary", "characters")
        return self


class Expect(_Step):
    """A client gets a message, or several, within so many ms. Others in between are kept for later steps.

    `order`: "given" (others may come between), "any", or "exact" (these next, and nothing between).
    """

    expect: ClientName
    match: Any = None
    text: Any = None
    binary: str | None = None
    save: Saves = Field(default_factory=dict)
    messages: Annotated[list[Wanted], Field(min_length=1, max_length=200)] | None = None
    order: Literal["given", "any", "exact"] = "given"
    within: Milliseconds | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "match", "text", "binary", "messages")
        if self.messages is not None and self.save:
            raise ValueError("say save beside each of the messages")
        return self

    @property
    def wanted(self) -> list[Wanted]:
        """What is to come, one or several."""
        if self.messages is not None:
            return self.messages
        given = {name: getattr(self, name) for name in ("match", "text", "binary") if name in self.model_fields_set}
        return [Wanted(**given, save=self.save)]


class Nothing(_Step):
    """A client has nothing unread, and gets nothing for so many ms; with `match`, nothing like it."""

    nothing: ClientName
    for_: Milliseconds = Field(alias="for")
    match: Any = None
    text: Any = None


class Broadcast(_Step):
    """All of these clients get the same messages in the same order, within so many ms from the last send before it.

    `count` messages are like `match`; where `same` is given, only those paths of them are compared between clients.
    """

    broadcast: Annotated[list[ClientName], Field(min_length=2, json_schema_extra={"uniqueItems": True})]
    match: Any = None
    text: Any = None
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    same: list[str] = Field(default_factory=list)
    save: Saves = Field(default_factory=dict)
    within: Milliseconds | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "match", "text")
        if len(set(self.broadcast)) < len(self.broadcast):
            raise ValueError("a client is named twice")
        return self


class Wait(_Step):
    """Let so many ms pass."""

    wait: Milliseconds


class Pause(_Step):
    """A client stops reading, as a slow one does: what comes waits on the way to it."""

    pause: ClientName


class Resume(_Step):
    """A paused client reads on."""

    resume: ClientName


class Forget(_Step):
    """What a client has got and no step has read is dropped."""

    forget: ClientName


class Disconnect(_Step):
    """A client leaves: with a close frame, or (`rude`) by breaking the connection as a lost network does."""

    disconnect: ClientName
    code: Annotated[int, Field(ge=1000, le=4999), AfterValidator(_sendable)] = 1000
    reason: str = ""
    is_rude: bool = Field(default=False, alias="rude")


class Closed(_Step):
    """The server closes a client's connection, with this code (or one of these), and a reason like this."""

    closed: ClientName
    code: int | list[int] | None = None
    reason: Any = None
    within: Milliseconds | None = None


class Request(_Step):
    """An HTTP request, `METHOD URL`. Without `status` any 2xx is right. `token` is sent as a bearer token."""

    request: Annotated[str, Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+$")]
    headers: dict[str, str] = Field(default_factory=dict)
    token: str | None = None
    json_: Any = Field(default=None, alias="json")
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    match: Any = None
    save: Saves = Field(default_factory=dict)
    within: Milliseconds | None = None


class Set(_Step):
    """Give values names for the steps that follow."""

    set: Annotated[dict[ValueName, Any], Field(min_length=1)]


class Repeat(_Step):
    """The steps so many times; `{n}` (or the name in `as`) counts from 1."""

    repeat: Annotated[int, Field(ge=1, le=10_000)]
    as_: ValueName = Field(default="n", alias="as")
    steps: Annotated[list["Step"], Field(min_length=1)]


class Parallel(_Step):
    """Groups of steps at the same time. The first that fails ends the others."""

    parallel: Annotated[list[Annotated[list["Step"], Field(min_length=1)]], Field(min_length=2, max_length=100)]


KINDS: dict[str, type[_Step]] = {
    "connect": Connect,
    "request": Request,
    "send": Send,
    "expect": Expect,
    "nothing": Nothing,
    "broadcast": Broadcast,
    "closed": Closed,
    "disconnect": Disconnect,
    "wait": Wait,
    "pause": Pause,
    "resume": Resume,
    "forget": Forget,
    "set": Set,
    "repeat": Repeat,
    "parallel": Parallel,
}
"""Every kind of step by the key that tells it."""


def kind_name(step: _Step) -> str:
    """The key that tells this step."""
    return next(kind for kind, shape in KINDS.items() if type(step) is shape)


def kind_of(step: Any) -> str | None:
    """The tag of a step's shape: of plain data by its key, None where it has none of them or several."""
    if isinstance(step, _Step):
        return tag(kind_name(step))
    found = [kind for kind in KINDS if isinstance(step, dict) and kind in step]
    return tag(found[0]) if len(found) == 1 else None


def tag(kind: str) -> str:
    """A name for the union's branch that no key of a file can have: locations of mistakes leave it out."""
    return f"<{kind}>"


def _exactly_one(part: Part, *names: str) -> None:
    if len([name for name in names if name in part.model_fields_set]) != 1:
        raise ValueError(f"say exactly one of {', '.join(name.rstrip('_') for name in names)}")


Step = Annotated[
    Annotated[Connect, Tag("<connect>")]
    | Annotated[Request, Tag("<request>")]
    | Annotated[Send, Tag("<send>")]
    | Annotated[Expect, Tag("<expect>")]
    | Annotated[Nothing, Tag("<nothing>")]
    | Annotated[Broadcast, Tag("<broadcast>")]
    | Annotated[Closed, Tag("<closed>")]
    | Annotated[Disconnect, Tag("<disconnect>")]
    | Annotated[Wait, Tag("<wait>")]
    | Annotated[Pause, Tag("<pause>")]
    | Annotated[Resume, Tag("<resume>")]
    | Annotated[Forget, Tag("<forget>")]
    | Annotated[Set, Tag("<set>")]
    | Annotated[Repeat, Tag("<repeat>")]
    | Annotated[Parallel, Tag("<parallel>")],
    Discriminator(
        kind_of,
        custom_error_type="step",
        custom_error_message=f"a step says exactly one of {', '.join(KINDS)}",
    ),
]

Repeat.model_rebuild()
Parallel.model_rebuild()
