import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from knox.models import AuthToken

from project.accounts.models import Ticket, User
from tests.accounts.conftest import session_key, signed_in_browser, submit
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(alice: User) -> Client:
    """A browser of alice, who is a superuser."""
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return signed_in_browser(alice)


def act(admin: Client, model: str, action: str, *ids: object) -> str:
    fields: dict[str, str | list[str]] = {"action": action, "_selected_action": [str(each) for each in ids], "post": "yes"}
    response = submit(admin, f"/admin/{model}/", fields, follow=True)
    assert response.status_code == 200
    html: str = response.content.decode()
    return html


def test_lists_and_search_work(admin: Client, bob: User) -> None:
    Api(bob).ok("post", "/api/auth/ticket/")
    for model in ("accounts/user", "accounts/ticket", "knox/authtoken"):
        page = admin.get(f"/admin/{model}/?q=bob")
        assert page.status_code == 200, model
        assert "bob" in page.content.decode()


def test_digests_and_tokens_are_not_shown(admin: Client, bob: User) -> None:
    client = Api(bob)
    ticket = client.ok("post", "/api/auth/ticket/")["ticket"]
    row, token_row = Ticket.objects.get(), AuthToken.objects.get()
    pages = ["accounts/ticket/", f"accounts/ticket/{row.pk}/change/", "knox/authtoken/"]
    html = "".join(admin.get(f"/admin/{page}").content.decode() for page in pages)
    for secret in (ticket, row.digest, row.origin, client.token, token_row.token_key):
        assert secret not in html


def test_users_are_deactivated_never_deleted(admin: Client, bob: User) -> None:
    client = Api(bob)
    assert admin.get(f"/admin/accounts/user/{bob.pk}/delete/").status_code == 403
    assert "Deactivated 1." in act(admin, "accounts/user", "deactivate", bob.pk)
    assert not User.objects.get(pk=bob.pk).is_active
    assert client.refused("get", "/api/me/")[0] == 401


def test_form_that_deactivates_ends_sign_ins(admin: Client, bob: User) -> None:
    Api(bob)
    path = f"/admin/accounts/user/{bob.pk}/change/"
    fields = {"username": "bob", "kind": "human", "is_active": ""}
    assert submit(admin, path, fields).status_code == 302
    assert not AuthToken.objects.filter(user=bob).exists()


def test_signing_out_everywhere(admin: Client, bob: User) -> None:
    client, browser = Api(bob), signed_in_browser(bob)
    assert session_key(browser)
    act(admin, "accounts/user", "sign_out_everywhere", bob.pk)
    assert client.refused("get", "/api/me/")[0] == 401
    assert browser.get("/api/me/").status_code == 401


def test_tokens_can_be_ended_but_not_made_or_changed(admin: Client, bob: User) -> None:
    client = Api(bob)
    row = AuthToken.objects.get()
    assert admin.get("/admin/knox/authtoken/add/").status_code == 403
    act(admin, "knox/authtoken", "delete_selected", row.pk)
    assert client.refused("get", "/api/me/")[0] == 401


def test_people_without_staff_rights_stay_outside(bob: User) -> None:
    assert signed_in_browser(bob).get("/admin/").status_code == 302


def test_staff_who_may_only_look_cannot_act(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename="view_user"))
    browser, token = signed_in_browser(bob), Api(alice)
    for action in ("deactivate", "sign_out_everywhere"):
        act(browser, "accounts/user", action, alice.pk)
    assert User.objects.get(pk=alice.pk).is_active
    assert token.ok("get", "/api/me/")["username"] == "alice"


def test_own_admin_password_form_ends_tokens(admin: Client, alice: User) -> None:
    client = Api(alice)
    fields = {"old_password": "alice-pass-1234", "new_password1": "a-quiet-harbour-42", "new_password2": "a-quiet-harbour-42"}
    assert submit(admin, "/admin/password_change/", fields).status_code == 302
    assert client.refused("get", "/api/me/")[0] == 401


def test_admin_password_form_ends_sign_ins(admin: Client, bob: User) -> None:
    browser, client = signed_in_browser(bob), Api(bob)
    fields = {"password1": "a-quiet-harbour-42", "password2": "a-quiet-harbour-42", "usable_password": "true"}
    assert submit(admin, f"/admin/accounts/user/{bob.pk}/password/", fields).status_code == 302
    assert browser.get("/api/me/").status_code == 401
    assert client.refused("get", "/api/me/")[0] == 401
