from typing import Any

import pytest
from django.test import Client

from project.accounts import services
from project.accounts.models import User
from tests.accounts.conftest import signed_in_browser, submit

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "a-quiet-harbour-42"


def sign_in(browser: Client, name: str, password: str, query: str = "", **more: Any) -> Any:
    return submit(browser, f"/accounts/login/{query}", {"username": name, "password": password}, **more)


class TestLogin:
    def test_sets_a_session_that_rest_takes(self, browser: Client, alice: User) -> None:
        response = sign_in(browser, "alice", "alice-pass-1234")
        assert (response.status_code, response["Location"]) == (302, "/")
        assert browser.get("/api/me/").json()["username"] == "alice"
        assert browser.cookies["sessionid"]["httponly"]
        assert browser.cookies["sessionid"]["samesite"] == "Lax"

    def test_starts_a_session_with_a_new_key(self, browser: Client, alice: User) -> None:
        browser.cookies["sessionid"] = "planted-by-somebody-else-0000000"
        sign_in(browser, "alice", "alice-pass-1234")
        assert browser.cookies["sessionid"].value != "planted-by-somebody-else-0000000"

    @pytest.mark.parametrize("given", [("alice", "wrong"), ("nobody", "x"), ("robo", "robo-pass-1234"), ("bob", "bob-pass-1234")])
    def test_refuses_wrong_unknown_agents_and_deactivated_alike(
        self, browser: Client, alice: User, bob: User, robo: User, given: tuple[str, str]
    ) -> None:
        services.deactivate(user=bob)
        page = sign_in(browser, *given)
        assert "Username or password is wrong." in page.content.decode()
        assert "sessionid" not in browser.cookies

    def test_needs_the_csrf_token(self, browser: Client, alice: User) -> None:
        response = browser.post("/accounts/login/", {"username": "alice", "password": "alice-pass-1234"})
        assert response.status_code == 403
        assert "Go back, reload the page and send it again." in response.content.decode()

    @pytest.mark.parametrize("target", ["/boards/7/?a=1", "/"])
    def test_goes_on_to_next(self, browser: Client, alice: User, target: str) -> None:
        assert sign_in(browser, "alice", "alice-pass-1234", f"?next={target}")["Location"] == target

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"]
    )
    def test_never_goes_elsewhere(self, browser: Client, alice: User, target: str) -> None:
        assert sign_in(browser, "alice", "alice-pass-1234", f"?next={target}")["Location"] == "/"

    def test_who_is_signed_in_goes_on(self, alice: User) -> None:
        browser = signed_in_browser(alice)
        assert browser.get("/accounts/login/")["Location"] == "/"
        assert browser.get("/accounts/login/?next=/boards/7/")["Location"] == "/boards/7/"
        assert browser.get("/accounts/login/?next=https://evil.example/")["Location"] == "/"

    def test_has_labels_and_autocomplete_and_keeps_the_name(self, browser: Client, alice: User) -> None:
        page = sign_in(browser, "alice", "wrong").content.decode()
        for part in ['autocomplete="username"', 'autocomplete="current-password"', 'for="id_username"', 'value="alice"', 'role="alert"']:
            assert part in page
        assert "wrong" not in page.replace("is wrong", "")

    def test_shows_the_demo_line_in_development_only(self, browser: Client, settings: Any) -> None:
        line = "Demo logins are printed where the server was started."
        settings.WORKROOM_IS_DEVELOPMENT = True
        assert line in browser.get("/accounts/login/").content.decode()
        settings.WORKROOM_IS_DEVELOPMENT = False
        assert line not in browser.get("/accounts/login/").content.decode()

    def test_offers_signing_up_where_one_can(self, browser: Client, settings: Any) -> None:
        assert "/accounts/signup/" in browser.get("/accounts/login/").content.decode()
        settings.WORKROOM_SIGNUP = False
        assert "/accounts/signup/" not in browser.get("/accounts/login/").content.decode()

    def test_stores_nothing_in_caches(self, browser: Client) -> None:
        for page in ("login", "signup"):
            assert "no-store" in browser.get(f"/accounts/{page}/")["Cache-Control"]


