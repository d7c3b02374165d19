"""Calls that need somebody: an unsafe tool its approval, a client tool its client, an unknown outcome a person who knows."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from agents.emit import RequestMade, Stored, ToolFinished, ToolStarted
from agents.llm.port import ToolSpec
from agents.models import Request, ToolCall
from agents.services.calls import CallFacts
from agents.services.recovery import OUTCOME_UNKNOWN
from agents.services.requests import TITLE_CHARS, RequestDraft, hash_shown
from agents.services.scope import Step
from agents.tools.base import DID_NOT, HAPPENED, HumanQuestion
from agents.wire import ErrorObject
from agents.workflows.desk import Desk
from agents.workflows.facts import ClientTool
from agents.workflows.toolbox import answer_of, call_tool, describe_call, error_text, make_context
from project.realtime.db import run_db
from project.realtime.events import encode
from project.schemas import check_value


def offered_tools(desk: Desk) -> list[ToolSpec]:
    """The tools the model may call: the agent's, and those the client declared."""
    own = [ToolSpec(tool.name, tool.description, tool.parameters) for tool in desk.tools.values()]
    return own + [tool for tool in desk.facts.client_tools if tool.name not in desk.tools]


def needs_somebody(desk: Desk, call: Mapping[str, Any]) -> bool:
    """Whether this call waits for a decision or a client."""
    tool, arguments = desk.tools.get(call["name"]), call["arguments"]
    if tool is None:
        client_tool = desk.facts.client_tool(call["name"])
        return client_tool is not None and not check_value(client_tool.parameters, arguments, path="arguments")
    if tool.question is not None:
        return tool.question_of(arguments) is not None
    return tool.class_of(make_context(desk, UUID(call["id"])), arguments) == "unsafe"


def make_request(desk: Desk, step: Step, call: Mapping[str, Any]) -> list[Stored]:
    """What to put out so that somebody is asked about this call."""
    row = ToolCall.objects.filter(id=call["id"]).first()
    if row is not None and is_doubtful(row):
        return [RequestMade(step, _question(call, row))]
    facts = describe_call(desk, step, call)
    tool = desk.tools.get(call["name"])
    client_tool = None if tool else desk.facts.client_tool(call["name"])
    if client_tool is not None:
        return [ToolStarted(step, facts), RequestMade(step, _client_request(facts, client_tool))]
    asked = tool.question_of(call["arguments"]) if tool else None
    if asked is not None:
        return [ToolStarted(step, facts), RequestMade(step, _asked_of_people(facts, asked))]
    return [RequestMade(step, _approval(desk, facts, str(call.get("why", ""))))]


async def settle(desk: Desk, step: Step, call: Mapping[str, Any], request_id: str) -> str | None:
    """The outcome of the call after its request has been answered, as the model reads it; None when a person has to say what happened."""
    request = await run_db(Request.objects.select_related("answered_by").get, id=UUID(request_id))
    row = await run_db(ToolCall.objects.filter(id=call["id"]).first)
    match request.kind:
        case Request.Kind.QUESTION if request.key == _question_key(call["id"]):
            return await call_tool(desk, step, describe_call(desk, step, call))
        case Request.Kind.QUESTION:
            return encode({"outcome": request.answer.get("result") or "nobody knows", "note": request.note})
        case Request.Kind.CLIENT_TOOL:
            return await _take_result(desk, call, request)
    if row is not None and is_doubtful(row):
        return None
    if request.status != Request.Status.APPROVED or not _is_as_asked(call, request):
        return await _deny(desk, step, call, request)
    if row is None and not await run_db(_is_as_shown, desk, step, call, request):
        return await _deny(desk, step, call, request)
    facts = describe_call(desk, step, call, request.answer.get("arguments"))
    result = await call_tool(desk, step, facts, approver=request.answered_by)
    done = await run_db(ToolCall.objects.get, id=facts.id)
    return None if is_doubtful(done) else _with_note(result, request)


def _is_as_asked(call: Mapping[str, Any], request: Request) -> bool:
    """Whether what was approved is this call."""
    return hash_shown(request) == request.hash and request.parameters == call["arguments"]


def _is_as_shown(desk: Desk, step: Step, call: Mapping[str, Any], request: Request) -> bool:
    """Whether what the call is about is still called as it was. Changed arguments speak for themselves; without its tool it fails."""
    if call["name"] not in desk.tools or request.answer.get("arguments") is not None:
        return True
    return _wish(desk, describe_call(desk, step, call)) == request.title


