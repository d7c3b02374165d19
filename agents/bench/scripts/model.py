"""A scenario as a file says it: clients by name, and the steps they go through (steps.py)."""

from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, model_validator

from agents.bench.documents import Document, Loc
from agents.bench.scripts.steps import ClientName, Milliseconds, Part, Step, ValueName


class ClientShape(Part):
    """How a client connects. `url` is ws:// or http:// (taken as ws://), or a path where `app` is an ASGI application here.

    `like`: all that isn't said is as for that client, which stands before this one. `unpack`: a message with a list under
    this key counts as the messages in it. `ignore`: messages like one of these never count.
    """

    like: ClientName | None = None
    url: str = ""
    app: Annotated[str, Field(pattern=r"^[\w.]+:[\w.]+$")] | None = None
    token: str | None = Field(default=None, description="Sent as a bearer token.")
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str | int] = Field(default_factory=dict)
    subprotocols: list[str] = Field(default_factory=list)
    origin: str | None = None
    unpack: str | None = None
    ignore: list[Any] = Field(default_factory=list)

    @model_validator(mode="after")
    def _address(self) -> Self:
        if not self.url and self.like is None:
            raise ValueError("say url, or like and another client")
        if self.app is not None and self.url and not self.url.startswith("/"):
            raise ValueError("with an app, the url is a path that begins with /")
        return self

    def over(self, other: "ClientShape") -> "ClientShape":
        """This client, and what it doesn't say as the other does."""
        said = {name: getattr(self, name) for name in self.model_fields_set if name != "like"}
        return other.model_copy(update=said)


class Limits(Part):
    """What one client may be sent before the play fails: a server that floods is told, not suffered."""

    unread: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    unread_bytes: Annotated[int, Field(ge=1, le=1_000_000_000)] = 16_000_000
    message_bytes: Annotated[int, Field(ge=1, le=100_000_000)] = 1_048_576


class Script(Part):
    """A scenario. `addresses` are what it is played against, by name: a default, or null where one must be given.

    `values` are names for texts and numbers, used as {name}. `within` is how long an expectation waits where it says
    nothing itself; `timeout` bounds the whole. `begin_with` is a file, beside this one, whose steps go before: its clients
    and what it saves are there for these.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    about: str = ""
    begin_with: str | None = None
    addresses: dict[ValueName, str | None] = Field(default_factory=dict)
    values: dict[ValueName, Any] = Field(default_factory=dict)
    within: Milliseconds = 10_000
    timeout: Milliseconds = 60_000
    limits: Limits = Limits()
    clients: Annotated[dict[ClientName, ClientShape], Field(default_factory=dict)]
    steps: Annotated[list[Step], Field(min_length=1, max_length=1_000)]

    _document: Document | None = PrivateAttr(None)
    _first: "Script | None" = PrivateAttr(None)

    @property
    def parts(self) -> list["Script"]:
        """What is played, in its order: that which it begins with, and itself."""
        return [*(self._first.parts if self._first else ()), self]

    @property
    def everybody(self) -> dict[str, ClientShape]:
        """The clients of all parts, each with what it has from another."""
        found: dict[str, ClientShape] = {}
        for part in self.parts:
            for name, client in part.clients.items():
                found[name] = client.over(found[client.like]) if client.like in found else client
        return found

    @property
    def places(self) -> dict[str, str | None]:
        """The addresses of all parts."""
        return {name: address for part in self.parts for name, address in part.addresses.items()}

    @property
    def file(self) -> str:
        """The name of the file it was read from; empty where it was made by a program."""
        return self._document.name if self._document else ""

    def line(self, loc: Loc) -> int | None:
        """The line in its file of the part at `loc`, where it has a file."""
        return self._document.line(loc) if self._document else None
