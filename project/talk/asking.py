"""What a person types about an open request, as the data of its answer. Pure: the terminal is elsewhere."""

import json
from dataclasses import dataclass
from typing import Any

from project.talk.words import parameters_text

_EDITABLE = ("approval", "plan_review")
_HOW = {
    "approval": "a approve · e edit the arguments · d deny; a word more is a note to the agent",
    "plan_review": "a approve · e edit the plan · d deny; a word more is a note to the agent",
    "question": "answer in your own words",
    "client_tool": "answer with the tool's result, JSON or text; error … when it can't be done",
}


@dataclass(frozen=True)
class Answer:
    """A command and its data beside the request."""

    command: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Again:
    """That was no answer yet; `text` says what is. `wants_editor`: the arguments are to be edited."""

    text: str = ""
    wants_editor: bool = False


def arguments_of(request: dict[str, Any]) -> dict[str, Any]:
    """What may be edited on approval."""
    return dict(request["parameters"] or {})


def describe(request: dict[str, Any]) -> str:
    """An open request, everything that is to be judged, and how to answer it."""
    lines = [f"{request['message']}: {request['title']}"]
    lines += [f"Why: {request['reason']}"] if request["reason"] else []
    if request["tool_name"] and (arguments_of(request) or request["kind"] != "question"):
        lines.append(f"{request['tool_name']} ({request['class']}) {parameters_text(arguments_of(request))}")
    elif request["kind"] == "plan_review":
        lines.append(json.dumps(arguments_of(request), ensure_ascii=False, indent=2))
    lines += [f"{number}. {choice}" for number, choice in enumerate(request["choices"] or [], 1)]
    lines.append(f"→ {'a number, or one of these' if request['choices'] else _HOW.get(request['kind'], _HOW['question'])}")
    return "\n".join(lines)


def read_answer(request: dict[str, Any], line: str) -> Answer | Again:
    """The answer in a line, or what is missing of it."""
    text = line.strip()
    if request["kind"] in _EDITABLE:
        return _read_approval(request, text)
    if not text:
        return Again(describe(request).split("\n")[-1])
    if request["kind"] == "client_tool":
        return _read_result(request, text)
    choices = request["choices"] or []
    chosen = choices[int(text) - 1] if text.isdecimal() and 0 < int(text) <= len(choices) else text
    return Answer("answer_request", bound(request, "answer") | {"result": chosen})


def read_edited(request: dict[str, Any], text: str) -> Answer | Again:
    """Approval with the arguments in `text`."""
    try:
        arguments = json.loads(text)
    except ValueError as error:
        return Again(f"That isn't JSON: {error}. Nothing was answered.")
    if not isinstance(arguments, dict):
        return Again("Arguments are a JSON object. Nothing was answered.")
    return Answer("answer_request", bound(request, "approve") | {"arguments": arguments})


def bound(request: dict[str, Any], decision: str) -> dict[str, Any]:
    """The part of every answer that binds it to what was shown."""
    return {"request": request["id"], "hash": request["hash"], "decision": decision}


def _read_approval(request: dict[str, Any], text: str) -> Answer | Again:
    word, _, rest = text.partition(" ")
    match word.lower():
        case "a" | "approve":
            return Answer("answer_request", bound(request, "approve") | _note(rest))
        case "d" | "deny":
            return Answer("answer_request", bound(request, "deny") | _note(rest))
        case "e" | "edit":
            return read_edited(request, rest) if rest else Again(wants_editor=True)
    return Again(f"→ {_HOW[request['kind']]}; a message to the agents: /say …")


def _read_result(request: dict[str, Any], text: str) -> Answer:
    word, _, rest = text.partition(" ")
    if word.lower() == "error" and rest:
        return Answer("provide_tool_result", {"request": request["id"], "result": rest, "is_error": True})
    try:
        result = json.loads(text)
    except ValueError:
        result = text
    return Answer("provide_tool_result", {"request": request["id"], "result": result})


def _note(text: str) -> dict[str, str]:
    return {"note": text.strip()} if text.strip() else {}
