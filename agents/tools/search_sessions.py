"""The tool that finds what was said in work sessions: messages of people and agents, and reports."""

from functools import reduce
from operator import or_
from typing import Annotated

from django.db.models import Q, QuerySet
from pydantic import Field

from agents.models import AgentOutput, Run
from agents.tools.base import Tool, ToolClass, ToolContext, ToolResult
from agents.tools.lookup import Reaching, answer, check_approval, counted, minute
from project.errors import Invalid
from sessions.access import visible_sessions
from sessions.models import Message

_MOST_WORDS = 8
_EXCERPT_CHARS = 400


class Arguments(Reaching):
    text: Annotated[str, Field(min_length=1, max_length=200, description="Words that must all be in what was said.")]
    everywhere: Annotated[
        bool, Field(description="In every work session of whoever asks, not only in those of this board. People are asked first.")
    ] = False
    limit: Annotated[int, Field(ge=1, le=20)] = 10

    def reaches_beyond(self, context: ToolContext) -> bool:
        """Whether others may see here what was said where they aren't: a session without a board is seen by its owner alone."""
        return self.everywhere and context.board_id is not None


def _class_of_call(context: ToolContext, arguments: Arguments) -> ToolClass:
    return "unsafe" if arguments.reaches_beyond(context) else "read"


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    if arguments.reaches_beyond(context):
        check_approval(context)
    words = arguments.text.split()[:_MOST_WORDS]
    if not words:
        raise Invalid("Say which words to look for.")
    found = _find(context, arguments, words)
    messages = list(found.select_related("session", "author").order_by("-created", "-id")[: arguments.limit])
    reports = set(AgentOutput.objects.filter(message__in=messages, kind=AgentOutput.Kind.REPORT).values_list("message_id", flat=True))
    total = found.count()
    data = {"count": total, "found": [_tell(message, words, is_report=message.id in reports) for message in messages]}
    return answer(data, f"{counted(total, 'message')} found")


def _find(context: ToolContext, arguments: Arguments, words: list[str]) -> QuerySet[Message]:
    sessions = visible_sessions(context.principal)
    if context.board_id is not None and not arguments.everywhere:
        sessions = sessions.filter(board_id=context.board_id)
    messages = Message.objects.filter(session__in=sessions, complete=True)
    # What is asked for now is no answer to itself.
    messages = messages.exclude(id__in=Run.objects.filter(session_id=context.session_id, status__in=Run.ACTIVE).values("message_id"))
    for word in words:
        messages = messages.filter(_holds(word))
    return messages


def _holds(word: str) -> Q:
    """Case aside; SQLite knows the case of ASCII letters only, so other words are looked for in the ways they are written."""
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    return reduce(or_, (Q(content__contains=spelling) for spelling in spellings), Q(content__icontains=word))


def _tell(message: Message, words: list[str], *, is_report: bool) -> dict[str, object]:
    return {
        "session": message.session.title,
        "link": f"/sessions/{message.session_id}/",
        "at": minute(message.created),
        "who": message.agent or (message.author.username if message.author else "system"),
        "kind": "report" if is_report else "message",
        "said": _excerpt(message.content, words),
    }


def _excerpt(content: str, words: list[str]) -> str:
    """The part of `content` around the first of the words."""
    flat = " ".join(content.split())
    if len(flat) <= _EXCERPT_CHARS:
        return flat
    folded = flat.casefold()
    first = min((place for place in (folded.find(word.casefold()) for word in words) if place >= 0), default=0)
    start = max(0, min(first - _EXCERPT_CHARS // 4, len(flat) - _EXCERPT_CHARS))
    cut = flat[start : start + _EXCERPT_CHARS].strip()
    return ("…" if start else "") + cut + ("…" if start + _EXCERPT_CHARS < len(flat) else "")


TOOL = Tool(
    name="search_sessions",
    title="Search work sessions",
    description="Finds messages and reports of this board's work sessions by words, the newest first.",
    arguments=Arguments,
    tool_class="read",
    class_of_call=_class_of_call,
    run=_run,
)
