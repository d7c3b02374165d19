"""Tools beyond the session's board: other boards and sessions of the starter, the web, and the calculator."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as configured

from agents.llm.port import ToolCallDelta
from agents.tools import fetch_url
from agents.tools.base import ToolContext
from agents.tools.calculator import calculate
from agents.tools.registry import get_tools
from agents.web.client import Fetcher
from project.accounts.models import User
from project.errors import AppError, Forbidden, Invalid, NotFound
from project.gate import validate
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_resolve import check_contract
from tests.agents.test_tools import ARGUMENTS, PRICES, READS, WRITES
from tests.agents.web.servers import Web, serving
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


def use(name: str, context: ToolContext, **arguments: Any) -> dict[str, Any]:
    tool = get_tools()[name]
    data: dict[str, Any] = json.loads(tool.run(context, validate(tool.arguments, arguments)).result)
    return data


def tool_class(name: str, context: ToolContext, **arguments: Any) -> str:
    return get_tools()[name].class_of(context, arguments)


# --- other boards ----------------------------------------------------------------------------------------------------------


class Boards:
    """Alice's board Launch, of which bob is an editor, her own Secret, and bob's Garden, of which she is a viewer."""

    def __init__(self, room: Room, alice: User, bob: User, robo: User, api: Callable[[User], Api]) -> None:
        self.room, self.alice, self.bob, self.robo = room, alice, bob, robo
        self.launch = UUID(room.board)
        self.secret = self._board(room.api, "Secret", "The plan")
        bobs = api(bob)
        self.garden = self._board(bobs, "Garden", "Water it")
        bobs.ok("post", f"/api/boards/{self.garden}/members/", {"username": "alice", "role": "viewer"})

    def context(self, board: UUID | None = None, approver: User | None = None) -> ToolContext:
        name = {self.launch: "Launch", self.secret: "Secret", self.garden: "Garden", None: ""}[board]
        return ToolContext(self.robo, self.alice, board, None, None, uuid4(), name, approver)

    @staticmethod
    def _board(client: Api, name: str, title: str) -> UUID:
        board = client.ok("post", "/api/boards/", {"name": name})["board"]["id"]
        column = client.ok("get", f"/api/boards/{board}/snapshot/")["state"]["columns"][0]["id"]
        client.ok("post", f"/api/boards/{board}/cards/", {"column": column, "title": title, "description": PRICES})
        return UUID(board)


@pytest.fixture
def boards(room: Room, alice: User, bob: User, robo: User, api: Callable[[User], Api]) -> Boards:
    return Boards(room, alice, bob, robo, api)


def elsewhere(name: str) -> dict[str, Any]:
    """The arguments of a call on the board Secret. What is to be deleted there has to be named."""
    return {**ARGUMENTS[name], "board": "Secret", **({"title": "The plan"} if name == "delete_card" else {})}


def test_own_board_is_open_by_any_name(boards: Boards) -> None:
    context = boards.context(boards.launch)
    for named in (None, "Launch", " launch ", str(boards.launch)):
        assert tool_class("board_overview", context, **({"board": named} if named else {})) == "read"
        assert use("board_overview", context, board=named)["board"]["name"] == "Launch"


def test_another_board_needs_the_approval_of_whom_it_belongs_to(boards: Boards) -> None:
    for name in sorted(ARGUMENTS):
        arguments = elsewhere(name)
        assert tool_class(name, boards.context(boards.launch), **arguments) == "unsafe"
        with pytest.raises(Forbidden, match="Nobody has allowed"):
            use(name, boards.context(boards.launch), **arguments)
        with pytest.raises(Forbidden, match="Only alice"):
            use(name, boards.context(boards.launch, boards.bob), **arguments)
    for name in sorted(READS) + sorted(WRITES) + ["delete_card"]:
        assert use(name, boards.context(boards.launch, boards.alice), **elsewhere(name))


def test_session_without_a_board_reads_every_board_and_asks_before_it_writes(boards: Boards) -> None:
    context = boards.context()
    for name in sorted(READS):
        assert tool_class(name, context, **{**ARGUMENTS[name], "board": "Secret"}) == "read"
        assert use(name, context, **{**ARGUMENTS[name], "board": "secret"})
    for name in sorted(WRITES):
        assert tool_class(name, context, **{**ARGUMENTS[name], "board": "Secret"}) == "unsafe"
        with pytest.raises(Forbidden, match="Nobody has allowed"):
            use(name, context, **{**ARGUMENTS[name], "board": "Secret"})
        assert use(name, boards.context(approver=boards.alice), **{**ARGUMENTS[name], "board": "Secret"})
    with pytest.raises(Invalid, match=r"belongs to no board\. Say which: Garden, Launch, Secret"):
        use("board_overview", context)


def test_an_approval_gives_no_right_that_the_starter_has_not(boards: Boards) -> None:
    approved = boards.context(boards.launch, boards.alice)
    assert use("read_card", approved, board="Garden", number=1)["card"]["title"] == "Water it"
    with pytest.raises(Forbidden):
        use("move_card", approved, board="Garden", number=1, column="Done")
    stranger = replace(approved, principal=boards.bob, approver=boards.bob)
    for named in ("Secret", str(boards.secret)):
        with pytest.raises(NotFound, match="no board called"):
            use("read_card", stranger, board=named, number=1)


def test_names_that_fit_no_board_or_several(boards: Boards) -> None:
    boards.room.api.ok("post", "/api/boards/", {"name": "Launch"})
    assert use("board_overview", boards.context(boards.launch), board="Launch")["cards"] == 1  # the session's own goes first
    with pytest.raises(Invalid, match="Several boards are called “Launch”"):
        use("board_overview", boards.context(), board="Launch")
    with pytest.raises(NotFound, match=r"no board called “Nowhere”\.$"):
        use("board_overview", boards.context(boards.launch), board="Nowhere")
    with pytest.raises(Invalid, match="Say which card"):
        use("read_card", boards.context(), board="Secret")


def test_board_that_was_renamed_meanwhile_opens_no_other(boards: Boards) -> None:
    """The class goes by the name the run knows; what is done goes by what is there now."""
    stale = replace(boards.context(boards.launch), board_name="Secret")
    assert tool_class("board_overview", stale, board="Secret") == "read"
    with pytest.raises(Forbidden):
        use("board_overview", stale, board="Secret")


async def test_only_whose_rights_it_takes_may_approve(boards: Boards, bob: User, api: Callable[[User], Api]) -> None:
    """The request stays open for alice; bob may deny, and may approve what stays on the board, as long as he leaves it there."""
    room = boards.room
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Look at Secret")
    bobs = await sync_to_async(api)(bob)

    def approve(request: dict[str, Any], **more: Any) -> tuple[int, Any]:
        body = {"decision": "approve", "hash": request["hash"], **more}
        response = bobs.call("post", f"/api/requests/{request['id']}/answer/", body)
        return response.status_code, response.json()

    calls = [ToolCallDelta("c1", "read_card", {"number": 1, "board": "Secret"}), ToolCallDelta("c2", "delete_card", {"number": 1})]
    with scripted({"chat": [calls, "done"]}) as model:
        await run_until_idle()
        status, body = await sync_to_async(approve)(await sync_to_async(room.request)(session))
        assert (status, body["error"]["code"]) == (403, "forbidden")
        assert "Only alice" in body["error"]["message"]
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
        deletion = await sync_to_async(room.request)(session)
        status, _ = await sync_to_async(approve)(deletion, arguments={"number": 1, "board": "Secret"})
        assert status == 403
        status, _ = await sync_to_async(approve)(deletion)
        assert status == 200
        await run_until_idle()
    answers = [message.content for message in model.asked[1].messages if message.role == "tool"]
    assert "The plan" in answers[0]
    assert "Prepare the launch" in answers[1]


# --- sessions --------------------------------------------------------------------------------------------------------------


def said(data: dict[str, Any]) -> list[str]:
    return [each["said"] for each in data["found"]]


def test_what_was_said_is_found_within_reach(boards: Boards, api: Callable[[User], Api]) -> None:
    room = boards.room
    public = room.session()
    room.say(public, "The Über banner needs a new colour")
    room.say(public, "banner again", during_run="queue")
    private = room.api.ok("post", "/api/sessions/", {"title": "Alone"})["session"]["id"]
    room.api.ok("post", f"/api/sessions/{private}/messages/", {"content": "my secret banner"})
    here = boards.context(boards.launch)
    assert said(use("search_sessions", here, text="BANNER")) == ["banner again", "The Über banner needs a new colour"]
    assert said(use("search_sessions", here, text="über colour")) == ["The Über banner needs a new colour"]
    assert said(use("search_sessions", here, text="secret")) == []
    assert tool_class("search_sessions", here, text="secret", everywhere=True) == "unsafe"
    with pytest.raises(Forbidden):
        use("search_sessions", here, text="secret", everywhere=True)
    assert said(use("search_sessions", boards.context(boards.launch, boards.alice), text="secret", everywhere=True)) == ["my secret banner"]
    assert said(use("search_sessions", boards.context(), text="banner"))[0] == "my secret banner"
    stranger = replace(boards.context(), principal=boards.bob)
    assert len(said(use("search_sessions", stranger, text="banner"))) == 2
    with pytest.raises(Invalid):
        use("search_sessions", here, text="   ")


def test_long_messages_are_shown_around_what_was_found(boards: Boards) -> None:
    session = boards.room.session()
    boards.room.say(session, "before " * 300 + "the needle " + "after " * 300)
    [excerpt] = said(use("search_sessions", boards.context(boards.launch), text="needle"))
    assert excerpt.startswith("…")
    assert "the needle after" in excerpt
    assert len(excerpt) < 410


# --- the calculator --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("12 * 7", "84"),
        ("0.1 + 0.2", "0.3"),
        ("1/3", "0.3333333333333333"),
        ("2 ** 100", "1267650600228229401496703205376"),
        ("2^10", "1024"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("(1 + 2) × 3 − 4 ÷ 2", "7"),
        ("round(2.675, 2)", "2.68"),
        ("round(1234, -2)", "1200"),
        ("sqrt(2)", "1.414213562373095"),
        ("max(1, 2.5, -3) + min(4, 5) + abs(-1) + sum(1, 2, 3)", "13.5"),
        ("1e400 * 1e400", "1E+800"),
        ("1e-20", "1E-20"),
        ("-0", "0"),
        ("100000000000000000000 + 1", "100000000000000000001"),
    ],
)
def test_calculations(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    "expression",
    [
        *("1 / 0", "0 % 0", "0 ** -1", "sqrt(-1)", "9**9**9**9", "10 ** 5000", "1e999 * 10", "(" * 250 + "1" + ")" * 250),
        *(
            "__import__('os')",
            "().__class__",
            "x",
            "lambda: 1",
            "1 if 2 else 3",
            "'a' * 9",
            "[1] * 9",
            "1; 2",
            "sum",
            "max()",
            "sqrt(1, 2)",
        ),
        *("round(1, 99)", "round(1, 0.5)", "1 2", "1..2", "1_000", "0x10", "1e9999", "1 +", "abs(abs)", "min(*[1])", "min(key=1)", "1 < 2"),
        *("1and 2", "not 1", "~1", "1 << 9", "1 @ 2", "(1, 2)", "round()", "(yield)", "", " ", "\n", "١+١"),
        *("1" + "*" * 250 + "!", "1" + "/" * 250 + "!", "1" + " " * 250 + "!"),
    ],
)
def test_what_is_no_calculation_is_refused_at_once(expression: str) -> None:
    began = time.monotonic()
    with pytest.raises(AppError):
        calculate(expression)
    assert time.monotonic() - began < 2


# --- the web ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Any:
    with serving() as web:
        monkeypatch.setattr(fetch_url, "make_fetcher", lambda: Fetcher(web.resolve, web.transport))
        yield web


def test_host_decides_whether_anybody_is_asked(boards: Boards, settings: Any) -> None:
    context = boards.context(boards.launch)
    assert configured.WORKROOM_FETCH_HOSTS == []
    assert tool_class("fetch_url", context, url="https://docs.example/x") == "unsafe"
    settings.WORKROOM_FETCH_HOSTS = ["docs.example"]
    assert tool_class("fetch_url", context, url="https://DOCS.example./x") == "read"
    for url in (
        "https://docs.example.evil.example/",
        "https://evil.example/docs.example",
        "https://x.docs.example/",
        "https://docs.example%2eevil/",
    ):
        assert tool_class("fetch_url", context, url=url) != "read" or "%" in url
    # What can't be fetched at all asks nobody: it is refused.
    assert tool_class("fetch_url", context, url="http://127.0.0.1/") == "read"
    with pytest.raises(Invalid):
        use("fetch_url", context, url="http://127.0.0.1/")
    with pytest.raises(Forbidden, match=r"Nobody has allowed fetching from other\.example"):
        use("fetch_url", context, url="http://other.example/")


async def test_fetch_waits_for_approval_and_shows_the_page(room: Room, web: Web) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Read it")
    with scripted({"chat": [[_fetch("http://a.example/page?q=1")], "read"]}) as model:
        await run_until_idle()
        assert web.asked == []
        request = await sync_to_async(room.request)(session)
        assert (request["tool_name"], request["class"]) == ("fetch_url", "unsafe")
        assert request["parameters"] == {"url": "http://a.example/page?q=1"}
        await sync_to_async(room.answer)(request)
        await run_until_idle()
    data = json.loads(model.asked[1].messages[-1].content)
    assert (data["title"], data["text"], data["is_cut"]) == ("A page", "Hello\n\nOne & two", False)
    assert web.site.seen == [("a.example", "/page?q=1")]
    check_contract(await sync_to_async(room.events)(session))


async def test_allowed_host_asks_nobody_and_leads_nowhere_else(room: Room, web: Web, settings: Any) -> None:
    settings.WORKROOM_FETCH_HOSTS = ["a.example"]
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Read it")
    away = "http://a.example/redirect?to=http%3A%2F%2Fb.example%2Fpage"
    with scripted(
        {"chat": [[_fetch("http://a.example/page"), _fetch(away, "c2"), _fetch("http://a.example/missing", "c3")], "read"]}
    ) as model:
        await run_until_idle()
    answers = [message.content for message in model.asked[1].messages if message.role == "tool"]
    assert "Hello" in answers[0]
    assert "address_refused" in answers[1]
    assert "b.example/page" in answers[1]
    assert "answered 404" in answers[2]
    assert "b.example" not in web.asked
    check_contract(await sync_to_async(room.events)(session))


def _fetch(url: str, ref: str = "c1") -> Any:
    return ToolCallDelta(ref, "fetch_url", {"url": url})
