"""The tool that asks the people of the room. It waits for their answer, and that answer is its result."""

from typing import Annotated

from pydantic import AfterValidator, Field

from agents.models import Request
from agents.services.requests import hash_shown
from agents.tools.base import HumanQuestion, Tool, ToolContext, ToolResult
from agents.tools.lookup import answer
from project.errors import Conflict
from project.wire import Payload, Text, Title

_MOST_CHOICES = 20


def _distinct(choices: list[str]) -> list[str]:
    if len(set(choices)) < len(choices):
        raise ValueError("Two choices are the same.")
    return choices


class Arguments(Payload):
    question: Annotated[Title, Field(description="One question, in one or two sentences.")]
    choices: Annotated[
        Annotated[list[Title], Field(min_length=2, max_length=_MOST_CHOICES), AfterValidator(_distinct)] | None,
        Field(description="What to choose from; leave it out for an answer in their own words."),
    ] = None
    reason: Annotated[Text, Field(description="Why you need to know, if the question doesn't say.")] = ""


def _asked(arguments: Arguments) -> HumanQuestion:
    return HumanQuestion(arguments.question, tuple(arguments.choices or ()), arguments.reason)


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    del arguments
    asked = Request.objects.select_related("answered_by").filter(call=context.call_id, kind=Request.Kind.QUESTION).first()
    if asked is None or asked.status != Request.Status.ANSWERED or asked.answered_by is None or asked.hash != hash_shown(asked):
        raise Conflict("Nobody answered the question in time.")
    said = asked.answer["result"]
    data = {"answer": said, "answered_by": asked.answered_by.username}
    return answer(data | ({"note": asked.note} if asked.note else {}), f"{asked.answered_by.username}: {said}")


TOOL = Tool(
    name="ask_human",
    title="Ask the people here",
    description="Asks the people of this room a question and waits for their answer. For what only they can know or decide.",
    arguments=Arguments,
    tool_class="read",
    run=_run,
    question=_asked,
)
