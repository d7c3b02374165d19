"""A board with a card and a work session, and models and tools that a test writes down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agents.llm.port import ToolCallDelta
from agents.tools.base import Tool, ToolContext, ToolResult
from project.accounts.models import User
from project.errors import Invalid
from project.wire import Payload
from tests.agents.bench.performance.servers import make_sums
from tests.agents.driving import faults_of_all_logs
from tests.conftest import Api
from tests.tools.mould import Made, Mould


@dataclass(frozen=True)
class Room:
    """Alice's board Launch with one card, bob as editor and vera as viewer."""

    api: Api
    board: str
    column: str
    card: str

    def session(self, workflow: str = "chat", **more: Any) -> str:
        """The id of a new session of the card."""
        body = {"card": self.card, "workflow": workflow, **more}
        return str(self.api.ok("post", "/api/sessions/", body)["session"]["id"])

    def say(self, session: str, content: str, **more: Any) -> dict[str, Any]:
        """The reply to a message."""
        reply: dict[str, Any] = self.api.ok("post", f"/api/sessions/{session}/messages/", {"content": content, **more})
        return reply

    def events(self, session: str, after: int = 0) -> list[dict[str, Any]]:
        """Every event of the session's log after a place."""
        events: list[dict[str, Any]] = []
        while True:
            page = self.api.ok("get", f"/api/sessions/{session}/events/?after={after}")
            events += page["events"]
            if not page["events"] or (after := page["events"][-1]["seq"]) >= page["seq"]:
                return events

    def types(self, session: str, after: int = 0) -> list[str]:
        return [event["type"] for event in self.events(session, after)]

    def snapshot(self, session: str) -> dict[str, Any]:
        snapshot: dict[str, Any] = self.api.ok("get", f"/api/sessions/{session}/snapshot/")
        return snapshot

    def run(self, run: dict[str, Any]) -> dict[str, Any]:
        """The run as it is now."""
        now: dict[str, Any] = self.api.ok("get", f"/api/runs/{run['id']}/")
        return now

    def request(self, session: str) -> dict[str, Any]:
        """The session's only open request."""
        [request] = self.api.ok("get", f"/api/requests/?session={session}&status=open")["results"]
        return dict(request)

    def answer(self, request: dict[str, Any], decision: str = "approve", **more: Any) -> dict[str, Any]:
        body = {"decision": decision, "hash": request["hash"], **more}
        reply: dict[str, Any] = self.api.ok("post", f"/api/requests/{request['id']}/answer/", body)
        return reply


def make_launch(alice: User, bob: User, vera: User) -> Made:
    client = Api(alice)
    board = client.ok("post", "/api/boards/", {"name": "Launch"})["board"]["id"]
    for person, role in ((bob, "editor"), (vera, "viewer")):
        client.ok("post", f"/api/boards/{board}/members/", {"username": person.username, "role": role})
    column = client.ok("get", f"/api/boards/{board}/snapshot/")["state"]["columns"][0]["id"]
    card = client.ok("post", f"/api/boards/{board}/cards/", {"column": column, "title": "Prepare the launch"})["card"]["id"]
    return {"board": board, "column": column, "card": card}


launch = Mould(make_launch)


@pytest.fixture
def room(alice: User, bob: User, vera: User, robo: User, api: Callable[[User | None], Api]) -> Room:
    return Room(api(alice), **launch(alice, bob, vera))


@pytest.fixture(autouse=True)
def _every_log_keeps_the_contract(request: pytest.FixtureRequest) -> Iterator[None]:
    """The event validator judges what each test leaves in the logs of work sessions."""
    has_database = request.node.get_closest_marker("django_db") is not None
    if has_database:
        request.getfixturevalue("transactional_db")  # so that the tables are emptied later than this looks
    yield
    assert not has_database or faults_of_all_logs() == []


class Words(Payload):
    """Arguments of the tools of these tests."""

    text: str = ""


class Workbench:
    """Tools that write down their calls. `look` reads, `note` is idempotent, `burn` is unsafe, `fail` fails."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, UUID]] = []
        self.hook: Callable[[str], None] = lambda name: None
        self.tools = {name: self._tool(name, tool_class) for name, tool_class in CLASSES.items()}

    def names(self) -> list[str]:
        return [name for name, _, _ in self.calls]

    def _tool(self, name: str, tool_class: Any) -> Tool[Words]:
        def run(context: ToolContext, words: Words) -> ToolResult:
            self.calls.append((name, words.text, context.call_id))
            self.hook(name)
            if name == "fail":
                raise Invalid("It can't be done.")
            return ToolResult(f'{{"did": "{name} {words.text}"}}', f"{name} {words.text}")

        return Tool(name, name.capitalize(), f"Does {name}.", Words, tool_class, run)


CLASSES = {"look": "read", "note": "idempotent", "burn": "unsafe", "fail": "read"}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """In the place of the real tools."""
    bench = Workbench()
    monkeypatch.setattr("agents.drive.get_tools", lambda names: bench.tools)
    monkeypatch.setattr("agents.answers.get_tools", lambda: bench.tools)
    return bench


def call(name: str, text: str = "", ref: str = "c1") -> ToolCallDelta:
    """A tool call in a script."""
    return ToolCallDelta(ref, name, {"text": text})


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    """The folder of a project with one measurement, of a plain function."""
    return make_sums(tmp_path)
