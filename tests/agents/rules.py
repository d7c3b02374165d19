"""Talks to the rules model in tests, with tools that answer from a table instead of a board."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec
from agents.llm.rules.model import RulesModel
from agents.llm.rules.sections import Result, write_results, write_sections

Answer = Mapping[str, Any] | str
TOOL_NAMES = (
    *("board_overview", "search_cards", "read_card", "board_activity", "date_arithmetic", "read_table"),
    *("create_card", "comment_card", "move_card", "edit_checklist", "delete_card"),
)


def card(number: int, title: str, **fields: Any) -> dict[str, Any]:
    """A card as tools return it."""
    return {
        "number": number,
        "title": title,
        "link": f"/boards/b/cards/{number}/",
        "column": "To do",
        "assignee": None,
        "due": None,
        "days_overdue": 0,
        "labels": [],
        "days_in_column": 0,
        "in_column_since": "2026-11-21 09:00",
        "is_finished": False,
        **fields,
    }


def found(*cards: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    return {"count": len(cards) if count is None else count, "today": "2026-11-21", "cards": list(cards)}


@dataclass
class Talk:
    """Conversations with the rules model; `calls` keeps what it asked of the tools, `thoughts` what it thought."""

    answers: Callable[[str, Mapping[str, Any]], Answer]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Texts given along with tool calls."""
    most_calls: int = 0
    """Of one answer."""
    tools: Sequence[str] = TOOL_NAMES

    async def ask(self, purpose: Purpose, request: str = "", results: Sequence[Result] = (), /, **sections: str) -> str:
        """The final text, after however many rounds of tools."""
        prompt = {
            "Request": request,
            "Results": write_results(results),
            **{name.replace("_", " "): text for name, text in sections.items()},
        }
        messages = [ModelMessage("system", "Be helpful."), ModelMessage("user", write_sections(prompt))]
        while True:
            deltas = await stream(messages, purpose, self.tools)
            text = "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))
            calls = [delta for delta in deltas if isinstance(delta, ToolCallDelta)]
            self.thoughts.append("".join(delta.text for delta in deltas if isinstance(delta, ThoughtDelta)))
            if not calls:
                return text
            self.said.append(text)
            self.most_calls = max(self.most_calls, len(calls))
            messages.append(ModelMessage("assistant", text, tuple(calls)))
            messages += [self._answer(call) for call in calls]

    async def plan(self, request: str, **sections: str) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", json.loads(await self.ask("plan", request, **sections))["subtasks"])

    async def resolve(self, request: str, **sections: str) -> list[Result]:
        """The results of all subtasks and, last, the report."""
        results = []
        for subtask in await self.plan(request, **sections):
            content = await self.ask("execute", request, Subtask=subtask["title"], **sections)
            results.append(Result(subtask["title"], content))
        return [*results, Result("Report", await self.ask("aggregate", request, results, **sections))]

    def _answer(self, call: ToolCallDelta) -> ModelMessage:
        self.calls.append((call.name, dict(call.arguments)))
        answer = self.answers(call.name, call.arguments)
        content = answer if isinstance(answer, str) else json.dumps(answer)
        return ModelMessage("tool", content, tool_call_id=call.id, name=call.name)


async def stream(messages: Sequence[ModelMessage], purpose: Purpose, tools: Sequence[str] = TOOL_NAMES) -> list[Delta]:
    """All deltas of one answer, the finish checked and left off."""
    specs = [ToolSpec(name, "", {}) for name in tools]
    deltas = [delta async for delta in RulesModel().stream(messages, specs, purpose=purpose)]
    assert isinstance(deltas[-1], Finish)
    assert not any(isinstance(delta, Finish) for delta in deltas[:-1])
    return deltas[:-1]


def never(name: str, arguments: Mapping[str, Any]) -> Answer:
    """For conversations in which no tool may be called."""
    raise AssertionError(f"{name}({arguments}) was called")


def always(answer: Answer) -> Callable[[str, Mapping[str, Any]], Answer]:
    return lambda name, arguments: answer
