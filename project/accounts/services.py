"""Everything that makes or ends an account's access: signing up, in and out, passwords, deactivation."""

import unicodedata
from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from knox.models import AuthToken

from project.accounts.credentials import Credential
from project.accounts.guard import check_try
from project.accounts.models import Ticket, User
from project.accounts.shares import hold_user
from project.errors import Fields, Forbidden, Invalid, NotAuthenticated

SIGNUP_IS_OFF = "Signing up is switched off here. Ask whoever runs this server for an account."
WRONG_SIGN_IN = "Username or password is wrong."
NAME_IS_TAKEN = "That name is taken. Choose another one."


def check_signup_is_on() -> None:
    """Raise Forbidden where people can't make accounts themselves."""
    if not settings.WORKROOM_SIGNUP:
        raise Forbidden(SIGNUP_IS_OFF)


def sign_up(*, username: str, password: str) -> User:
    """A new account; Invalid names what is wrong with the name or the password, Forbidden if signing up is off."""
    check_signup_is_on()
    user = User(username=username)
    problems = {**_name_problems(user), **_password_problems("password", password, user)}
    if problems:
        raise Invalid("Some fields aren't valid.", fields=problems)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:  # somebody took the name between the check and the insert
        raise Invalid("Some fields aren't valid.", fields={"username": [NAME_IS_TAKEN]}) from None
    return user


def sign_in(*, request: HttpRequest, username: str, password: str) -> User:
    """The user with this name and password.

    Raises RateLimited after too many tries, and NotAuthenticated with the same words and after the same time for an unknown
    name, a wrong password and a deactivated account: Django hashes the password in each of these cases.
    """
    check_try(request, username)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise NotAuthenticated(WRONG_SIGN_IN)
    return user


def issue_token(*, user: User) -> tuple[str, datetime | None]:
    """A new bearer token and the time it expires; only its digest is kept.

    NotAuthenticated when the sign-ins of `user` were revoked since it was read: a token made after that would outlive it.
    """
    with transaction.atomic():
        hold_user(user)
        if not User.objects.filter(pk=user.pk, sign_ins_revoked=user.sign_ins_revoked).exists():
            raise NotAuthenticated(WRONG_SIGN_IN)
        row, token = AuthToken.objects.create(user)
    return token, row.expiry


def revoke_token(*, credential: Credential) -> None:
    """End the sign-in behind a bearer token, and what was opened with it."""
    AuthToken.objects.filter(digest=credential.key).delete()
    Ticket.objects.filter(origin=credential.origin).delete()


def revoke_everything(*, user: User) -> None:
    """End every sign-in of `user`: tokens, tickets and browser sessions."""
    with transaction.atomic():
        # Sessions are signed with this number (User.get_session_auth_hash): a new one ends them all, wherever they are stored.
        user.sign_ins_revoked = F("sign_ins_revoked") + 1
        user.save(update_fields=["sign_ins_revoked"])
        user.refresh_from_db(fields=["sign_ins_revoked"])
        AuthToken.objects.filter(user=user).delete()
        Ticket.objects.filter(user=user).delete()


def change_password(*, request: HttpRequest, user: User, old_password: str, new_password: str) -> None:
    """Set a new password and end every sign-in of `user`; Invalid for a wrong old or a weak new one, RateLimited after too many tries."""
    check_try(request, user.username)
    if not user.check_password(old_password):
        raise Invalid("Some fields aren't valid.", fields={"old_password": ["This isn't your password."]})
    set_password(user=user, password=new_password, field="new_password")


def set_password(*, user: User, password: str, field: str = "password") -> None:
    """Give `user` this password and end every sign-in; Invalid tells under `field` what is wrong with it."""
    problems = _password_problems(field, password, user)
    if problems:
        raise Invalid("Some fields aren't valid.", fields=problems)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        revoke_everything(user=user)


def deactivate(*, user: User) -> None:
    """Refuse this user everything from now on. Accounts are never deleted: the log names its actors for good."""
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        revoke_everything(user=user)


def _name_problems(user: User) -> Fields:
    try:
        user.full_clean(exclude=["password"], validate_unique=False)
    except ValidationError as error:
        return {"username": error.messages}
    # Alice and alice would be told apart by nobody who reads a board.
    taken = User.objects.filter(username__iexact=user.username).exists()
    return {"username": [NAME_IS_TAKEN]} if taken else {}


def _password_problems(field: str, password: str, user: User) -> Fields:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        return {field: error.messages}
    return {}


def plain(secret: str) -> str:
    """A password as every way in takes it: NFC, so that it doesn't depend on the keyboard that composed its letters."""
    return unicodedata.normalize("NFC", secret)
