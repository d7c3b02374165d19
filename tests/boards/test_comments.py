import pytest

from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def test_comment_is_rendered_counted_and_told(room: Room) -> None:
    card = room.card()["id"]
    response = room.editor.call("post", f"/api/cards/{card}/comments/", {"content": "*Hi* <b>"})
    comment = response.json()["comment"]
    assert response.status_code == 201
    assert set(comment) == {"id", "card", "author", "content", "html", "created", "updated"}
    assert (comment["card"], comment["author"]["username"], comment["html"]) == (card, "bob", "<p><em>Hi</em> &lt;b&gt;</p>\n")
    assert room.viewer.ok("get", f"/api/cards/{card}/")["comment_count"] == 1
    assert room.events()[-1]["data"] == {"comment": comment}


def test_bad_content_is_refused(room: Room) -> None:
    card = room.card()["id"]
    for content in ("", "  \n ", None, "c" * 16_001, 5):
        status, error = room.editor.refused("post", f"/api/cards/{card}/comments/", {"content": content})
        assert (status, "content" in error["fields"]) == (400, True), content


def test_comments_are_listed_oldest_first_in_pages(room: Room) -> None:
    card = room.card()["id"]
    for number in range(5):
        room.comment(card, str(number))
    path = f"/api/cards/{card}/comments/?limit=2"
    first = room.viewer.ok("get", path)
    second = room.viewer.ok("get", f"{path}&cursor={first['next']}")
    last = room.viewer.ok("get", f"{path}&cursor={second['next']}")
    assert [[comment["content"] for comment in page["results"]] for page in (first, second, last)] == [["0", "1"], ["2", "3"], ["4"]]
    assert last["next"] is None


def test_author_and_owner_edit_and_nobody_else(room: Room) -> None:
    card = room.card()["id"]
    comment = room.comment(card)
    path = f"/api/comments/{comment}/"
    room.owner.ok("post", f"{room.path}members/", {"username": "charlie", "role": "editor"})
    assert room.editor.ok("patch", path, {"content": "mine"})["comment"]["content"] == "mine"
    assert room.owner.ok("patch", path, {"content": "the owner's"})["comment"]["author"]["username"] == "bob"
    assert room.stranger.refused("patch", path, {"content": "x"})[0] == 403
    assert room.viewer.refused("delete", path)[0] == 403
    assert room.owner.ok("delete", path)["id"] == comment
    assert room.editor.ok("get", f"/api/cards/{card}/")["comment_count"] == 0


def test_author_who_may_only_read_now_cannot_edit(room: Room) -> None:
    comment = room.comment(room.card()["id"])
    room.owner.ok("patch", f"{room.path}members/{room.editor_id}/", {"role": "viewer"})
    assert room.editor.refused("patch", f"/api/comments/{comment}/", {"content": "x"})[0] == 403


def test_edit_that_changes_nothing_tells_nothing(room: Room) -> None:
    comment = room.comment(room.card()["id"], "Same")
    seq = room.snapshot()["seq"]
    assert room.editor.ok("patch", f"/api/comments/{comment}/", {"content": "Same"})["seq"] == seq
