"""Plans: read from what the model answers, and mended where they are not quite plans."""

import json
import re
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from agents.events import SubtaskObject

MOST_SUBTASKS = 20
_TITLE_CHARS = 300
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


class _Subtask(BaseModel):
    id: str = ""
    title: str
    role: str = "executor"
    needs: list[str] = []


class _Plan(BaseModel):
    subtasks: list[_Subtask]


def read_plan(answer: str, request: str) -> list[SubtaskObject]:
    """The subtasks in the model's answer; one that does the whole request when there are none to read."""
    return check_plan(_parse(answer)) or [SubtaskObject(id="s1", title=_one_line(request), role="executor", needs=[])]


def check_plan(subtasks: Sequence[_Subtask]) -> list[SubtaskObject]:
    """Subtasks with distinct ids that need only earlier ones, so that the plan can be carried out in its order."""
    checked: list[SubtaskObject] = []
    for number, subtask in enumerate(subtasks[:MOST_SUBTASKS], start=1):
        known = {each.id for each in checked}
        name = subtask.id if subtask.id and subtask.id not in known and len(subtask.id) <= 40 else f"s{number}"
        needs = [need for need in dict.fromkeys(subtask.needs) if need in known]
        if subtask.title.strip() and name not in known:
            checked.append(SubtaskObject(id=name, title=_one_line(subtask.title), role=subtask.role[:60] or "executor", needs=needs))
    return checked


def parse_subtasks(value: object) -> list[SubtaskObject]:
    """The subtasks that somebody edited; empty when they are not a plan."""
    try:
        return check_plan(_Plan.model_validate(value).subtasks)
    except ValidationError:
        return []


def ready(subtasks: Sequence[SubtaskObject], done: Sequence[str]) -> list[SubtaskObject]:
    """The subtasks that can begin now."""
    return [each for each in subtasks if each.id not in done and all(need in done for need in each.needs)]


def _parse(answer: str) -> list[_Subtask]:
    found = _OBJECT.search(answer)
    try:
        return _Plan.model_validate(json.loads(found[0])).subtasks if found else []
    except (ValueError, RecursionError):
        return []


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_TITLE_CHARS]
