"""What is wrong with a scenario can be seen before it is played: unknown clients, names nobody saved, steps that can't happen."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.bench.errors import BadFile
from agents.bench.files import Problem
from agents.bench.scripts import patterns
from agents.bench.scripts.model import ClientShape, Script
from agents.bench.scripts.paths import parse_path
from agents.bench.scripts.steps import Broadcast, Closed, Connect, Disconnect, Nothing, Parallel, Repeat, Set, Step, Wait, kind_name
from agents.bench.scripts.values import BUILT_IN, names_in

Loc = tuple[int | str, ...]
Standing = Literal["never", "open", "over"]

_NEEDS_OPEN = frozenset({"send", "disconnect", "pause", "resume", "closed", "nothing"})
_ONE_CLIENT = _NEEDS_OPEN | {"connect", "expect", "forget"}
_READS = frozenset({"expect", "nothing", "broadcast", "closed", "forget"})
_DEEPEST = 5
_PATTERNS = ("match", "text", "reason")
_NO_PATTERN = frozenset({"send", "disconnect"})  # their text and reason are sent, not matched


@dataclass
class _State:
    """What is known at a point of the script: the names that have values, how each client stands, and which clients' messages were read."""

    names: set[str]
    standing: dict[str, Standing]
    readers: set[str] = field(default_factory=set)

    def copy(self) -> "_State":
        """The same, apart from now on, and nobody has read anything."""
        return _State(set(self.names), dict(self.standing))


