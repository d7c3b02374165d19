from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from knox.models import AuthToken

from project.accounts import credentials, services
from project.accounts.models import Ticket, User
from project.clock import db_now
from tests.accounts.conftest import OWN_ORIGIN, Knock, session_key, signed_in_browser, who
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

NOT_AUTHENTICATED = 4501
REFUSED = 1008


@sync_to_async
def cookie_of(user: User) -> str:
    return f"sessionid={session_key(signed_in_browser(user))}"


@sync_to_async
def token_of(user: User) -> str:
    token: str = AuthToken.objects.create(user)[1]
    return token


@sync_to_async
def ticket_of(user: User) -> str:
    ticket: str = Api(user).ok("post", "/api/auth/ticket/")["ticket"]
    return ticket


ORIGINS: list[tuple[str | None, bool]] = [
    ("https://app.example.com", True),
    ("https://app.example.com:8443", True),
    ("https://evil.example", False),
    ("null", False),
    (None, False),
    ("", False),
    ("http://app.example.com", False),
    ("wss://app.example.com", False),
    ("https://app.example.com:443", False),
    ("https://app.example.com:444", False),
    ("https://app.example.com.evil.com", False),
    ("https://evilapp.example.com", False),
    ("https://app.example.com@evil.com", False),
    ("https://evil.com@app.example.com", False),
    ("HTTPS://APP.EXAMPLE.COM", False),
    ("https://app.example.com.", False),
    ("https://app.example.com/", False),
    ("https://app.example.com/path", False),
    ("https://xn--pp-fka.example.com", False),
    ("https://\u0430pp.example.com", False),
    ("https://app.example.com, https://evil.example", False),
    (" https://app.example.com", False),
    ("http://testserver", False),
]


class TestOrigin:
    @pytest.mark.parametrize(("origin", "is_own"), ORIGINS)
    async def test_cookie_passes_from_exactly_the_configured_origins(
        self, knock: Knock, alice: User, settings: Any, origin: str | None, is_own: bool
    ) -> None:
        settings.WORKROOM_ORIGINS = ["https://app.example.com", "https://app.example.com:8443"]
        headers = {"cookie": await cookie_of(alice)} | ({} if origin is None else {"origin": origin})
        assert await who(await knock(**headers)) == ("alice" if is_own else REFUSED)

    async def test_the_servers_own_host_is_no_origin_once_origins_are_configured(self, knock: Knock, alice: User, settings: Any) -> None:
        settings.WORKROOM_ORIGINS = ["https://app.example.com"]
        assert await knock(cookie=await cookie_of(alice), origin="http://testserver", host="testserver") == REFUSED

    async def test_without_configured_origins_outside_development_nothing_passes(self, knock: Knock, alice: User, settings: Any) -> None:
        settings.WORKROOM_ORIGINS, settings.WORKROOM_IS_DEVELOPMENT = [], False
        assert await knock(cookie=await cookie_of(alice), origin="http://testserver") == REFUSED

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
    async def test_bearer_and_ticket_need_no_origin(self, knock: Knock, alice: User, origin: str | None) -> None:
        headers = {} if origin is None else {"origin": origin}
        assert await who(await knock(authorization=f"Bearer {await token_of(alice)}", **headers)) == "alice"
        assert await who(await knock(f"?ticket={await ticket_of(alice)}", **headers)) == "alice"


