"""What every REST view shares: who asks (token, ticket or cookie), the strict JSON parser, and errors in the shape of PROTOCOL §2."""

import logging
from collections.abc import Iterable, Mapping
from math import ceil
from typing import IO, Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from project.accounts.credentials import Credential, authenticate
from project.accounts.models import User
from project.buckets import Buckets
from project.errors import (
    AppError,
    Forbidden,
    Internal,
    Invalid,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Unavailable,
    UnsupportedMediaType,
)
from project.gate import parse_json
from project.ids import new_id
from project.limits import limits

log = logging.getLogger(__name__)

requests_by_user = Buckets()


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: Any, reason: str) -> Any:
        return reason


class CredentialAuthentication(BaseAuthentication):
    """The same credentials as on the handshake of a socket; with a cookie, CSRF is enforced."""

    def authenticate(self, request: Request) -> tuple[User, Credential] | None:
        authorization = request.META.get("HTTP_AUTHORIZATION")
        credential = authenticate(authorization=authorization, ticket=None, cookies=request.COOKIES)
        if credential is None:
            if authorization is not None:
                raise NotAuthenticated("This token isn't valid any more. Sign in again.")
            return None
        if credential.is_cookie:
            _enforce_csrf(request)
        return credential.user, credential

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _no_view(_: HttpRequest) -> HttpResponse:
    """Stands where Django's check takes the view; it looks at its attributes only."""
    return HttpResponse()


def _enforce_csrf(request: Request) -> None:
    # The token comes in a header. Django would look for it in a form first, and read the body for that, whatever it is.
    request._request.POST = QueryDict()
    check = _CsrfCheck(_no_view)
    check.process_request(request._request)
    reason = check.process_view(request._request, _no_view, (), {})
    if reason:
        raise Forbidden(f"CSRF check failed: {reason} Send the token of the csrftoken cookie as X-CSRFToken.")


class UserThrottle(BaseThrottle):
    """The REST limit per user."""

    def allow_request(self, request: Request, view: object) -> bool:
        if request.user is not None:
            wait_s = requests_by_user.take(request.user.pk, per_s=limits().rest_per_s, burst=limits().rest_burst)
            if wait_s:
                raise RateLimited(retry_after_s=ceil(wait_s))
        return True


class GatedJSONParser(BaseParser):
    """Request bodies through the input gate."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(limits().frame_bytes + 1)
        return parse_json(body)


class WhatTheViewSpeaks(DefaultContentNegotiation):
    """Answers in the view's first format whatever the client would rather have: REST knows JSON only."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type or ""


def handle_error(error: Exception, context: Mapping[str, Any]) -> Response:
    """Every failure of a REST view as `{"error": …}`."""
    del context
    told = as_told(error)
    return Response({"error": told.to_wire()}, status=told.status, headers=error_headers(told))


def error_headers(error: AppError) -> dict[str, str]:
    """The headers that go with an error."""
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    return headers | ({"WWW-Authenticate": "Bearer"} if isinstance(error, NotAuthenticated) else {})


def as_told(error: Exception) -> AppError:
    """What a client is told of any failure; a defect is logged, and told by the id that stands there."""
    known = as_app_error(error)
    if known is None:
        error_id = new_id().hex[-8:]
        log.error("error %s", error_id, exc_info=error)
        known = Internal(data={"error_id": error_id})
    return known


def as_app_error(error: Exception) -> AppError | None:
    """The AppError that says the same as an exception of Django or DRF; None for a defect."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, (OperationalError, InterfaceError)):
        log.warning("The database did not do what it was asked: %s", error, exc_info=error)
        return Unavailable(retry_after_s=1)
    for theirs, ours in _TRANSLATIONS.items():
        if isinstance(error, theirs):
            return ours()
    return None


_TRANSLATIONS: Mapping[type[Exception], type[AppError]] = {
    exceptions.NotAuthenticated: NotAuthenticated,
    exceptions.AuthenticationFailed: NotAuthenticated,
    exceptions.PermissionDenied: Forbidden,
    exceptions.MethodNotAllowed: MethodNotAllowed,
    exceptions.UnsupportedMediaType: UnsupportedMediaType,
    exceptions.ParseError: Invalid,
    exceptions.NotFound: NotFound,
    Http404: NotFound,
    PermissionDenied: Forbidden,
    SuspiciousOperation: Invalid,
}