def is_doubtful(row: ToolCall) -> bool:
    """Whether a crash or a time-out left open what this call did."""
    return bool(row.error and row.error.get("code") == OUTCOME_UNKNOWN)


async def _deny(desk: Desk, step: Step, call: Mapping[str, Any], request: Request) -> str:
    said, note = _refusal(request)
    facts = describe_call(desk, step, call)
    error = ErrorObject(code="denied", message=said if note in said else f"{said} {note}")
    await desk.emit(ToolStarted(step, facts), ToolFinished(facts.id, "denied", said, error=error))
    by = {"by": _name(request)} if request.status == Request.Status.DENIED else {}
    return error_text({"code": "denied", "message": note, **by})


def _refusal(request: Request) -> tuple[str, str]:
    """Why the call is not made: for people, and for the model, which is told a denial's note."""
    reasons = {
        Request.Status.EXPIRED: "Nobody answered in time.",
        Request.Status.APPROVED: "What was approved is not what was to be done.",
    }
    said = reasons.get(Request.Status(request.status))
    return (said, said) if said else (f"Denied by {_name(request)}.", request.note)


async def _take_result(desk: Desk, call: Mapping[str, Any], request: Request) -> str:
    identity = UUID(call["id"])
    if request.status != Request.Status.ANSWERED:
        error = ErrorObject(code="denied", message="The client did not answer in time.")
        finished = ToolFinished(identity, "failed", error.message, error=error)
    elif request.answer.get("is_error"):
        error = ErrorObject(code="client_error", message=_text(request.answer.get("result")))
        finished = ToolFinished(identity, "failed", "The client could not do it", error=error)
    else:
        finished = ToolFinished(identity, "completed", f"Answered by {_name(request)}", result=_text(request.answer.get("result")))
    [row] = await desk.emit(finished)
    return answer_of(row)


def _with_note(result: str, request: Request) -> str:
    """The tool's answer, with the note that somebody gave along with the approval."""
    if not request.note:
        return result
    try:
        answer = json.loads(result)
    except ValueError:
        answer = None
    return encode({**answer, "note": request.note}) if isinstance(answer, dict) else f"{result}\n\nNote of {_name(request)}: {request.note}"


def _question(call: Mapping[str, Any], row: ToolCall) -> RequestDraft:
    return RequestDraft(
        f"{call['id']}/outcome",
        Request.Kind.QUESTION,
        f"Did {row.tool_name} happen?",
        reason=f"{(row.error or {}).get('message', '')} Look, and say which.".strip(),
        call=row.id,
        tool_name=row.tool_name,
        tool_class=row.tool_class,
        parameters=row.parameters,
        choices=[HAPPENED, DID_NOT],
    )


def _approval(desk: Desk, facts: CallFacts, reason: str) -> RequestDraft:
    return RequestDraft(
        f"{facts.id}/approval",
        Request.Kind.APPROVAL,
        _wish(desk, facts),
        reason=reason,
        call=facts.id,
        tool_name=facts.tool_name,
        tool_class=facts.tool_class,
        parameters=facts.parameters,
        schema=desk.tools[facts.tool_name].parameters,
    )


def _wish(desk: Desk, facts: CallFacts) -> str:
    """What the agent wants to do, and to what, as that is called now, whatever the model says of it."""
    subject = desk.tools[facts.tool_name].subject_of(make_context(desk, facts.id), facts.parameters)
    wish = f"{desk.attempt.agent.username.capitalize()} wants to {facts.title[:1].lower()}{facts.title[1:]}"
    return f"{wish}: {subject}"[:TITLE_CHARS] if subject else wish


def _asked_of_people(facts: CallFacts, asked: HumanQuestion) -> RequestDraft:
    return RequestDraft(
        _question_key(facts.id),
        Request.Kind.QUESTION,
        asked.text,
        reason=asked.reason,
        call=facts.id,
        tool_name=facts.tool_name,
        tool_class=facts.tool_class,
        choices=list(asked.choices) or None,
    )


def _question_key(call_id: object) -> str:
    return f"{call_id}/question"


def _client_request(facts: CallFacts, tool: ClientTool) -> RequestDraft:
    return RequestDraft(
        f"{facts.id}/client",
        Request.Kind.CLIENT_TOOL,
        f"A client is asked to run {tool.name}",
        call=facts.id,
        tool_name=tool.name,
        tool_class=facts.tool_class,
        parameters=facts.parameters,
        schema=dict(tool.result) if tool.result is not None else None,
    )


def _name(request: Request) -> str:
    return request.answered_by.username if request.answered_by else "somebody"


def _text(value: object) -> str:
    return value if isinstance(value, str) else encode({"result": value})