class TestPrecedence:
    async def test_bearer_goes_before_ticket_and_ticket_before_cookie(self, knock: Knock, alice: User, bob: User, charlie: User) -> None:
        bearer, cookie = f"Bearer {await token_of(alice)}", await cookie_of(charlie)
        query = f"?ticket={await ticket_of(bob)}"
        assert await who(await knock(query, authorization=bearer, cookie=cookie, origin=OWN_ORIGIN)) == "alice"
        assert await who(await knock(query, cookie=cookie, origin=OWN_ORIGIN)) == "bob"
        assert await who(await knock(cookie=cookie, origin=OWN_ORIGIN)) == "charlie"

    async def test_a_ticket_beside_a_bearer_is_not_used_up(self, knock: Knock, alice: User, bob: User) -> None:
        query = f"?ticket={await ticket_of(bob)}"
        assert await who(await knock(query, authorization=f"Bearer {await token_of(alice)}")) == "alice"
        assert await who(await knock(query)) == "bob"

    @pytest.mark.parametrize("authorization", ["Bearer nonsense", "Bearer ", "Basic YTpi", ""])
    async def test_a_bad_bearer_is_never_skipped(self, knock: Knock, alice: User, authorization: str) -> None:
        headers = {"authorization": authorization, "cookie": await cookie_of(alice), "origin": OWN_ORIGIN}
        assert await who(await knock(f"?ticket={await ticket_of(alice)}", **headers)) == NOT_AUTHENTICATED

    @pytest.mark.parametrize("query", ["?ticket=nonsense", "?ticket=", "?after=0&ticket=x"])
    async def test_a_bad_ticket_is_never_skipped(self, knock: Knock, alice: User, query: str) -> None:
        assert await who(await knock(query, cookie=await cookie_of(alice), origin=OWN_ORIGIN)) == NOT_AUTHENTICATED

    async def test_nothing_at_all_is_accepted_and_closed(self, knock: Knock) -> None:
        assert await who(await knock()) == NOT_AUTHENTICATED

    @pytest.mark.parametrize("cookie", ["sessionid=nonsense", "sessionid=", "other=1", 'sessionid="', "\x00"])
    async def test_a_cookie_that_signs_nobody_in(self, knock: Knock, cookie: str) -> None:
        assert await who(await knock(cookie=cookie, origin=OWN_ORIGIN)) == NOT_AUTHENTICATED

    async def test_cookies_of_others_on_this_host_do_not_hide_ours(self, knock: Knock, alice: User) -> None:
        """As on HTTP: Python's own parser gives up on the whole header."""
        assert await who(await knock(cookie=f'theirs={{"a": 1}}; {await cookie_of(alice)}', origin=OWN_ORIGIN)) == "alice"

    async def test_expired_token(self, knock: Knock, alice: User) -> None:
        token = await token_of(alice)
        await AuthToken.objects.aupdate(expiry=await sync_to_async(db_now)() - timedelta(seconds=1))
        assert await who(await knock(authorization=f"Bearer {token}")) == NOT_AUTHENTICATED

    async def test_deactivated_user(self, knock: Knock, alice: User) -> None:
        bearer, ticket, cookie = await token_of(alice), await ticket_of(alice), await cookie_of(alice)
        await User.objects.filter(pk=alice.pk).aupdate(is_active=False)
        assert await who(await knock(authorization=f"Bearer {bearer}")) == NOT_AUTHENTICATED
        assert await who(await knock(f"?ticket={ticket}")) == NOT_AUTHENTICATED
        assert await who(await knock(cookie=cookie, origin=OWN_ORIGIN)) == NOT_AUTHENTICATED


class TestTicket:
    async def test_opens_one_socket(self, knock: Knock, alice: User) -> None:
        query = f"?ticket={await ticket_of(alice)}"
        assert await who(await knock(query)) == "alice"
        assert await who(await knock(query)) == NOT_AUTHENTICATED

    def test_is_for_thirty_seconds(self, api: Callable[[User | None], Api], alice: User) -> None:
        given = api(alice).ok("post", "/api/auth/ticket/")
        assert set(given) == {"ticket", "expires_in"}
        assert given["expires_in"] == 30
        left_s = (Ticket.objects.get().expires - db_now()).total_seconds()
        assert 25 < left_s <= 30

    def test_is_stored_as_a_digest_only(self, api: Callable[[User | None], Api], alice: User) -> None:
        ticket = api(alice).ok("post", "/api/auth/ticket/")["ticket"]
        row = Ticket.objects.get()
        assert ticket not in (row.digest, row.origin)

    async def test_is_over_after_that(self, knock: Knock, alice: User) -> None:
        query = f"?ticket={await ticket_of(alice)}"
        await Ticket.objects.aupdate(expires=await sync_to_async(db_now)() - timedelta(milliseconds=1))
        assert await who(await knock(query)) == NOT_AUTHENTICATED

    async def test_is_worth_nothing_once_its_sign_in_has_ended(self, knock: Knock, alice: User) -> None:
        def signed_out_ticket() -> str:
            client = Api(alice)
            ticket: str = client.ok("post", "/api/auth/ticket/")["ticket"]
            client.ok("post", "/api/auth/logout/")
            return ticket

        assert await who(await knock(f"?ticket={await sync_to_async(signed_out_ticket)()}")) == NOT_AUTHENTICATED

    async def test_of_a_browser_session_works_too(self, knock: Knock, alice: User) -> None:
        def from_browser() -> str:
            browser = signed_in_browser(alice)
            token = browser.cookies["csrftoken"].value
            answer = browser.post("/api/auth/ticket/", content_type="application/json", HTTP_X_CSRFTOKEN=token)
            ticket: str = answer.json()["ticket"]
            return ticket

        assert await who(await knock(f"?ticket={await sync_to_async(from_browser)()}")) == "alice"

    def test_of_fifty_uses_at_once_one_wins(self, api: Callable[[User | None], Api], alice: User) -> None:
        ticket = api(alice).ok("post", "/api/auth/ticket/")["ticket"]

        def use(_: int) -> bool:
            try:
                return credentials.use_ticket(ticket) is not None
            finally:
                connection.close()

        with ThreadPoolExecutor(16) as pool:
            results = list(pool.map(use, range(50)))
        assert results.count(True) == 1

    def test_old_ones_are_swept_when_new_ones_are_made(self, api: Callable[[User | None], Api], alice: User) -> None:
        client = api(alice)
        for _ in range(3):
            client.ok("post", "/api/auth/ticket/")
        Ticket.objects.update(expires=db_now() - timedelta(seconds=1))
        client.ok("post", "/api/auth/ticket/")
        assert Ticket.objects.count() == 1

    def test_deactivation_takes_them_away(self, api: Callable[[User | None], Api], alice: User) -> None:
        api(alice).ok("post", "/api/auth/ticket/")
        services.deactivate(user=alice)
        assert not Ticket.objects.exists()
