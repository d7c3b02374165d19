"""What a conversation amounted to: events per type, how long the first text and each run took, tokens and cost."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from project.client import Event
from project.talk.words import count, usage_text

ENDS = ("run_completed", "run_failed", "run_cancelled")


@dataclass
class Statistics:
    """Waits are measured by this machine's clock from when a message is sent; runs by the server's."""

    events: Counter[str] = field(default_factory=Counter)
    losses: int = 0
    first_event_s: list[float] = field(default_factory=list)
    first_text_s: list[float] = field(default_factory=list)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _began: dict[str, float] = field(default_factory=dict)
    _event_since: float | None = None
    _text_since: float | None = None

    def note_sent(self) -> float:
        """A message goes out now; the mark of that."""
        self._event_since = time.monotonic()
        self._text_since = self._text_since or self._event_since
        return self._event_since

    def expect_no_text(self, mark: float) -> None:
        """What went out at `mark` is answered in one piece."""
        if self._text_since == mark:
            self._text_since = None

    def note(self, event: Event) -> None:
        """One more event."""
        self.events[event.type] += 1
        self._note_wait(event.type)
        if event.type == "run_queued":
            self._began.setdefault(event.data["run"]["id"], event.timestamp)
        if event.type in ENDS:
            run = event.data["run"]
            began = self._began.get(run["id"], event.timestamp)
            self.runs[run["id"]] = {
                "number": run["number"],
                "status": run["status"],
                "seconds": round(event.timestamp - began, 3),
                "usage": run["usage"],
            }

    def _note_wait(self, kind: str) -> None:
        now = time.monotonic()
        if self._event_since is not None:
            self.first_event_s.append(round(now - self._event_since, 3))
            self._event_since = None
        if kind == "message_delta" and self._text_since is not None:
            self.first_text_s.append(round(now - self._text_since, 3))
            self._text_since = None

    def to_json(self) -> dict[str, Any]:
        """The figures as an object."""
        return {
            "events": dict(sorted(self.events.items())),
            "first_event_s": self.first_event_s,
            "first_text_s": self.first_text_s,
            "runs": list(self.runs.values()),
            "connections_lost": self.losses,
        }

    def lines(self) -> list[str]:
        """The figures for people."""
        counted = ", ".join(f"{name} {number}" for name, number in sorted(self.events.items()))
        shown = [f"{count(self.events.total(), 'event')}: {counted}" if counted else "No events."]
        shown += (
            [f"First event after {_seconds(self.first_event_s)}, first text after {_seconds(self.first_text_s)}."]
            if self.first_event_s
            else []
        )
        shown += [_run_line(run) for run in self.runs.values()]
        shown += [f"Connection lost: {count(self.losses, 'time')}."] if self.losses else []
        return shown


def _seconds(waits: list[float]) -> str:
    return " / ".join(f"{wait:.2f} s" for wait in waits) or "–"


def _run_line(run: dict[str, Any]) -> str:
    return f"Run {run['number']} {run['status']} in {run['seconds']:.1f} s: {usage_text(run['usage'])}."
