"""`access_revoked`: a sign-in of this user, or the right to use one, has just ended. Open sockets are checked again because of it.

Whatever ends a sign-in (sign-out, deleted token, new password, deactivation, the admin) ends as a deleted or saved row, so the
rows are what is watched. A new password ends tokens and tickets here; browser sessions are signed with it.
"""

from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal
from knox.models import AuthToken

from project.accounts.models import Ticket, User
from project.wire import parse_id

access_revoked = Signal()
"""Sent with `user_id`, inside the transaction that revokes, if there is one."""

# What a sign-in itself writes; no right hangs on it.
_HARMLESS = frozenset({"last_login"})


def watch() -> None:
    """Begin to send `access_revoked`."""
    post_delete.connect(_token_deleted, sender=AuthToken, dispatch_uid="accounts.token_deleted")
    post_delete.connect(_session_deleted, sender=Session, dispatch_uid="accounts.session_deleted")
    post_save.connect(_user_saved, sender=User, dispatch_uid="accounts.user_saved")


def _tell(user_id: UUID) -> None:
    access_revoked.send(sender=User, user_id=user_id)


def _token_deleted(instance: AuthToken, **_: Any) -> None:
    _tell(instance.user_id)


def _session_deleted(instance: Session, **_: Any) -> None:
    user_id = parse_id(str(instance.get_decoded().get(SESSION_KEY)))
    if user_id is not None:
        _tell(user_id)


def _user_saved(instance: User, *, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    # Set from `set_password` to the end of `save`, whoever calls them: the admin has two forms of its own for passwords.
    if not created and instance._password is not None:  # type: ignore[attr-defined]  # Django sets it; the stubs leave it out
        AuthToken.objects.filter(user=instance).delete()
        Ticket.objects.filter(user=instance).delete()
    if not created and (update_fields is None or not update_fields <= _HARMLESS):
        _tell(instance.id)
