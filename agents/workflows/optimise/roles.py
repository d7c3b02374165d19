"""The four roles of optimise: what their answers come to. Who asks the model is passed in."""

import ast
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.bench.diffs import read_diff
from agents.bench.errors import BenchError, Refused
from agents.bench.inside import files_of, read_inside
from agents.bench.loop import Next
from agents.bench.patches import Patch, apply, replacing, roll_back, why_kept
from agents.bench.scripts.load import parse_script
from agents.bench.spec import Spec
from agents.llm.port import ModelMessage, Purpose
from agents.workflows.mending import mend_json
from agents.workflows.optimise.prompts import Brief, again, to_criticise, to_implement, to_measure, to_test

Ask: TypeAlias = Callable[[Purpose, Sequence[ModelMessage]], Awaitable[str]]
"""Asks the model for a purpose; its answer."""

MOST_DIFF_CHARS = 40_000
"""Of a patch: a request and an output hold it, and an event holds those."""

_MOST_FILE_CHARS = 200_000
_MOST_SCENARIOS = 3
_ABOUT_CHARS = 600

A = TypeVar("A", bound=BaseModel)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _NewFile(_Answer):
    path: str
    content: str


class _PatchAnswer(_Answer):
    about: str = ""
    diff: str = ""
    files: list[_NewFile] = Field(default_factory=list)


class _Scenario(_Answer):
    name: str = Field(min_length=1, max_length=80)
    yaml: str


class _ScenariosAnswer(_Answer):
    scenarios: list[_Scenario] = Field(default_factory=list)


@dataclass(frozen=True)
class Offer:
    """What the implementer offers: a patch as a diff; none, with the reason; or, with a `problem`, what is no patch of this project."""

    diff: str = ""
    about: str = ""
    problem: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenarios:
    """Scenarios the tester has written, by name, and why others were left out."""

    texts: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


async def offer_patch(ask: Ask, brief: Brief, project: Path, change_request: str) -> Offer:
    """The implementer's patch of the project as it is in this folder, which stays as it is. What can't be used is sent back once."""
    prompt = to_implement(brief, change_request, changeable(project, brief.spec))
    answer = await ask("implement", prompt)
    try:
        return take_patch(answer, project, brief.spec)
    except BenchError as error:
        answer = await ask("implement", again(prompt, answer, _told(error)))
    try:
        return take_patch(answer, project, brief.spec)
    except BenchError as error:
        return Offer(problem=_told(error))


async def write_scenarios(ask: Ask, brief: Brief, project: Path) -> Scenarios:
    """Further scenarios of the tester's, each one readable. What can't be read is sent back once, then left out."""
    known = {str(path): read_inside(project, str(path)) or "" for path in files_of(project, brief.spec.scenarios)}
    prompt = to_test(brief, known)
    answer = await ask("test", prompt)
    good, bad = _take_scenarios(answer, known)
    if bad:
        good, bad = _take_scenarios(await ask("test", again(prompt, answer, "\n".join(bad))), known)
    return Scenarios(good, " ".join(f"Left out: {each}" for each in bad))


async def assess(ask: Ask, brief: Brief) -> str:
    """The performance agent's words on the newest round."""
    return await ask("measure", to_measure(brief))


async def criticise(ask: Ask, brief: Brief, decided: Next) -> str:
    """The critic's words on the newest round, with a change request where another follows."""
    return await ask("critique", to_criticise(brief, decided))


def changeable(project: Path, spec: Spec) -> dict[str, str]:
    """The files that a patch may change, by path. Refused where they are more than a prompt holds."""
    judges = spec.judges
    paths = [path for each in files_of(project, spec.change) if not why_kept(path := str(each), spec.change, judges)]
    texts = {path: read_inside(project, path) or "" for path in paths}
    if sum(map(len, texts.values())) > _MOST_FILE_CHARS:
        raise Refused(
            f"The files that may be changed have more than {_MOST_FILE_CHARS:,} characters: name fewer under `change` in bench.yaml."
        )
    return texts


def take_patch(answer: str, project: Path, spec: Spec) -> Offer:
    """The patch in an answer, tried on the folder and taken back there. BenchError says what is wrong with it."""
    said = _read(answer, _PatchAnswer)
    about = " ".join(said.about.split())[:_ABOUT_CHARS]
    if not said.diff.strip() and not said.files:
        return Offer(about=about or "There is no change that would help.")
    patch = read_diff(project, said.diff) if said.diff.strip() else replacing(project, {each.path: each.content for each in said.files})
    return Offer(try_patch(patch, project, spec), about, files=patch.paths)


def try_patch(patch: Patch, project: Path, spec: Spec) -> str:
    """The patch as a diff, after it was applied to the folder and taken back. BenchError where it doesn't fit or can't be run."""
    if not patch:
        raise Refused("The patch changes nothing.")
    if len(patch.diff) > MOST_DIFF_CHARS:
        raise Refused(f"The patch has more than {MOST_DIFF_CHARS:,} characters: change less at once.")
    for change in patch.changes:
        _check_python(change.path, change.after)
    roll_back(apply(patch, project, allowed=spec.change, judges=spec.judges), project)
    return patch.diff


def _check_python(path: str, text: str) -> None:
    if not path.endswith(".py"):
        return
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"{path} would be no Python any more: {error}.") from error


def _take_scenarios(answer: str, known: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The scenarios that can be played, and what is wrong with the others. `known` are the names of the project's own."""
    try:
        said = _read(answer, _ScenariosAnswer)
    except Refused as error:
        return {}, [_told(error)]
    good: dict[str, str] = {}
    bad: list[str] = []
    for each in said.scenarios[:_MOST_SCENARIOS]:
        try:
            if each.name in known:
                raise Refused(f"{each.name} is a scenario of the project: give yours another name.")
            parse_script(each.yaml, name=each.name)
            good[each.name] = each.yaml
        except BenchError as error:
            bad.append(_told(error))
    return good, bad


def _read(answer: str, shape: type[A]) -> A:
    """The JSON object in an answer, whatever stands around it; Refused where there is none of this shape."""
    start, end = answer.find("{"), answer.rfind("}") + 1
    try:
        return shape.model_validate(mend_json(json.loads(answer[start:end], strict=False)))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"The answer holds no JSON object that can be read: {error}.") from error


def _told(error: BenchError) -> str:
    return "\n".join([error.message, *error.details])
