"""Rules about plans, outputs, requests and the session itself."""

from collections.abc import Iterator
from typing import Any

from agents.contract.entries import Entry, Fault, text_of
from agents.contract.knowledge import Early, Knowledge
from agents.contract.steps import step_of

_ANSWERED = {
    "request_opened": {"open"},
    "request_answered": {"approved", "denied", "answered"},
    "request_expired": {"expired", "cancelled"},
}


class Sessions:
    """session_started is the first event and comes once."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._first: Entry | None = None
        self._started: Entry | None = None

    def see(self, entry: Entry) -> Iterator[Fault]:
        self._first = self._first or entry
        if entry.type != "session_started":
            return
        if self._started:
            yield entry.fault("duplicate", "session_started_twice", f"{entry}: the session began with {self._started}.")
        elif self._first is not entry:
            yield entry.fault("out_of_order", "session_started_late", f"{entry} isn't the first event.")
        self._started = self._started or entry

    def end(self) -> Iterator[Fault]:
        is_log = self._first is not None and self._first.is_envelope and self._known.has_more_than_five
        if self._first and is_log and self._known.is_whole and self._started is None:
            yield self._first.fault("missing", "session_not_started", "The log has no session_started.")


class Requests:
    """A request is opened once and closed once, at the latest with its run."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._open: dict[str, Entry] = {}
        self._closed: dict[str, Entry] = {}
        self._early = Early()

    def see(self, entry: Entry) -> Iterator[Fault]:
        key = text_of(entry.part("request").get("id"))
        if entry.type not in _ANSWERED or key is None:
            return
        status = str(entry.part("request").get("status"))
        if status not in _ANSWERED[entry.type]:
            yield entry.fault("malformed", "request_status", f"{entry} shows a request that is {status}.")
        yield from self._see_opened(key, entry) if entry.type == "request_opened" else self._see_closed(key, entry)

    def end(self) -> Iterator[Fault]:
        if self._known.is_whole:
            yield from self._early.end("request_opened", "request_not_opened")
        for key, entry in self._open.items():
            if self._known.is_finished(entry.run):
                yield entry.fault("missing", "request_not_closed", f"{entry} has no request_answered and no request_expired ({key}).")

    def open(self) -> int:
        """How many requests wait for an answer."""
        return len(self._open)

    def _see_opened(self, key: str, entry: Entry) -> Iterator[Fault]:
        if key in self._open or key in self._closed:
            yield entry.fault("duplicate", "request_opened_twice", f"{entry}: this request was opened before.")
            return
        early = self._early.first.get(key)
        yield from self._early.begun(key, entry, "before_request_opened")
        if early:
            self._closed[key] = early
        else:
            self._open[key] = entry

    def _see_closed(self, key: str, entry: Entry) -> Iterator[Fault]:
        if key in self._closed:
            yield entry.fault("duplicate", "request_closed_twice", f"{entry}: this request was closed by {self._closed[key]}.")
        elif self._open.pop(key, None) is None:
            self._early.note(key, entry)
        else:
            self._closed[key] = entry


class Outputs:
    """An output is added once, and what names one names one that is there."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._outputs: dict[str, Entry] = {}

    def see(self, entry: Entry) -> Iterator[Fault]:
        if entry.type == "output_added":
            key = text_of(entry.part("output").get("id")) or ""
            if key in self._outputs:
                yield entry.fault("duplicate", "output_added_twice", f"{entry}: this output was added before.")
            self._outputs.setdefault(key, entry)
        elif entry.type == "plan_made" and self._known.is_whole and str(entry.data.get("output")) not in self._outputs:
            yield entry.fault("missing", "plan_not_stored", f"{entry} names an output that wasn't added before it.")

    def end(self) -> Iterator[Fault]:
        yield from ()


class Plans:
    """Subtasks have ids of their own and need earlier ones; what works on a subtask works on one of the plan, when its turn has come."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._plans: dict[str, dict[str, set[str]]] = {}
        self._working: dict[str, str] = {}
        self._done: dict[str, set[str]] = {}

    def see(self, entry: Entry) -> Iterator[Fault]:
        run = entry.run or ""
        if entry.type == "plan_made":
            self._plans[run] = {}
            for subtask in _list(entry.data.get("subtasks")):
                yield from self._see_subtask(entry, self._plans[run], subtask)
            return
        subtask = text_of(entry.data.get("subtask"))
        if subtask is None:
            return
        yield from self._see_start(entry, run, subtask) if entry.type == "agent_started" else ()
        if entry.type == "agent_completed" and self._working.get(step_of(entry) or "") == subtask:
            self._done.setdefault(run, set()).add(subtask)

    def end(self) -> Iterator[Fault]:
        yield from ()

    def _see_subtask(self, entry: Entry, plan: dict[str, set[str]], subtask: Any) -> Iterator[Fault]:
        key = text_of(subtask.get("id")) if isinstance(subtask, dict) else None
        if key is None:
            return
        if key in plan:
            yield entry.fault("malformed", "subtask_twice", f"{entry} has the subtask {key} twice.")
        needs = {str(each) for each in _list(subtask.get("needs"))}
        for unknown in sorted(needs - plan.keys()):
            yield entry.fault("malformed", "unknown_need", f"{entry}: the subtask {key} needs {unknown}, which isn't before it.")
        plan[key] = needs

    def _see_start(self, entry: Entry, run: str, subtask: str) -> Iterator[Fault]:
        self._working[step_of(entry) or ""] = subtask
        plan = self._plans.get(run)
        if plan is None:
            if self._known.is_whole and entry.is_envelope and self._known.has_more_than_five:
                yield entry.fault("missing", "no_plan", f"{entry} is about the subtask {subtask}, before any plan_made of its run.")
        elif subtask not in plan:
            yield entry.fault("malformed", "unknown_subtask", f"{entry} is about the subtask {subtask}, which the plan doesn't have.")
        elif waiting := sorted(plan[subtask] & plan.keys() - self._done.get(run, set())):
            yield entry.fault("out_of_order", "subtask_too_early", f"{entry} begins {subtask} before {', '.join(waiting)} is done.")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
