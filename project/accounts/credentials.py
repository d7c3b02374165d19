"""Who is asking: bearer token, ticket or session cookie, told from the headers and the query of a request or handshake."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Literal

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.http import HttpRequest
from knox.crypto import hash_token
from knox.models import AuthToken

from project.accounts.models import Ticket, User
from project.clock import SQL_NOW, db_now, from_epoch
from project.sql import Columns, fetch_one

TICKET_LIFE_S = 30

_token, _user = Columns(AuthToken, "t", "digest", "expiry"), Columns(User, "u")
_TOKEN = (
    f"SELECT {{now}}, {_token.sql}, {_user.sql} FROM knox_authtoken t JOIN accounts_user u ON u.id = t.user_id"  # noqa: S608 - column names of models; every value is a parameter
    " WHERE t.digest = %s AND u.is_active"
)


@dataclass(frozen=True)
class Credential:
    """A sign-in that was found good: a token (by its digest) or a browser session (by its key)."""

    user: User
    kind: Literal["token", "session"]
    key: str
    expires: datetime | None
    is_cookie: bool = False

    @property
    def origin(self) -> str:
        return f"{self.kind}:{self.key}"

    def is_expired(self) -> bool:
        """Whether its time is over, by this process's clock (`find_origin` asks the database's)."""
        return self.expires is not None and self.expires <= datetime.now(tz=self.expires.tzinfo)


def authenticate(*, authorization: str | None, ticket: str | None, cookies: Mapping[str, str]) -> Credential | None:
    """The credential of a request: bearer, then ticket, then cookie; a bad one is never skipped for the next."""
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return find_token(token.strip()) if scheme.lower() == "bearer" else None
    if ticket is not None:
        return use_ticket(ticket)
    session_key = cookies.get(settings.SESSION_COOKIE_NAME)
    return find_session(session_key, is_cookie=True) if session_key else None


def find_token(token: str) -> Credential | None:
    """The credential of a bearer token, if it is known, not expired and its user active."""
    return _token_by_digest(hash_token(token)) if token else None


def find_origin(origin: str) -> Credential | None:
    """The credential named by `Credential.origin`, if it still holds."""
    kind, _, key = origin.partition(":")
    return _token_by_digest(key) if kind == "token" else find_session(key)


def find_session(session_key: str, *, is_cookie: bool = False) -> Credential | None:
    """The credential of a browser session, if it is signed in and its user's password unchanged."""
    if not (session_key.isascii() and session_key.isalnum()):
        return None  # not one of Django's; PostgreSQL would not even take a NUL to look for
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if SESSION_KEY not in store:
        return None
    request = HttpRequest()
    request.session = store
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    return Credential(user=user, kind="session", key=session_key, expires=store.get_expiry_date(), is_cookie=is_cookie)


def _token_by_digest(digest: str) -> Credential | None:
    row = fetch_one(_TOKEN.format(now=SQL_NOW[connection.vendor]), digest)
    if row is None:
        return None
    now, *rest = row
    token, user = _token.instance(rest), _user.instance(rest[len(_token) :])
    if token.expiry and token.expiry <= from_epoch(float(now)):
        return None
    return Credential(user=user, kind="token", key=digest, expires=token.expiry)


def make_ticket(credential: Credential) -> str:
    """A ticket for one handshake by the holder of `credential`, good for 30 seconds."""
    ticket = secrets.token_urlsafe(32)
    now = db_now()
    Ticket.objects.filter(expires__lt=now).delete()
    Ticket.objects.create(
        digest=_digest(ticket), user=credential.user, origin=credential.origin, expires=now + timedelta(seconds=TICKET_LIFE_S)
    )
    return ticket


def use_ticket(ticket: str) -> Credential | None:
    """The credential behind a ticket; the ticket is used up by this, whatever comes of it."""
    row = Ticket.objects.filter(digest=_digest(ticket)).first()
    if row is None:
        return None
    deleted, _ = Ticket.objects.filter(pk=row.pk).delete()
    if not deleted or row.expires <= db_now():
        return None
    return find_origin(row.origin)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
