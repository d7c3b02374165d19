"""Scripted conversations: a YAML file of steps, each done or waited for in order, and a report of the first that fails.

target: new                 # or "#12", or an id; the command line wins
session: {workflow: resolve}  # for a session that is opened
steps:
  - send: What is overdue?
  - expect: run_completed
    data: {run: {status: completed}}
    within: 60
"""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from project.client import ClientError, Event, Json
from project.talk.asking import Answer, bound
from project.talk.conversation import Conversation
from project.talk.words import compact

_WITHIN_S = 30.0
_KINDS = ("send", "expect", "answer", "cancel", "retry", "stop", "wait")


class Step(BaseModel):
    """One step: exactly one of the first seven, and what belongs to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    send: str | None = None
    expect: str | None = None
    answer: Literal["approve", "deny", "answer", "tool_result"] | None = None
    cancel: bool | None = None
    retry: bool | None = None
    stop: bool | None = None
    wait: float | Literal["idle"] | None = None
    workflow: str | None = None
    during_run: str | None = None
    data: Json = Field(default_factory=dict)
    within: float = _WITHIN_S
    arguments: Json | None = None
    result: Any = None
    is_error: bool | None = None
    note: str | None = None
    refused: str | None = None
    """The error code that a send or answer must be refused with."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len([name for name in _KINDS if getattr(self, name) is not None]) != 1:
            raise ValueError(f"A step is one of: {', '.join(_KINDS)}.")
        return self

    def given(self, *names: str) -> Json:
        """Those of these fields that the file gives."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}

    def __str__(self) -> str:
        return " ".join(
            f"{name}: {value if isinstance(value, str) else compact(value)}" for name, value in self.given(*type(self).model_fields).items()
        )


class Script(BaseModel):
    """A file of steps, and what they are for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str | None = None
    board: str | None = None
    session: Json = Field(default_factory=dict)
    steps: list[Step] = Field(min_length=1)


class BadScript(ClientError):
    """The file can't be read as a script."""


class StepFailed(Exception):
    """A step didn't happen; its text is the report."""


def read_script(path: Path) -> Script:
    """The script in the file; BadScript says what is wrong with it and where."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Script.model_validate({"steps": content} if isinstance(content, list) else content)
    except OSError as error:
        raise BadScript(f"{path} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadScript(f"{path} isn't YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors())
        raise BadScript(f"{path}: {problems}") from error


class Runner:
    """Plays a script in a conversation. Each expectation looks past the event that met the one before it."""

    def __init__(self, conversation: Conversation, script: Script) -> None:
        self._conversation = conversation
        self._steps = script.steps
        self._passed = 0

    async def run(self) -> float:
        """The seconds it took; StepFailed with a report at the first step that doesn't happen."""
        began = time.monotonic()
        for number, step in enumerate(self._steps, 1):
            try:
                await self._play(step)
            except (ClientError, TimeoutError, LookupError) as error:
                raise StepFailed(self._report(number, step, error)) from error
        return time.monotonic() - began

    async def _play(self, step: Step) -> None:
        if step.expect is not None:
            await self._expect(step)
        elif step.refused is not None:
            await self._refused(step)
        else:
            await self._act(step)

    async def _act(self, step: Step) -> None:
        talk = self._conversation
        if step.send is not None:
            await talk.send(step.send, **step.given("workflow", "during_run"))
        elif step.answer is not None:
            await talk.until(lambda: bool(talk.requests), step.within)
            await talk.answer(_answer(step, next(iter(talk.requests.values()), None)))
        elif step.wait == "idle":
            await talk.until(lambda: talk.is_idle, step.within)
        elif step.wait is not None:
            await asyncio.sleep(float(step.wait))
        else:
            await self._steer(step)

    async def _steer(self, step: Step) -> None:
        if step.stop:
            await self._conversation.stop()
        elif not await (self._conversation.cancel() if step.cancel else self._conversation.retry()):
            raise LookupError("There is no run.")

    async def _refused(self, step: Step) -> None:
        try:
            await self._act(step)
        except ClientError as error:
            if getattr(error, "code", None) != step.refused:
                raise
        else:
            raise LookupError("It was accepted.")

    async def _expect(self, step: Step) -> None:
        found: list[int] = []

        def look() -> bool:
            events = self._conversation.events
            found[:] = [index for index in range(self._passed, len(events)) if _meets(events[index], step)][:1]
            return bool(found)

        await self._conversation.until(look, step.within)
        if not found:
            raise self._conversation.ended or LookupError("The conversation has ended.")
        self._passed = found[0] + 1

    def _report(self, number: int, step: Step, error: Exception) -> str:
        why = f"not within {step.within:g} s" if isinstance(error, TimeoutError) else str(error)
        seen = self._conversation.events[self._passed :]
        counted = ", ".join(f"{name} {count}" for name, count in Counter(event.type for event in seen).items())
        lines = [
            f"Step {number} of {len(self._steps)} failed: {step}",
            f"  {why}",
            f"  since the last step that was met: {counted or 'no event'}",
        ]
        same = [event for event in seen if event.type == step.expect]
        lines += [f"  {event.type} {event.seq}: {difference(step.data, event.data)}" for event in same[-3:]]
        return "\n".join(lines)


def _answer(step: Step, request: Json | None) -> Answer:
    if request is None:
        raise LookupError("Nothing waits for an answer.")
    if step.answer == "tool_result":
        return Answer("provide_tool_result", {"request": request["id"], **step.given("result", "is_error")})
    return Answer("answer_request", bound(request, str(step.answer)) | step.given("arguments", "result", "note"))


def _meets(event: Event, step: Step) -> bool:
    return event.type == step.expect and difference(step.data, event.data) is None


def difference(wanted: Any, got: Any, path: str = "data") -> str | None:
    """What `got` lacks of `wanted`, None when nothing. Objects may have more keys, lists more items; `~text` is contained text."""
    match wanted:
        case dict() if isinstance(got, dict):
            found = (difference(value, got.get(key), f"{path}.{key}") for key, value in wanted.items())
            return next((each for each in found if each), None)
        case list() if isinstance(got, list):
            missing = [each for each in wanted if all(difference(each, item) for item in got)]
            return f"{path} has no {compact(missing[0])}" if missing else None
        case str() if wanted.startswith("~") and isinstance(got, str):
            return None if wanted[1:].lower() in got.lower() else f"{path} doesn't contain {wanted[1:]!r}: {got[:200]!r}"
    return None if wanted == got and type(wanted) is type(got) else f"{path} is {compact(got)[:200]}, not {compact(wanted)}"
