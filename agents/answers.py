"""Holding an answer to its request before the locks, for a schema from outside may take long: what was asked never changes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.models import Request
from agents.tools.registry import get_tools
from agents.wire import RequestObject
from agents.workflows.plans import read_edited
from project.errors import AppError, Conflict, Invalid, NotFound
from project.gate import validate
from project.schemas import require_value
from sessions.wire import dump


@dataclass(frozen=True)
class Given:
    """What somebody gives as an answer, as it came."""

    decision: str
    arguments: dict[str, Any] | None = None
    result: Any = None
    is_error: bool = False


@dataclass(frozen=True)
class Held:
    """The edited arguments as they are taken, or why they are not (`flaw`), and why the result is not (`misfit`)."""

    arguments: dict[str, Any] | None = None
    flaw: AppError | None = None
    misfit: Invalid | None = None

    def take_arguments(self) -> dict[str, Any] | None:
        """The edited arguments, None where there are none; raises what is wrong with them."""
        if self.flaw is not None:
            raise self.flaw
        return self.arguments


def hold_answer(request_id: UUID, given: Given) -> Held:
    """The answer held to its request, whose state and rights are looked at later, under the locks; NotFound when there is none."""
    request = Request.objects.select_related("run__agent", "session", "answered_by").filter(id=request_id).first()
    if request is None:
        raise NotFound
    misfit = _misfit(request, given)
    try:
        return Held(_check_arguments(request, given), misfit=misfit)
    except AppError as flaw:
        return Held(flaw=flaw, misfit=misfit)


def _misfit(request: Request, given: Given) -> Invalid | None:
    if request.kind != Request.Kind.CLIENT_TOOL or not request.schema or given.is_error or given.decision != "answer":
        return None
    try:
        require_value(request.schema, given.result, path="result", message="The result doesn't fit the tool's schema.")
    except Invalid as misfit:
        return misfit
    return None


def _check_arguments(request: Request, given: Given) -> dict[str, Any] | None:
    """The edited arguments, if they fit what they are for; Invalid says what is wrong with them."""
    if given.arguments is None:
        return None
    if given.decision != "approve":
        raise Invalid("Arguments go with an approval.", fields={"arguments": ["Leave them out, or approve."]})
    if request.kind == Request.Kind.PLAN_REVIEW:
        return {"subtasks": [each.model_dump() for each in read_edited(given.arguments)]}
    if not request.tool_name:
        require_value(request.schema or {}, given.arguments, path="arguments", message="These arguments don't fit.")
        return given.arguments
    tool = get_tools().get(request.tool_name)
    if tool is None:
        raise Conflict("The tool isn't there any more.", data={"request": dump(RequestObject.of(request))})
    try:
        validate(tool.arguments, given.arguments)
    except Invalid as error:
        fields = {f"arguments.{path}": messages for path, messages in (error.fields or {}).items()}
        raise Invalid("The arguments don't fit the tool.", fields=fields) from error
    return given.arguments
