"""One conversation: what has come of it so far, shown as it comes, and what may be asked of it."""

import asyncio
from collections.abc import Callable
from typing import Any

from project.client import Closed, Event, Item, Joined, Json, Lost, Notice, Snapshot, Stream
from project.talk.asking import Answer, describe
from project.talk.screen import Screen
from project.talk.statistics import ENDS, Statistics
from project.talk.words import count, for_programs, run_text, words_of

_STYLES = {"agent_started": "agent", "agent_completed": "agent", "agent_thinking": "muted"}
_SHOWN_MESSAGES = 3
_ECHO_S = 30.0


class Conversation:
    """Follows a stream to its end (`follow`) and keeps what a person or a script must know: runs, open requests, events seen."""

    def __init__(self, stream: Stream, screen: Screen, *, as_json: bool = False) -> None:
        self.stream = stream
        self.statistics = Statistics()
        self.events: list[Event] = []
        self.requests: dict[str, Json] = {}
        self.ended: Closed | None = None
        self.is_over = False
        self._runs: dict[str, Json] = {}
        self._said: set[str] = set()
        self._owed_replies = 0
        self._streamed: dict[str, int] = {}
        self._speakers: dict[str, str] = {}
        self._screen = screen
        self._as_json = as_json
        self._news = asyncio.Condition()
        self._is_connected = True

    # -- what comes --------------------------------------------------------------------------------------------------

    async def follow(self) -> None:
        """Take and show everything until the stream ends."""
        try:
            async for item in self.stream:
                await self._take(item)
        except Closed as closed:
            self.ended = closed
        finally:
            self.is_over = True
            async with self._news:
                self._news.notify_all()

    def begin(self, snapshot: Snapshot) -> None:
        """Take over a session as it stands: its runs and open requests, and its last messages."""
        state = snapshot.state
        self._runs = {run["id"]: run for run in state["runs"]}
        self.requests = {request["id"]: request for request in state["requests"] if request["status"] == "open"}
        self._streamed = {message["id"]: len(message["content"]) for message in state["messages"]}
        if self._as_json:
            return
        session = state["session"]
        self._screen.line(f"{session['title'] or 'No title'} ({session['id']}), {session['workflow']}, {session['phase']}", label="session")
        for message in state["messages"][-_SHOWN_MESSAGES:]:
            self._screen.line(message["content"], label=_speaker(message))
        for request in self.requests.values():
            self._screen.line(describe(request), label="request_opened", style="warn")

    async def _take(self, item: Item) -> None:
        match item:
            case Event():
                self.statistics.note(item)
                self._keep(item)
                self._show(item)
                self.events.append(item)
            case Snapshot():
                self.tell(f"The server has begun a new history ({item.reason}); this is how it stands now.")
                self.begin(item)
            case Lost(code=code, retry_in_s=wait):
                self._is_connected = False
                self.statistics.losses += 1
                self.tell(f"The connection is lost ({code}); trying again in {wait:.1f} s.")
            case Joined() if not self._is_connected:
                self._is_connected = True
                self.tell("Connected again; nothing was missed.")
            case Notice(type="error", data=error):
                self.tell(f"{error.get('message')} ({error.get('code')})")
        async with self._news:
            self._news.notify_all()

    def _keep(self, event: Event) -> None:
        data = event.data
        if event.type.startswith("run_") and isinstance(data["run"], dict):
            self._runs[data["run"]["id"]] = data["run"]
        elif event.type == "request_opened":
            self.requests[data["request"]["id"]] = data["request"]
        elif event.type in ("request_answered", "request_expired"):
            self.requests.pop(data["request"]["id"], None)
        elif event.type == "message_added":
            self._said.add(data["message"]["id"])
            self._owed_replies += data["message"]["handled_by"] == "clarifier"
        elif event.type == "clarifier_replied":
            self._owed_replies = max(0, self._owed_replies - 1)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _show(self, event: Event) -> None:
        if self._as_json:
            self._screen.line(for_programs(event.envelope))
        elif shown := SHOWN.get(event.type):
            shown(self, event)
        elif line := words_of(event):
            self._screen.line(line.text, label=event.type, style=line.style or _STYLES.get(event.type, ""))

    def _show_added(self, event: Event) -> None:
        message = event.data["message"]
        self._speakers[message["id"]] = _speaker(message)
        if message["complete"]:
            self._streamed[message["id"]] = len(message["content"])
            self._screen.line(message["content"], label=_speaker(message), style="mine" if message["role"] == "user" else "")

    def _show_delta(self, event: Event) -> None:
        identity, offset, text = event.data["message"], event.data["offset"], event.data["text"]
        shown = self._streamed.get(identity, 0)
        self._stream(identity, self._speakers.get(identity, "answer"), text[max(0, shown - offset) :])
        self._streamed[identity] = max(shown, offset + len(text))

    def _show_completed(self, event: Event) -> None:
        message = event.data["message"]
        rest = message["content"][self._streamed.get(message["id"], 0) :]
        if rest:
            self._stream(message["id"], _speaker(message), rest)
            self._streamed[message["id"]] = len(message["content"])
        self._screen.end_stream()
        if message["interrupted"]:
            self._screen.line("This answer was cut off.", label=_speaker(message), style="warn")

    def _stream(self, identity: str, label: str, text: str) -> None:
        if text:
            self._screen.stream(identity, label, text)

    def _show_request(self, event: Event) -> None:
        self._screen.line(describe(event.data["request"]), label=event.type, style="warn")

    def tell(self, text: str) -> None:
        """A word of talk's own; in JSON mode there is nothing but JSON."""
        if not self._as_json:
            self._screen.line(text, label="·", style="muted")

    # -- what it is like now -----------------------------------------------------------------------------------------

    @property
    def active_run(self) -> Json | None:
        """The run under way or next in line."""
        return next((run for run in self._runs.values() if f"run_{run['status']}" not in ENDS), None)

    @property
    def newest_run(self) -> Json | None:
        """The run with the highest number."""
        return max(self._runs.values(), key=lambda run: run["number"], default=None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way and no question about a run waits for its answer."""
        return self.active_run is None and self._owed_replies == 0

    def status_text(self) -> str:
        """How it stands, without asking anybody."""
        run = self.active_run or self.newest_run
        place = f"{'connected' if self._is_connected else 'offline'}, event {self.stream.seq}"
        if run is None:
            return f"No run yet; {place}."
        progress = f", {run['progress']['done']} of {run['progress']['total']} steps" if run["progress"]["total"] else ""
        waiting = f", {count(len(self.requests), 'open request')}" if self.requests else ""
        return f"{run_text(run)}: {run['status']}{progress}{waiting}; {place}."

    async def until(self, is_so: Callable[[], bool], timeout_s: float | None = None) -> None:
        """Return once it is so, or the stream has ended; TimeoutError otherwise."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(lambda: is_so() or self.is_over)

    # -- what may be asked -------------------------------------------------------------------------------------------

    async def send(self, content: str, **fields: Any) -> Json:
        """Say something; the reply's data, once the message itself has come back as an event."""
        mark = self.statistics.note_sent()
        reply = await self.stream.command("send_user_message", content=content, **fields)
        if reply["run"]:
            self._runs.setdefault(reply["run"]["id"], reply["run"])
        else:
            self.statistics.expect_no_text(mark)
        await self.until(lambda: reply["message"]["id"] in self._said, _ECHO_S)
        return reply

    async def answer(self, answer: Answer) -> None:
        """Answer a request."""
        await self.stream.command(answer.command, **answer.data)
        self.requests.pop(answer.data["request"], None)

    async def cancel(self) -> bool:
        """Ask the active run to stop; whether there was one."""
        run = self.active_run
        if run is not None:
            await self.stream.command("cancel_run", run=run["id"])
        return run is not None

    async def retry(self) -> bool:
        """Do the newest run again; whether there was one."""
        run = self.newest_run
        if run is None:
            return False
        reply = await self.stream.command("retry_run", run=run["id"])
        self._runs.setdefault(reply["run"]["id"], reply["run"])
        return True

    async def stop(self) -> None:
        """Close the session: it takes no more messages."""
        await self.stream.command("stop_session")


SHOWN: dict[str, Callable[[Conversation, Event], None]] = {
    "message_added": Conversation._show_added,
    "message_delta": Conversation._show_delta,
    "message_completed": Conversation._show_completed,
    "request_opened": Conversation._show_request,
}


def _speaker(message: Json) -> str:
    by = (message["author"] or {}).get("username") or message["agent"] or message["role"]
    return f"{by} (status)" if message["via"] == "clarifier" else str(by)
