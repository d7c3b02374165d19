import pytest

from project.accounts.models import User
from tests.boards.conftest import Room
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


def member_id(room: Room, name: str) -> str:
    members = room.snapshot()["state"]["members"]
    return next(str(member["user"]["id"]) for member in members if member["user"]["username"] == name)


def test_owner_adds_a_member_who_then_sees_the_board(room: Room) -> None:
    response = room.owner.call("post", f"{room.path}members/", {"username": "charlie", "role": "editor"})
    assert response.status_code == 201
    assert (response.json()["member"]["user"]["username"], response.json()["member"]["role"]) == ("charlie", "editor")
    assert room.stranger.ok("get", room.path)["role"] == "editor"


def test_inviting_twice_changes_nothing(room: Room) -> None:
    before = room.snapshot()
    reply = room.owner.ok("post", f"{room.path}members/", {"username": "bob", "role": "viewer"})
    assert (reply["member"]["role"], reply["seq"]) == ("editor", before["seq"])
    assert room.snapshot() == before


def test_unknown_or_inactive_user_cannot_be_added(room: Room, charlie: User) -> None:
    User.objects.filter(id=charlie.id).update(is_active=False)
    for name in ("nobody", "charlie"):
        status, error = room.owner.refused("post", f"{room.path}members/", {"username": name, "role": "viewer"})
        assert (status, error["code"], "username" in error["fields"]) == (400, "invalid", True)


def test_unknown_role_is_invalid(room: Room) -> None:
    status, error = room.owner.refused("post", f"{room.path}members/", {"username": "charlie", "role": "admin"})
    assert (status, "role" in error["fields"]) == (400, True)


def test_change_of_role_takes_effect_at_once(room: Room) -> None:
    bob = member_id(room, "bob")
    assert room.owner.ok("patch", f"{room.path}members/{bob}/", {"role": "viewer"})["member"]["role"] == "viewer"
    assert room.editor.refused("post", f"{room.path}cards/", {"column": room.columns[0], "title": "x"})[0] == 403


def test_same_role_again_tells_nothing(room: Room) -> None:
    seq = room.snapshot()["seq"]
    assert room.owner.ok("patch", f"{room.path}members/{member_id(room, 'bob')}/", {"role": "editor"})["seq"] == seq


def test_removed_member_is_a_stranger(room: Room) -> None:
    bob = member_id(room, "bob")
    assert room.owner.ok("delete", f"{room.path}members/{bob}/")["member"]["user"]["id"] == bob
    assert room.editor.refused("get", room.path)[0] == 404
    assert room.owner.refused("delete", f"{room.path}members/{bob}/")[0] == 404


def test_removed_members_cards_stay_assigned(room: Room) -> None:
    card = room.card(assignee=str(room.editor_id))["id"]
    room.owner.ok("delete", f"{room.path}members/{room.editor_id}/")
    assert room.owner.ok("get", f"/api/cards/{card}/")["assignee"]["username"] == "bob"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_last_owner_stays(room: Room, method: str) -> None:
    alice = member_id(room, "alice")
    body = {"role": "editor"} if method == "patch" else None
    status, error = room.owner.refused(method, f"{room.path}members/{alice}/", body)
    assert (status, error["code"], error["data"]["member"]["role"]) == (409, "conflict", "owner")


def test_owner_may_go_once_there_is_another(room: Room) -> None:
    room.owner.ok("patch", f"{room.path}members/{room.editor_id}/", {"role": "owner"})
    room.owner.ok("delete", f"{room.path}members/{member_id(room, 'alice')}/")
    assert room.editor.ok("get", room.path)["role"] == "owner"


def test_owner_who_was_deactivated_does_not_count(room: Room) -> None:
    room.owner.ok("patch", f"{room.path}members/{room.editor_id}/", {"role": "owner"})
    User.objects.filter(id=room.editor_id).update(is_active=False)
    assert room.owner.refused("delete", f"{room.path}members/{member_id(room, 'alice')}/")[0] == 409


def test_members_are_listed_for_members_newest_first(room: Room) -> None:
    rows = room.viewer.ok("get", f"{room.path}members/")["results"]
    assert [row["user"]["username"] for row in rows] == ["vera", "bob", "alice"]


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_only_owners_manage(room: Room, who: str) -> None:
    client = getattr(room, who)
    path = f"{room.path}members/"
    assert client.refused("post", path, {"username": "charlie", "role": "viewer"})[0] == 403
    assert client.refused("patch", f"{path}{room.editor_id}/", {"role": "owner"})[0] == 403
    assert client.refused("delete", f"{path}{room.editor_id}/")[0] == 403
    assert client.refused("patch", room.path, {"name": "Mine"})[0] == 403
    assert client.refused("delete", room.path)[0] == 403


def test_users_are_those_of_my_boards_or_an_exact_name(room: Room) -> None:
    def names(query: str) -> set[str]:
        return {user["username"] for user in room.editor.ok("get", f"/api/users/{query}")["results"]}

    assert names("") == {"alice", "bob", "vera"}
    assert names("?q=ALI") == {"alice"}
    assert names("?q=charl") == set()
    assert names("?q=charlie") == {"charlie"}


def test_agent_has_the_rights_of_its_own_membership(room: Room, robo: User) -> None:
    card, robot = room.card()["id"], Api(robo)
    assert robot.refused("get", room.path)[0] == 404
    room.owner.ok("post", f"{room.path}members/", {"username": "robo", "role": "viewer"})
    assert robot.refused("post", f"/api/cards/{card}/archive/")[0] == 403
    room.owner.ok("patch", f"{room.path}members/{robo.id}/", {"role": "editor"})
    assert robot.ok("post", f"/api/cards/{card}/archive/")["card"]["updated_by"]["kind"] == "agent"
