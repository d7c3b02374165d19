import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from knox.models import AuthToken

from project.accounts import guard, services
from project.accounts.models import User
from project.clock import db_now
from project.errors import Invalid
from tests.accounts.conftest import signed_in_browser
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

ApiFor = Callable[[User | None], Api]
GOOD = "a-quiet-harbour-42"


def sign_in(api: ApiFor, name: str, password: str) -> Any:
    return api(None).call("post", "/api/auth/login/", {"username": name, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


class TestSignup:
    def test_gives_a_token_that_works_and_no_cookie(self, api: ApiFor) -> None:
        response = api(None).call("post", "/api/auth/signup/", {"username": "dora", "password": GOOD})
        assert response.status_code == 201
        assert not response.cookies
        body = response.json()
        assert set(body) == {"token", "expiry", "user"}
        assert body["user"] == {"id": str(User.objects.get(username="dora").id), "username": "dora", "kind": "human"}
        assert Client().get("/api/me/", headers=bearer(body["token"])).json()["username"] == "dora"

    def test_keeps_only_a_digest_of_token_and_password(self, api: ApiFor) -> None:
        body = api(None).ok("post", "/api/auth/signup/", {"username": "dora", "password": GOOD})
        row = AuthToken.objects.get()
        assert body["token"] not in (row.digest, row.token_key)
        assert GOOD not in User.objects.get(username="dora").password

    @pytest.mark.parametrize("name", ["alice", "ALICE", "ａlice"])
    def test_refuses_a_taken_name_in_any_spelling(self, api: ApiFor, alice: User, name: str) -> None:
        status, error = api(None).refused("post", "/api/auth/signup/", {"username": name, "password": GOOD})
        assert (status, error["code"], list(error["fields"])) == (400, "invalid", ["username"])

    @pytest.mark.parametrize("name", ["", " ", "with space", "semi;colon", "x" * 151, "<b>"])
    def test_refuses_a_bad_name(self, api: ApiFor, name: str) -> None:
        status, error = api(None).refused("post", "/api/auth/signup/", {"username": name, "password": GOOD})
        assert (status, list(error["fields"])) == (400, ["username"])

    @pytest.mark.parametrize("password", ["", "short1", "12345678901", "password", "dora-the-explorer"])
    def test_refuses_a_weak_password(self, api: ApiFor, password: str) -> None:
        status, error = api(None).refused("post", "/api/auth/signup/", {"username": "dora-the-explorer", "password": password})
        assert (status, list(error["fields"])) == (400, ["password"])
        assert not User.objects.exists()

    def test_can_be_switched_off(self, api: ApiFor, settings: Any) -> None:
        settings.WORKROOM_SIGNUP = False
        status, error = api(None).refused("post", "/api/auth/signup/", {"username": "dora", "password": GOOD})
        assert (status, error["code"], error["message"]) == (403, "forbidden", services.SIGNUP_IS_OFF)
        assert not User.objects.exists()

    def test_race_for_a_name_is_lost_with_the_same_words(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "_name_problems", lambda user: {})
        with pytest.raises(Invalid) as refused:
            services.sign_up(username="alice", password=GOOD)
        assert refused.value.fields == {"username": [services.NAME_IS_TAKEN]}

    @pytest.mark.parametrize(
        "body", [[], "x", 7, {"username": "dora"}, {"username": "dora", "password": GOOD, "admin": True}, {"username": 1, "password": GOOD}]
    )
    def test_refuses_another_shape(self, api: ApiFor, body: Any) -> None:
        assert api(None).refused("post", "/api/auth/signup/", body)[0] == 400
        assert not User.objects.exists()


class TestLogin:
    def test_gives_a_token_that_works_and_no_cookie(self, api: ApiFor, alice: User) -> None:
        response = sign_in(api, "alice", "alice-pass-1234")
        assert response.status_code == 200
        assert not response.cookies
        body = response.json()
        assert set(body) == {"token", "expiry", "user"}
        assert body["expiry"].endswith("Z")
        assert body["user"] == {"id": str(alice.id), "username": "alice", "kind": "human"}
        assert Client().get("/api/me/", headers=bearer(body["token"])).status_code == 200

    def test_agents_may_have_tokens(self, api: ApiFor, robo: User) -> None:
        assert sign_in(api, "robo", "robo-pass-1234").json()["user"]["kind"] == "agent"

    def test_says_the_same_to_unknown_wrong_and_deactivated(self, api: ApiFor, alice: User, bob: User) -> None:
        services.deactivate(user=bob)
        answers = [sign_in(api, *given) for given in [("nobody", "x"), ("alice", "x"), ("bob", "bob-pass-1234"), ("", "")]]
        assert [answer.status_code for answer in answers] == [401] * 4
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["error"] == {"code": "not_authenticated", "message": "Username or password is wrong."}
        assert answers[0]["WWW-Authenticate"] == "Bearer"

    def test_does_the_same_work_for_unknown_and_known(self, api: ApiFor, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nearly all the time of a sign-in is one hash, so as many hashes tell nobody which names there are."""
        User.objects.create_user("alice", password=GOOD)
        User.objects.create_user("bob", password=GOOD, is_active=False)
        encode, hashed = MD5PasswordHasher.encode, []

        def count(self: MD5PasswordHasher, password: str, salt: str) -> str:
            hashed.append(password)
            return encode(self, password, salt)

        monkeypatch.setattr(MD5PasswordHasher, "encode", count)
        for name in ("alice", "bob", "nobody"):
            guard.tries.clear()
            hashed.clear()
            sign_in(api, name, "wrong")
            assert hashed == ["wrong"], name

    def test_old_token_in_the_header_does_not_matter(self, alice: User) -> None:
        body = {"username": "alice", "password": "alice-pass-1234"}
        response = Client().post("/api/auth/login/", body, content_type="application/json", headers=bearer("long-gone"))
        assert response.status_code == 200

    def test_with_a_browsers_cookie_csrf_is_enforced(self, alice: User) -> None:
        body = {"username": "alice", "password": "alice-pass-1234"}
        response = signed_in_browser(alice).post("/api/auth/login/", body, content_type="application/json")
        assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")

    def test_forms_are_not_taken(self, alice: User) -> None:
        response = Client().post("/api/auth/login/", {"username": "alice", "password": "alice-pass-1234"})
        assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_media_type")

    def test_ignores_the_idempotency_key(self, api: ApiFor, alice: User) -> None:
        key = uuid4()
        body = {"username": "alice", "password": "alice-pass-1234"}
        tokens = {api(None).ok("post", "/api/auth/login/", body, key=key)["token"] for _ in range(2)}
        assert len(tokens) == 2
        again = Client().post("/api/auth/login/", body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="not a uuid")
        assert again.status_code == 200

    def test_password_may_be_composed_either_way(self, api: ApiFor) -> None:
        api(None).ok("post", "/api/auth/signup/", {"username": "dora", "password": "cafe\u0301-quiet-42"})
        assert sign_in(api, "dora", "caf\u00e9-quiet-42").status_code == 200

    def test_unwanted_format_still_answers_json(self, alice: User) -> None:
        response = Client().post("/api/auth/login/", "{}", content_type="application/json", HTTP_ACCEPT="text/html")
        assert (response.status_code, response["Content-Type"]) == (400, "application/json")


class TestEnding:
    def test_logout_ends_this_token_only(self, api: ApiFor, alice: User) -> None:
        one, other = api(alice), api(alice)
        response = one.call("post", "/api/auth/logout/")
        assert (response.status_code, response.content) == (204, b"")
        assert one.refused("get", "/api/me/")[0] == 401
        assert other.ok("get", "/api/me/")["username"] == "alice"

    def test_logout_by_cookie_ends_the_browser_session(self, alice: User) -> None:
        browser = signed_in_browser(alice)
        old = browser.cookies["sessionid"].value
        csrf = browser.cookies["csrftoken"].value
        assert browser.post("/api/auth/logout/", content_type="application/json", HTTP_X_CSRFTOKEN=csrf).status_code == 204
        thief = Client()
        thief.cookies["sessionid"] = old
        assert thief.get("/api/me/").status_code == 401

    def test_logoutall_ends_tokens_and_browsers(self, api: ApiFor, alice: User, bob: User) -> None:
        one, other, browser, bystander = api(alice), api(alice), signed_in_browser(alice), api(bob)
        assert one.call("post", "/api/auth/logoutall/").status_code == 204
        assert [each.refused("get", "/api/me/")[0] for each in (one, other)] == [401, 401]
        assert browser.get("/api/me/").status_code == 401
        assert bystander.ok("get", "/api/me/")

    def test_password_change_ends_everything_and_counts(self, api: ApiFor, alice: User) -> None:
        client, browser = api(alice), signed_in_browser(alice)
        response = client.call("post", "/api/auth/password/", {"old_password": "alice-pass-1234", "new_password": GOOD})
        assert (response.status_code, response.content) == (204, b"")
        assert client.refused("get", "/api/me/")[0] == 401
        assert browser.get("/api/me/").status_code == 401
        assert sign_in(api, "alice", "alice-pass-1234").status_code == 401
        assert sign_in(api, "alice", GOOD).status_code == 200

    @pytest.mark.parametrize(
        "end", [lambda user: services.set_password(user=user, password=GOOD), lambda user: services.revoke_everything(user=user)]
    )
    def test_sign_in_that_is_overtaken_by_the_end_of_all_gives_no_token(
        self, api: ApiFor, alice: User, monkeypatch: pytest.MonkeyPatch, end: Callable[[User], None]
    ) -> None:
        def overtaken(*args: Any, **given: Any) -> Any:
            user = authenticate(*args, **given)
            end(User.objects.get(pk=alice.pk))
            return user

        monkeypatch.setattr(services, "authenticate", overtaken)
        assert sign_in(api, "alice", "alice-pass-1234").status_code == 401
        assert not AuthToken.objects.exists()

    def test_password_change_wants_the_old_one(self, api: ApiFor, alice: User) -> None:
        client = api(alice)
        status, error = client.refused("post", "/api/auth/password/", {"old_password": "x", "new_password": GOOD})
        assert (status, list(error["fields"])) == (400, ["old_password"])
        assert client.ok("get", "/api/me/")
        assert sign_in(api, "alice", "alice-pass-1234").status_code == 200

    def test_password_change_wants_a_good_new_one(self, api: ApiFor, alice: User) -> None:
        body = {"old_password": "alice-pass-1234", "new_password": "alice"}
        status, error = api(alice).refused("post", "/api/auth/password/", body)
        assert (status, list(error["fields"])) == (400, ["new_password"])

    def test_password_change_is_no_way_around_the_limit_on_guesses(self, api: ApiFor, alice: User) -> None:
        client = api(alice)
        statuses = [
            client.refused("post", "/api/auth/password/", {"old_password": f"guess-{number}", "new_password": GOOD})[0]
            for number in range(6)
        ]
        assert statuses == [400] * 5 + [429]

    def test_deactivated_user_is_refused_everything(self, api: ApiFor, alice: User) -> None:
        client, browser = api(alice), signed_in_browser(alice)
        services.deactivate(user=alice)
        assert client.refused("get", "/api/me/")[0] == 401
        assert client.refused("post", "/api/auth/ticket/")[0] == 401
        assert browser.get("/api/me/").status_code == 401
        assert sign_in(api, "alice", "alice-pass-1234").status_code == 401

    def test_being_active_again_revives_no_old_sign_in(self, api: ApiFor, alice: User) -> None:
        client, browser = api(alice), signed_in_browser(alice)
        services.deactivate(user=alice)
        User.objects.filter(pk=alice.pk).update(is_active=True)
        assert client.refused("get", "/api/me/")[0] == 401
        assert browser.get("/api/me/").status_code == 401
        assert sign_in(api, "alice", "alice-pass-1234").status_code == 200

    def test_expired_token_is_refused(self, api: ApiFor, alice: User) -> None:
        client = api(alice)
        AuthToken.objects.update(expiry=db_now() - timedelta(seconds=1))
        status, error = client.refused("get", "/api/me/")
        assert (status, error["code"]) == (401, "not_authenticated")

    @pytest.mark.parametrize("path", ["logout", "logoutall", "password", "ticket"])
    def test_every_one_needs_a_sign_in(self, api: ApiFor, path: str) -> None:
        status, error = api(None).refused("post", f"/api/auth/{path}/", {})
        assert (status, error["code"]) == (401, "not_authenticated")

    @pytest.mark.parametrize("path", ["logout", "logoutall", "ticket"])
    def test_unknown_fields_are_refused(self, api: ApiFor, alice: User, path: str) -> None:
        client = api(alice)
        assert client.refused("post", f"/api/auth/{path}/", {"why": "tired"})[0] == 400
        assert client.ok("get", "/api/me/")


class TestWhoAmI:
    def test_me_has_user_and_model(self, api: ApiFor, alice: User) -> None:
        me = api(alice).ok("get", "/api/me/")
        assert {name: me[name] for name in ("id", "username", "kind")} == {"id": str(alice.id), "username": "alice", "kind": "human"}
        assert set(me) == {"id", "username", "kind", "model"}
        assert set(me["model"]) == {"configured", "adapter", "name"}

    def test_secrets_are_not_cached(self, api: ApiFor, alice: User) -> None:
        for method, path in [("get", "/api/me/"), ("post", "/api/auth/ticket/")]:
            assert api(alice).call(method, path)["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YWxpY2U6eA==", "Token x", "bearer a b", "Bearer \u00ff"]
    )
    def test_bad_bearer_is_never_skipped_for_a_good_cookie(self, alice: User, header: str) -> None:
        browser = signed_in_browser(alice)
        assert browser.get("/api/me/").status_code == 200
        response = browser.get("/api/me/", HTTP_AUTHORIZATION=header)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "not_authenticated")

    def test_good_bearer_wins_over_the_cookie_and_needs_no_csrf(self, api: ApiFor, alice: User, bob: User) -> None:
        browser, token = signed_in_browser(alice), api(bob).token
        assert browser.get("/api/me/", headers=bearer(token)).json()["username"] == "bob"
        assert browser.post("/api/auth/ticket/", content_type="application/json", headers=bearer(token)).status_code == 200

    def test_ticket_is_for_the_handshake_only(self, api: ApiFor, alice: User) -> None:
        ticket = api(alice).ok("post", "/api/auth/ticket/")["ticket"]
        assert Client().get(f"/api/me/?ticket={ticket}").status_code == 401
        assert Client().get("/api/me/", headers=bearer(ticket)).status_code == 401

    @pytest.mark.parametrize("path", ["auth/logout/", "auth/logoutall/", "auth/password/", "auth/ticket/"])
    def test_cookie_without_csrf_token_is_forbidden_by_name(self, alice: User, bob: User, path: str) -> None:
        browser = signed_in_browser(alice)
        foreign = signed_in_browser(bob).cookies["csrftoken"].value
        for headers in (dict[str, str](), {"x-csrftoken": foreign}, {"x-csrftoken": "x"}):
            response = browser.post(f"/api/{path}", json.dumps({}), content_type="application/json", headers=headers)
            assert response.status_code == 403
            assert "CSRF" in response.json()["error"]["message"]
        assert browser.get("/api/me/").status_code == 200

    def test_options_tells_nothing(self, api: ApiFor, alice: User) -> None:
        assert api(alice).refused("options", "/api/me/")[1]["code"] == "method_not_allowed"

    def test_cookie_that_no_database_takes_signs_nobody_in(self) -> None:
        response = Client().get("/api/me/", headers={"cookie": 'sessionid="abcdefgh\\000ijkl"'})
        assert (response.status_code, response.json()["error"]["code"]) == (401, "not_authenticated")

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b"no boundary"),
            ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'),
            ("application/x-www-form-urlencoded", b"a=1&" * 2000),
            ("application/x-www-form-urlencoded", b"a=" + b"1" * 3_000_000),
        ],
        ids=["no boundary", "multipart", "many fields", "large"],
    )
    def test_forms_of_signed_in_pages_are_not_taken_either(self, alice: User, kind: str, body: bytes) -> None:
        browser = signed_in_browser(alice)
        csrf = browser.cookies["csrftoken"].value
        response = browser.post("/api/auth/ticket/", body, content_type=kind, headers={"X-CSRFToken": csrf})
        assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_media_type")

    def test_more_parameters_than_django_reads_are_refused(self, api: ApiFor, alice: User) -> None:
        status, error = api(alice).refused("get", "/api/boards/?" + "a&" * 1001)
        assert (status, error["code"]) == (400, "invalid")