class TestSignup:
    def test_makes_a_person_and_signs_in(self, browser: Client) -> None:
        response = submit(browser, "/accounts/signup/?next=/boards/7/", {"username": "dora", "password": GOOD})
        assert (response.status_code, response["Location"]) == (302, "/boards/7/")
        assert browser.get("/api/me/").json()["kind"] == "human"

    def test_shows_the_rules_before_the_first_mistake(self, browser: Client) -> None:
        page = browser.get("/accounts/signup/").content.decode()
        assert "at least 8 characters" in page
        assert 'autocomplete="new-password"' in page

    def test_tells_a_taken_name_at_the_field(self, browser: Client, alice: User) -> None:
        page = submit(browser, "/accounts/signup/", {"username": "Alice", "password": GOOD}).content.decode()
        assert services.NAME_IS_TAKEN in page
        assert 'id="id_username_error"' in page
        assert User.objects.count() == 1

    def test_tells_a_weak_password_at_the_field(self, browser: Client) -> None:
        page = submit(browser, "/accounts/signup/", {"username": "dora", "password": "short"}).content.decode()
        assert 'id="id_password_error"' in page
        assert not User.objects.exists()

    def test_never_goes_elsewhere(self, browser: Client) -> None:
        response = submit(browser, "/accounts/signup/?next=//evil.example", {"username": "dora", "password": GOOD})
        assert response["Location"] == "/"

    def test_can_be_switched_off(self, browser: Client, settings: Any) -> None:
        submit(browser, "/accounts/signup/", {"username": "", "password": ""})
        token = browser.cookies["csrftoken"].value
        settings.WORKROOM_SIGNUP = False
        shown = browser.get("/accounts/signup/")
        assert shown.status_code == 403
        assert services.SIGNUP_IS_OFF in shown.content.decode()
        sent = browser.post("/accounts/signup/", {"username": "dora", "password": GOOD, "csrfmiddlewaretoken": token})
        assert sent.status_code == 403
        assert not User.objects.exists()

    def test_who_is_signed_in_goes_on(self, alice: User) -> None:
        assert signed_in_browser(alice).get("/accounts/signup/")["Location"] == "/"


class TestLogout:
    def test_ends_the_session(self, alice: User) -> None:
        browser = signed_in_browser(alice)
        response = browser.post("/accounts/logout/", {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
        assert browser.get("/api/me/").status_code == 401

    def test_is_not_done_by_a_link_or_a_foreign_form(self, alice: User) -> None:
        browser = signed_in_browser(alice)
        assert browser.get("/accounts/logout/").status_code == 405
        assert browser.post("/accounts/logout/").status_code == 403
        assert browser.get("/api/me/").status_code == 200


class TestPassword:
    def change(self, browser: Client, old: str, new: str) -> Any:
        return submit(browser, "/accounts/password/", {"old_password": old, "new_password": new})

    def test_ends_every_other_sign_in_and_stays_signed_in_here(self, alice: User) -> None:
        here, elsewhere = signed_in_browser(alice), signed_in_browser(alice)
        old_key = here.cookies["sessionid"].value
        assert self.change(here, "alice-pass-1234", GOOD)["Location"] == "/"
        assert here.get("/api/me/").status_code == 200
        assert here.cookies["sessionid"].value != old_key
        assert elsewhere.get("/api/me/").status_code == 401
        assert sign_in(Client(), "alice", GOOD).status_code == 302

    def test_wants_the_old_one(self, alice: User) -> None:
        browser = signed_in_browser(alice)
        assert 'id="id_old_password_error"' in self.change(browser, "wrong", GOOD).content.decode()
        assert sign_in(Client(), "alice", "alice-pass-1234").status_code == 302

    def test_counts_wrong_tries(self, alice: User) -> None:
        browser = signed_in_browser(alice)
        answers = [self.change(browser, "wrong", GOOD) for _ in range(5)]
        assert [each.status_code for each in answers] == [200] * 4 + [429]  # signing in was the first of the five
        assert "Too many tries." in answers[-1].content.decode()

    def test_wants_a_sign_in(self, browser: Client) -> None:
        assert browser.get("/accounts/password/")["Location"] == "/accounts/login/?next=/accounts/password/"


@pytest.mark.parametrize("page", ["login", "signup"])
def test_pages_have_no_inline_script_or_style(browser: Client, page: str) -> None:
    response = browser.get(f"/accounts/{page}/")
    html = response.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick" not in html
    assert "unsafe-inline" not in response["Content-Security-Policy"]
