"""Signing up, in and out over REST, tickets, and who one is. No view here signs a browser in or minds an Idempotency-Key."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.auth import logout
from pydantic import BaseModel
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.accounts import services
from project.accounts.credentials import TICKET_LIFE_S, Credential, make_ticket
from project.accounts.describe import Operation
from project.accounts.models import User
from project.accounts.profile import me_of
from project.accounts.rest import CredentialAuthentication
from project.accounts.wire import MeObject, Nothing, PasswordChange, SignedIn, SignIn, TicketObject, UserObject
from project.errors import Forbidden, NotAuthenticated, RateLimited
from project.gate import validate


def _answer(model: BaseModel, status: int = 200) -> Response:
    response = Response(model.model_dump(mode="json"), status=status)
    response["Cache-Control"] = "no-store"
    return response


def _credential(request: Request) -> Credential:
    """What this request was authenticated by."""
    if not isinstance(request.auth, Credential):
        raise NotAuthenticated
    return request.auth


class CookieOnlyAuthentication(CredentialAuthentication):
    """For signing in anew: an old token doesn't matter, but a browser's cookie still needs its CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, Credential] | None:
        return None if "HTTP_AUTHORIZATION" in request.META else super().authenticate(request)


class SignupView(APIView):
    authentication_classes = [CookieOnlyAuthentication]
    permission_classes = [AllowAny]
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation(
            "Make an account and sign in to it",
            body=SignIn,
            reply=SignedIn,
            status=201,
            is_public=True,
            errors=(Forbidden,),
        )
    }

    def post(self, request: Request) -> Response:
        services.check_signup_is_on()
        wanted = validate(SignIn, request.data)
        user = services.sign_up(username=wanted.username, password=wanted.password)
        return _signed_in(user, status=201)


class LoginView(APIView):
    authentication_classes = [CookieOnlyAuthentication]
    permission_classes = [AllowAny]
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Sign in: a token for a name and a password", body=SignIn, reply=SignedIn, is_public=True, errors=(RateLimited,))
    }

    def post(self, request: Request) -> Response:
        given = validate(SignIn, request.data)
        user = services.sign_in(request=request._request, username=given.username, password=given.password)
        return _signed_in(user)


def _signed_in(user: User, status: int = 200) -> Response:
    token, expiry = services.issue_token(user=user)
    return _answer(SignedIn(token=token, expiry=expiry, user=UserObject.of(user)), status)


class LogoutView(APIView):
    operations: ClassVar[Mapping[str, Operation]] = {"POST": Operation("End the sign-in this request is made with", status=204)}

    def post(self, request: Request) -> Response:
        validate(Nothing, request.data)
        credential = _credential(request)
        if credential.is_cookie:
            logout(request._request)
        else:
            services.revoke_token(credential=credential)
        return Response(status=204)


class LogoutAllView(APIView):
    operations: ClassVar[Mapping[str, Operation]] = {"POST": Operation("End every sign-in: tokens and browsers", status=204)}

    def post(self, request: Request) -> Response:
        validate(Nothing, request.data)
        services.revoke_everything(user=_credential(request).user)
        return Response(status=204)


class PasswordView(APIView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Change the password and end every sign-in", body=PasswordChange, status=204, errors=(RateLimited,))
    }

    def post(self, request: Request) -> Response:
        wanted = validate(PasswordChange, request.data)
        user = _credential(request).user
        services.change_password(request=request._request, user=user, **wanted.model_dump())
        return Response(status=204)


class TicketView(APIView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("A ticket that opens one socket within 30 seconds", reply=TicketObject)
    }

    def post(self, request: Request) -> Response:
        validate(Nothing, request.data)
        return _answer(TicketObject(ticket=make_ticket(_credential(request)), expires_in=TICKET_LIFE_S))


class MeView(APIView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("Who I am, and which model the agents use", reply=MeObject)}

    def get(self, request: Request) -> Response:
        return _answer(me_of(_credential(request).user))
