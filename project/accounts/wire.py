"""What signing up and in takes and gives on the wire (PROTOCOL §2 and §5)."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from project.accounts.models import User
from project.wire import Id, Payload, Time, WireObject

MAX_PASSWORD_CHARS = 1_024


def _username(value: str) -> str:
    return unicodedata.normalize("NFKC", value.strip())


# No lower bound: what a form field would refuse as empty is here simply a wrong name or password.
Username = Annotated[str, Field(max_length=150), AfterValidator(_username)]
Password = Annotated[str, Field(max_length=MAX_PASSWORD_CHARS)]


class SignIn(Payload):
    """A name and a password."""

    username: Username
    password: Password


class PasswordChange(Payload):
    """The password that holds and the one that shall."""

    old_password: Password
    new_password: Password


class Nothing(Payload):
    """No fields at all."""


class UserObject(WireObject):
    """A person or an agent."""

    id: Id
    username: str
    kind: Literal["human", "agent"]

    @classmethod
    def of(cls, user: User) -> "UserObject":
        return cls(id=user.id, username=user.username, kind="agent" if user.is_agent else "human")


class SignedIn(WireObject):
    """A new token, its end, and whose it is."""

    token: str
    expiry: Time | None
    user: UserObject


class TicketObject(WireObject):
    """A ticket for one handshake."""

    ticket: str
    expires_in: int


class ModelInfo(WireObject):
    """Which language model does the agents' work; `configured` is false when built-in rules do it."""

    configured: bool
    adapter: str
    name: str | None


class MeObject(UserObject):
    """The one who asks, and the model in use."""

    model: ModelInfo