@dataclass
class _Walk:
    """One way through the script, as playing it goes."""

    script: Script
    everybody: Mapping[str, ClientShape]
    problems: dict[Problem, None] = field(default_factory=dict)

    def tell(self, loc: Loc, message: str) -> None:
        """A problem, told once however often the step would come."""
        self.problems[Problem(loc, message)] = None

    def go(self, state: _State) -> None:
        """Through all of it, from where things stand."""
        self._declared(state)
        self._steps(self.script.steps, ("steps",), state)

    # -- what stands before the steps --------------------------------------------------------------------------------

    def _declared(self, state: _State) -> None:
        for name in self.script.clients.keys() & state.standing.keys():
            self.tell(("clients", name), f"what this begins with has a client {name} already")
        state.names |= self.script.addresses.keys()
        for name in self.script.addresses.keys() & BUILT_IN:
            self.tell(("addresses", name), f"{name} has a meaning of its own")
        for name, value in self.script.values.items():
            self._names(value, ("values", name), state)
            self._named({name: value}, ("values",), state)
        before = list(state.standing)
        for name, client in self.script.clients.items():
            if client.like is not None and client.like not in before:
                self.tell(("clients", name, "like"), f"no client {client.like} stands before this one")
            before.append(name)
            for index, pattern in enumerate(client.ignore):
                self._pattern(pattern, ("clients", name, "ignore", index))
        state.standing |= dict.fromkeys(self.script.clients, "never")

    # -- steps -------------------------------------------------------------------------------------------------------

    def _steps(self, steps: list[Step], at: Loc, state: _State) -> None:
        if len([part for part in at if part in ("steps", "parallel")]) > _DEEPEST + 1:
            self.tell(at, f"steps are nested deeper than {_DEEPEST} levels")
            return
        for index, step in enumerate(steps):
            self._step(step, (*at, index), state)

    def _step(self, step: Step, at: Loc, state: _State) -> None:
        plain = step.model_dump(by_alias=True, exclude_unset=True, exclude={"steps", "parallel", "note"})
        self._names(plain, at, state)
        for loc, part in _parts(plain, at):
            self._part(part, loc, state)
        self._clients(step, at, state)
        self._time(step, at)
        match step:
            case Repeat():
                self._repeat(step, at, state)
            case Parallel():
                self._parallel(step, at, state)
            case Set():
                self._named(step.set, (*at, "set"), state)

    def _part(self, part: dict[str, Any], at: Loc, state: _State) -> None:
        """What a step, or one of its messages, matches and saves."""
        for key in _PATTERNS:
            if key in part and not _NO_PATTERN & part.keys():
                self._pattern(part[key], (*at, key))
        for index, path in enumerate(part.get("same", [])):
            self._path(path, (*at, "same", index))
        for name, path in part.get("save", {}).items():
            self._path(path, (*at, "save", name))
        self._named(part.get("save", {}), (*at, "save"), state)
        if isinstance(part.get("binary"), str) and not _is_base64(part["binary"]):
            self.tell((*at, "binary"), "this is no base64")

    def _time(self, step: Step, at: Loc) -> None:
        """Nothing may take longer than all of it."""
        needed = {Wait: ("wait", getattr(step, "wait", 0)), Nothing: ("for", getattr(step, "for_", 0))}.get(type(step))
        if needed is not None and needed[1] >= self.script.timeout:
            self.tell((*at, needed[0]), f"this takes longer than the whole script may ({self.script.timeout:g} ms; timeout changes it)")

    def _repeat(self, step: Repeat, at: Loc, state: _State) -> None:
        """Twice, so that a second round can go on from where the first one ends."""
        was_known = step.as_ in state.names
        self._named({step.as_: 1}, (*at, "as"), state)
        for _ in range(min(step.repeat, 2)):
            self._steps(step.steps, (*at, "steps"), state)
        if not was_known:
            state.names.discard(step.as_)

    def _parallel(self, step: Parallel, at: Loc, state: _State) -> None:
        """Each group from where things stand now; what two of them change can't be known afterwards."""
        before, readers = state.copy(), set(state.readers)
        state.readers.clear()
        for index, group in enumerate(step.parallel):
            own = before.copy()
            self._steps(group, (*at, "parallel", index), own)
            for name in sorted((own.names - before.names) & (state.names - before.names)):
                self.tell((*at, "parallel", index), f"another group saves {name} at the same time")
            for client in sorted(own.readers & state.readers):
                self.tell((*at, "parallel", index), f"another group reads what {client} gets at the same time")
            for client, standing in own.standing.items():
                if standing != before.standing[client] != state.standing[client]:
                    self.tell((*at, "parallel", index), f"another group connects or closes {client} at the same time")
                state.standing[client] = standing if standing != before.standing[client] else state.standing[client]
            state.names |= own.names
            state.readers |= own.readers
        state.readers |= readers

    # -- names, patterns, paths --------------------------------------------------------------------------------------

    def _names(self, value: Any, at: Loc, state: _State) -> None:
        for loc, name in names_in(value):
            if name not in state.names:
                self.tell((*at, *loc), f"{{{name}}} has no value here: no step before this saves it, and no value or address is called so")

    def _named(self, saved: dict[str, Any], at: Loc, state: _State) -> None:
        for name in saved:
            if name in BUILT_IN or name in self.script.places:
                self.tell((*at, name), f"{name} has a meaning of its own: choose another name")
        state.names |= saved.keys()

    def _pattern(self, pattern: Any, at: Loc) -> None:
        for loc, message in patterns.mistakes(pattern):
            self.tell((*at, *loc), message)

    def _path(self, path: str, at: Loc) -> None:
        try:
            parse_path(path)
        except ValueError as error:
            self.tell(at, str(error))

    # -- clients -----------------------------------------------------------------------------------------------------

    def _clients(self, step: Step, at: Loc, state: _State) -> None:
        for loc, client in _clients_of(step):
            if client not in self.everybody:
                there = ", ".join(self.everybody) or "none at all"
                self.tell((*at, *loc), f"there is no client {client}; there are: {there}")
            else:
                self._client(step, client, (*at, *loc), state)

    def _client(self, step: Step, client: str, at: Loc, state: _State) -> None:
        standing, kind = state.standing[client], kind_name(step)
        if isinstance(step, Connect):
            self._connect(step, client, at, state)
        elif standing == "never":
            self.tell(at, f"{client} was never connected before this step")
        elif standing == "over" and kind in _NEEDS_OPEN:
            self.tell(at, f"{client} isn't connected any more at this step")
        if kind in _READS:
            state.readers.add(client)
        if isinstance(step, Disconnect | Closed):
            state.standing[client] = "over"

    def _connect(self, step: Connect, client: str, at: Loc, state: _State) -> None:
        if state.standing[client] == "open":
            self.tell(at, f"{client} is connected already at this step")
        shape = self.everybody[client].model_dump(exclude_unset=True)
        for _, name in names_in(shape):
            if name not in state.names:
                self.tell(at, f"client {client} needs {{{name}}}, which has no value yet at this step")
        if step.refused is None:
            state.standing[client] = "open"


def check(script: Script) -> list[Problem]:
    """Everything that is wrong with a script of the right shape; what it begins with is taken to be right."""
    if script.begin_with is not None and len(script.parts) == 1:
        return [Problem(("begin_with",), "only a script in a file can begin with another")]
    state = _State(set(BUILT_IN), {})
    walks = [_Walk(part, script.everybody) for part in script.parts]
    for walk in walks:
        walk.go(state)
    return list(walks[-1].problems)


def refuse_bad(script: Script) -> None:
    """BadFile for a script, made by a program, that can't be played."""
    if problems := check(script):
        told = [f"{place_of(problem.loc)}: {problem.message}" for problem in problems]
        raise BadFile(told[0], details=told[1:])


def place_of(loc: Loc | Any) -> str:
    """A place in a script as people write it: steps[2].steps[0].match."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def _parts(plain: dict[str, Any], at: Loc) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """A step, and each of its messages."""
    yield at, plain
    for index, message in enumerate(plain.get("messages", [])):
        yield (*at, "messages", index), message


def _clients_of(step: Step) -> Iterator[tuple[Loc, str]]:
    """The clients of a step, each with its place in it."""
    kind = kind_name(step)
    if isinstance(step, Broadcast):
        for index, client in enumerate(step.broadcast):
            yield (kind, index), client
    elif kind in _ONE_CLIENT:
        yield (kind,), getattr(step, kind)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True
