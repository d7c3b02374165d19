import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import transaction
from knox.models import AuthToken

from project.accounts import services
from project.accounts.models import User
from project.accounts.signals import access_revoked
from project.clock import db_now
from tests.accounts.conftest import OWN_ORIGIN, Knock, session_key, signed_in_browser, submit, who
from tests.conftest import Api, Socket

pytestmark = pytest.mark.django_db(transaction=True)

NOT_AUTHENTICATED = 4501
SOON_S = 2.0


async def join(knock: Knock, query: str = "", **headers: str) -> Socket:
    socket = await knock(query, **headers)
    assert isinstance(socket, Socket)
    assert await who(socket) not in (NOT_AUTHENTICATED, 1008)
    return socket


async def lives(socket: Socket) -> bool:
    """Whether the socket still answers."""
    await socket.send({"type": "ping", "data": {}})
    await socket.event("pong")
    return True


def end_by_logout(client: Api) -> None:
    client.ok("post", "/api/auth/logout/")


def end_by_logoutall(client: Api) -> None:
    Api(client.user).ok("post", "/api/auth/logoutall/")


def end_by_password(client: Api) -> None:
    assert client.user
    name = client.user.username
    Api(client.user).ok("post", "/api/auth/password/", {"old_password": f"{name}-pass-1234", "new_password": "a-quiet-harbour-42"})


def end_by_deactivation(client: Api) -> None:
    assert client.user
    services.deactivate(user=client.user)


def end_by_admin_form(client: Api) -> None:
    """What the admin's change form does: it saves the row."""
    assert client.user
    user = User.objects.get(pk=client.user.pk)
    user.is_active = False
    user.save()


def end_by_deleting_tokens(client: Api) -> None:
    AuthToken.objects.filter(user=client.user).delete()


ENDINGS = [end_by_logout, end_by_logoutall, end_by_password, end_by_deactivation, end_by_admin_form, end_by_deleting_tokens]


@pytest.mark.parametrize("end", ENDINGS)
class TestTokenSockets:
    async def test_close_within_two_seconds_and_no_others(self, knock: Knock, alice: User, bob: User, end: Callable[[Api], None]) -> None:
        client, other = await sync_to_async(Api)(alice), await sync_to_async(Api)(bob)
        socket = await join(knock, authorization=f"Bearer {client.token}")
        bystander = await join(knock, authorization=f"Bearer {other.token}")
        await sync_to_async(end)(client)
        assert await socket.close_code(SOON_S) == NOT_AUTHENTICATED
        assert await lives(bystander)

    async def test_born_from_a_ticket_die_with_its_origin(self, knock: Knock, alice: User, end: Callable[[Api], None]) -> None:
        client = await sync_to_async(Api)(alice)
        ticket = (await sync_to_async(client.ok)("post", "/api/auth/ticket/"))["ticket"]
        socket = await join(knock, f"?ticket={ticket}")
        await sync_to_async(end)(client)
        assert await socket.close_code(SOON_S) == NOT_AUTHENTICATED


async def test_logout_spares_sockets_of_other_sign_ins(knock: Knock, alice: User) -> None:
    one, other = await sync_to_async(Api)(alice), await sync_to_async(Api)(alice)
    gone = await join(knock, authorization=f"Bearer {one.token}")
    stays = await join(knock, authorization=f"Bearer {other.token}")
    await sync_to_async(end_by_logout)(one)
    assert await gone.close_code(SOON_S) == NOT_AUTHENTICATED
    assert await lives(stays)


@pytest.mark.parametrize("how", ["page", "rest", "logoutall", "password page", "session row", "admin"])
async def test_browser_sockets_close_when_the_session_ends(knock: Knock, alice: User, how: str) -> None:
    await User.objects.filter(pk=alice.pk).aupdate(is_staff=True)
    browser = await sync_to_async(signed_in_browser)(alice)
    socket = await join(knock, cookie=f"sessionid={session_key(browser)}", origin=OWN_ORIGIN)

    def end() -> None:
        token = browser.cookies["csrftoken"].value
        match how:
            case "page":
                browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token})
            case "rest":
                browser.post("/api/auth/logout/", HTTP_X_CSRFTOKEN=token, content_type="application/json")
            case "logoutall":
                browser.post("/api/auth/logoutall/", HTTP_X_CSRFTOKEN=token, content_type="application/json")
            case "password page":
                submit(browser, "/accounts/password/", {"old_password": "alice-pass-1234", "new_password": "a-quiet-harbour-42"})
            case "session row":
                Session.objects.all().delete()
            case "admin":
                browser.post("/admin/logout/", {"csrfmiddlewaretoken": token})

    await sync_to_async(end)()
    assert await socket.close_code(SOON_S) == NOT_AUTHENTICATED


async def test_expiry_closes_without_anybody_saying_so(knock: Knock, alice: User) -> None:
    client = await sync_to_async(Api)(alice)
    await AuthToken.objects.aupdate(expiry=await sync_to_async(db_now)() + timedelta(seconds=1))
    socket = await join(knock, authorization=f"Bearer {client.token}")
    assert await socket.close_code(4) == NOT_AUTHENTICATED


async def test_close_says_why(knock: Knock, alice: User) -> None:
    client = await sync_to_async(Api)(alice)
    socket = await join(knock, authorization=f"Bearer {client.token}")
    await sync_to_async(end_by_logout)(client)
    await socket.close_code(SOON_S)
    assert socket.closed == (NOT_AUTHENTICATED, {"code": "not_authenticated"})


async def test_a_revocation_that_is_rolled_back_closes_nothing(knock: Knock, alice: User) -> None:
    client = await sync_to_async(Api)(alice)
    socket = await join(knock, authorization=f"Bearer {client.token}")

    def try_in_vain() -> None:
        with transaction.atomic():
            services.revoke_everything(user=alice)
            transaction.set_rollback(True)

    await sync_to_async(try_in_vain)()
    await asyncio.sleep(0.3)
    assert await lives(socket)


class TestSignal:
    @pytest.fixture
    def told(self) -> Iterator[list[object]]:
        """The ids of users the signal was sent for."""
        ids: list[object] = []

        def note(user_id: object, **_: object) -> None:
            ids.append(user_id)

        access_revoked.connect(note, weak=False, dispatch_uid="test")
        yield ids
        access_revoked.disconnect(dispatch_uid="test")

    @pytest.mark.parametrize("end", ENDINGS)
    def test_names_the_user(self, alice: User, told: list[object], end: Callable[[Api], None]) -> None:
        client = Api(alice)
        told.clear()
        end(client)
        assert set(told) == {alice.id}

    def test_signing_up_and_in_revokes_nothing(self, alice: User, told: list[object]) -> None:
        signed_in_browser(alice)
        Api(None).ok("post", "/api/auth/login/", {"username": "alice", "password": "alice-pass-1234"})
        Api(None).ok("post", "/api/auth/signup/", {"username": "dora", "password": "a-quiet-harbour-42"})
        assert told == []
