"""Rules about steps, their thoughts and their tool calls."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from agents.contract.entries import Entry, Fault, text_of
from agents.contract.fields import FIVE
from agents.contract.knowledge import Early, Knowledge

_OF_STEP = (*FIVE, "plan_made")


def step_of(entry: Entry) -> str | None:
    """The step an event belongs to. Foreign systems that know no steps have one at a time per agent."""
    return text_of(entry.data.get("step")) or text_of(entry.data.get("agent_id"))


@dataclass
class _Step:
    started: Entry
    run: str | None
    completed: Entry | None = None


class Steps:
    """agent_started before everything else of its step, one agent_completed after it."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._steps: dict[str, _Step] = {}
        self._open = 0
        self._early = Early()

    def see(self, entry: Entry) -> Iterator[Fault]:
        if entry.type not in _OF_STEP:
            return
        key = step_of(entry)
        if key is None:
            yield from self._see_nameless(entry)
        elif entry.type == "agent_started":
            yield from self._see_start(key, entry)
        elif key in self._steps:
            yield from self._see_rest(self._steps[key], entry)
        else:
            self._early.note(key, entry)

    def end(self) -> Iterator[Fault]:
        if self._known.is_whole:
            yield from self._early.end("agent_started", "step_not_started")
        for key, step in self._steps.items():
            if step.completed is None and self._known.is_finished(step.run):
                yield step.started.fault("missing", "step_not_completed", f"{step.started} has no agent_completed ({key}).")

    def open(self) -> int:
        """How many steps are under way."""
        return self._open

    def _see_start(self, key: str, entry: Entry) -> Iterator[Fault]:
        known = self._steps.get(key)
        # Where agents stand for steps, an agent may begin anew once it has completed.
        may_begin_anew = known is not None and known.completed is not None and "step" not in entry.data
        if known is not None and not may_begin_anew:
            yield entry.fault("duplicate", "step_started_twice", f"{entry}: the step began with {known.started}.")
            return
        self._steps[key] = _Step(entry, entry.run)
        self._open += 1
        yield from self._early.begun(key, entry, "before_step_started")

    def _see_rest(self, step: _Step, entry: Entry) -> Iterator[Fault]:
        is_end = entry.type == "agent_completed"
        if step.completed is not None and is_end:
            yield entry.fault("duplicate", "step_completed_twice", f"{entry}: the step ended with {step.completed}.")
        elif step.completed is not None:
            yield entry.fault("out_of_order", "after_step_completed", f"{entry} comes after {step.completed}, the end of its step.")
        elif step.run != entry.run:
            yield entry.fault("foreign", "step_of_other_run", f"{entry} is of run {entry.run}, its step of run {step.run}.")
        elif entry.data.get("agent_id", step.started.data.get("agent_id")) != step.started.data.get("agent_id"):
            yield entry.fault("foreign", "step_of_other_agent", f"{entry} is of another agent than {step.started}.")
        if is_end and step.completed is None:
            step.completed = entry
            self._open -= 1

    def _see_nameless(self, entry: Entry) -> Iterator[Fault]:
        if self._known.is_whole and not self.open():
            yield entry.fault("out_of_order", "no_agent_at_work", f"{entry} comes while no agent has started and not completed.")


class Thoughts:
    """The thoughts of a step are numbered 0, 1, …"""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._next: dict[str, int] = {}

    def see(self, entry: Entry) -> Iterator[Fault]:
        index, key = entry.data.get("index"), step_of(entry)
        if entry.type != "agent_thinking" or key is None or not isinstance(index, int):
            return
        expected = self._next.get(key, 0 if self._known.is_whole else index)
        if index < expected:
            yield entry.fault("duplicate", "thought_repeated", f"{entry} is thought {index} of its step, which was told already.")
        elif index > expected:
            yield entry.fault("missing", "thought_missing", f"{entry} is thought {index} of its step; thought {expected} is missing.")
        self._next[key] = max(expected, index + 1)

    def end(self) -> Iterator[Fault]:
        yield from ()


class Calls:
    """One tool_completed for every tool_executing, with the same call."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._open: dict[str, list[Entry]] = defaultdict(list)
        self._closed: dict[str, Entry] = {}
        self._early = Early()

    def see(self, entry: Entry) -> Iterator[Fault]:
        if entry.type == "tool_executing":
            yield from self._see_start(_call_of(entry), entry)
        elif entry.type == "tool_completed":
            yield from self._see_end(_call_of(entry), entry)

    def end(self) -> Iterator[Fault]:
        if self._known.is_whole:
            yield from self._early.end("tool_executing", "call_not_started")
        for started in (each for calls in self._open.values() for each in calls):
            if self._known.is_finished(started.run):
                yield started.fault("missing", "call_not_completed", f"{started} has no tool_completed ({_call_of(started)}).")

    def open(self) -> int:
        """How many calls are under way."""
        return sum(map(len, self._open.values()))

    def _see_start(self, call: str, entry: Entry) -> Iterator[Fault]:
        has_id = "call" in entry.data
        if has_id and (self._open[call] or call in self._closed):
            yield entry.fault("duplicate", "call_started_twice", f"{entry}: this call was told before.")
            return
        early = self._early.first.get(call)
        yield from self._early.begun(call, entry, "before_tool_executing")
        if early and has_id:
            self._closed[call] = early
        else:
            self._open[call].append(entry)

    def _see_end(self, call: str, entry: Entry) -> Iterator[Fault]:
        if not self._open[call]:
            if call in self._closed and "call" in entry.data:
                yield entry.fault("duplicate", "call_completed_twice", f"{entry}: this call ended with {self._closed[call]}.")
            else:
                self._early.note(call, entry)
            return
        started = self._open[call].pop(0)
        self._closed[call] = entry
        if entry.data.get("tool_name") != started.data.get("tool_name"):
            yield entry.fault("malformed", "other_tool", f"{entry} names another tool than {started}.")
        if entry.data.get("step") != started.data.get("step"):
            yield entry.fault("malformed", "other_step", f"{entry} is of another step than {started}.")


def _call_of(entry: Entry) -> str:
    """Foreign systems without ids of calls are matched by the tool's name, in order."""
    return text_of(entry.data.get("call")) or f"tool {entry.data.get('tool_name')}"
