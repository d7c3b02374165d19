"""The rules and the tools that don't look at a board: calculations, and what was said."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.agents.rules import TOOL_NAMES, Answer, Talk, always, never

TOOLS = (*TOOL_NAMES, "calculator", "search_sessions", "fetch_url")


def talk(answer: Answer) -> Talk:
    return Talk(lambda name, arguments: answer, tools=TOOLS)


@pytest.mark.parametrize(
    ("request_text", "expression"),
    [
        ("calculate 12 * 7", "12 * 7"),
        ("Please calculate (1.5 + 2) / 3.", "(1.5 + 2) / 3"),
        ("What is 12*7?", "12*7"),
        ("what's 2^10 =", "2^10"),
        ("compute sqrt(2) * 3", "sqrt(2) * 3"),
        ("How much is 100 - 20 % 7?", "100 - 20 % 7"),
        ("Calculate max(1, 2, 3)", "max(1, 2, 3)"),
    ],
)
async def test_calculations_go_to_the_calculator(request_text: str, expression: str) -> None:
    conversation = talk({"expression": expression, "result": "84"})
    text = await conversation.ask("chat", request_text)
    assert conversation.calls == [("calculator", {"expression": expression})]
    assert text.endswith("= 84**")


@pytest.mark.parametrize(
    ("request_text", "words"),
    [
        ("What did we say about the banner?", "the banner"),
        ("what have we decided on pricing", "pricing"),
        ("What was said about “launch day”?", "launch day"),
        ("what did people write about #12?", "#12"),
        ("Search the sessions for Tesla", "Tesla"),
        ("look through our conversations about hiring", "hiring"),
    ],
)
async def test_what_was_said_is_looked_up(request_text: str, words: str) -> None:
    one = {
        "session": "Launch *now*",
        "link": "/sessions/s/",
        "at": "2026-11-21 09:00",
        "who": "bob",
        "kind": "report",
        "said": "Blue, [not](x)",
    }
    conversation = talk({"count": 3, "found": [one]})
    text = await conversation.ask("chat", request_text)
    assert conversation.calls == [("search_sessions", {"text": words})]
    assert text == (
        "**3 messages found.**\n\n"
        "- 2026-11-21 09:00, bob in [Launch \\*now\\*](/sessions/s/), report: “Blue, \\[not\\](x)”\n\n"
        "And 2 earlier messages."
    )


async def test_day_that_is_over_is_told_as_one() -> None:
    dates = {"days": -1, "start": "2026-11-22", "end": "2026-11-21", "weekday": "Saturday"}
    talk = Talk(always(dates))
    assert await talk.ask("chat", "how many days until 2026-11-21") == "**2026-11-21, a Saturday, is 1 day before 2026-11-22.**"


async def test_nothing_was_said() -> None:
    text = await talk({"count": 0, "found": []}).ask("chat", "What did we say about the moon?")
    assert text == "**Nobody has said that in a work session.**"


async def test_calculation_is_a_subtask_of_a_plan() -> None:
    def answer(name: str, arguments: Mapping[str, Any]) -> Answer:
        return {"expression": arguments["expression"], "result": "84"} if name == "calculator" else {"count": 0, "today": "", "cards": []}

    conversation = Talk(answer, tools=TOOLS)
    results = await conversation.resolve("Calculate 12 * 7 and find overdue cards")
    assert [result.title for result in results] == ["Calculate 12 * 7", "Find overdue cards", "Report"]
    assert "= 84" in results[0].content


@pytest.mark.parametrize(
    "request_text", ["What is overdue?", "What is in Review?", "what is 7", "what is 2026-11-21", "Summarise this board"]
)
async def test_other_questions_are_no_calculations(request_text: str) -> None:
    subtasks = await Talk(never, tools=TOOLS).plan(request_text)
    assert not any(subtask["title"].startswith("Calculate") for subtask in subtasks)


@pytest.mark.parametrize(
    "request_text", ["Fetch https://a.example/x?y=1.", "read the page at https://a.example/x?y=1", "Summarise (https://a.example/x?y=1)"]
)
async def test_page_is_fetched_and_quoted(request_text: str) -> None:
    page = {"url": "https://a.example/x?y=1", "title": "A *page*", "text": "one\n\n# two", "is_cut": True}
    conversation = talk(page)
    text = await conversation.ask("chat", request_text)
    assert conversation.calls == [("fetch_url", {"url": "https://a.example/x?y=1"})]
    asked = request_text if request_text.endswith(".") else f"{request_text}."
    assert conversation.said == [f"Asked for: {asked} The text of the page is shown here."]
    assert text == "**A \\*page\\*** at `https://a.example/x?y=1`:\n\n> one\n>\n> \\# two\n\nThe page goes on."
