"""Plans: read from what the model answers, and mended where they are not quite plans."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError, WithJsonSchema, field_validator

from agents.events import SubtaskObject
from agents.workflows.mending import mend_json
from project.errors import Invalid
from project.wire import WireObject

MOST_SUBTASKS = 20
_TITLE_CHARS = 300
_BRACKETS = (("{", "}"), ("[", "]"))


class _Subtask(BaseModel):
    # Models write numbers for ids, and null for what they leave out.
    id: str = ""
    title: str
    role: str = "executor"
    needs: list[str] = []

    @field_validator("id", "role", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return "" if value is None else str(value) if isinstance(value, int) else value

    @field_validator("needs", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        return [str(each) for each in value] if isinstance(value, list) else value or []


class _Plan(BaseModel):
    subtasks: list[_Subtask]


def _edited_title(value: str) -> str:
    line = " ".join(value.split())
    if not 0 < len(line) <= _TITLE_CHARS:
        raise ValueError(f"A title has 1 to {_TITLE_CHARS} characters.")
    return line


class EditedSubtask(SubtaskObject):
    """A part of a plan as people send it back."""

    id: str = Field(min_length=1, max_length=40)
    title: Annotated[str, AfterValidator(_edited_title), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _TITLE_CHARS})]
    role: str = Field(default="executor", min_length=1, max_length=60)
    needs: list[str] = Field(default_factory=list)


class EditedPlan(WireObject):
    """A plan as people send it back."""

    subtasks: list[EditedSubtask] = Field(min_length=1, max_length=MOST_SUBTASKS)


PLAN_SCHEMA: dict[str, Any] = EditedPlan.model_json_schema()
"""The JSON Schema of a plan as people may send it back. That ids differ and needs come first, it can't say."""


def read_plan(answer: str) -> list[SubtaskObject]:
    """The subtasks in the model's answer; empty when there is no plan in it."""
    return check_plan(_parse(answer))


def whole_request(request: str) -> list[SubtaskObject]:
    """The plan for when there is none: one subtask that does the whole request."""
    return [SubtaskObject(id="s1", title=_one_line(request), role="executor", needs=[])]


def check_plan(subtasks: Sequence[_Subtask]) -> list[SubtaskObject]:
    """Subtasks with distinct ids that need only earlier ones, so that the plan can be carried out in its order."""
    checked: list[SubtaskObject] = []
    for number, subtask in enumerate(_in_order(subtasks[:MOST_SUBTASKS]), start=1):
        known = {each.id for each in checked}
        is_usable = 0 < len(subtask.id) <= 40 and subtask.id not in known
        name = subtask.id if is_usable else next(free for place in count(number) if (free := f"s{place}") not in known)
        needs = [need for need in dict.fromkeys(subtask.needs) if need in known]
        if subtask.title.strip():
            checked.append(SubtaskObject(id=name, title=_one_line(subtask.title), role=subtask.role[:60] or "executor", needs=needs))
    return checked


def _in_order(subtasks: Sequence[_Subtask]) -> list[_Subtask]:
    """The same, each after those it needs; those that need each other stay where they were."""
    left = list(enumerate(subtasks))
    ordered: list[_Subtask] = []
    while left:
        following = next((each for each in left if not _needed_of(each, left)), left[0])
        left.remove(following)
        ordered.append(following[1])
    return ordered


def _needed_of(one: tuple[int, _Subtask], others: Sequence[tuple[int, _Subtask]]) -> set[str]:
    """What one needs of the others."""
    return {each.id for place, each in others if place != one[0] and each.id != one[1].id} & set(one[1].needs)


def read_edited(value: object) -> list[SubtaskObject]:
    """The subtasks that somebody edited. Unlike a model's they are not mended: Invalid says per field what is wrong."""
    try:
        subtasks: list[SubtaskObject] = [*EditedPlan.model_validate(value).subtasks]
    except ValidationError as error:
        raise Invalid("This isn't a plan.", fields=dict(_problems(error))) from error
    known: set[str] = set()
    for place, subtask in enumerate(subtasks):
        path = f"arguments.subtasks.{place}"
        if subtask.id in known:
            raise Invalid("This isn't a plan.", fields={f"{path}.id": ["Another subtask has this id."]})
        for need in subtask.needs:
            if need not in known:
                raise Invalid("This isn't a plan.", fields={f"{path}.needs": [f"No subtask before this one is called {need}."]})
        known.add(subtask.id)
    return subtasks


def _problems(error: ValidationError) -> Iterator[tuple[str, list[str]]]:
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        yield ".".join(["arguments", *map(str, problem["loc"])]), [problem["msg"].removeprefix("Value error, ")]


def ready(subtasks: Sequence[SubtaskObject], done: Sequence[str]) -> list[SubtaskObject]:
    """The subtasks that can begin now."""
    return [each for each in subtasks if each.id not in done and all(need in done for need in each.needs)]


def _parse(answer: str) -> list[_Subtask]:
    try:
        value = mend_json(json.loads(_json_in(answer)))
        return _Plan.model_validate({"subtasks": value} if isinstance(value, list) else value).subtasks
    except (ValueError, RecursionError):
        return []


def _json_in(answer: str) -> str:
    """The plan, or the bare list of its subtasks, within whatever the model wrote around it; whichever begins first."""
    places = sorted((answer.find(opening), answer.rfind(closing) + 1) for opening, closing in _BRACKETS)
    return next((answer[start:end] for start, end in places if 0 <= start < end), "{}")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_TITLE_CHARS]
