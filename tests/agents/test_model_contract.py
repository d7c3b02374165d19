"""One contract for every adapter of the model port: the rules, scripts, and language models behind real mock servers."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from agents.llm.client import close_clients
from agents.llm.compatible import CompatibleModel
from agents.llm.port import Delta, Finish, Model, ModelMessage, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec
from agents.llm.profiles import Profile
from agents.llm.rules.model import RulesModel
from agents.llm.rules.sections import write_sections
from agents.llm.scripted import ScriptedModel
from agents.workflows.plans import read_plan
from tests.agents.providers import aimock

PLAN = '{"subtasks": [{"id": "s1", "title": "Find overdue cards", "role": "executor", "needs": []}]}'
QUESTION = write_sections({"Request": "What is overdue?"})
SEARCH = ToolSpec("search_cards", "Finds cards.", {"type": "object", "properties": {"overdue": {"type": "boolean"}}})
FOUND = '{"count": 0, "today": "2026-11-21", "cards": []}'

FIXTURES: list[dict[str, Any]] = [
    {"match": {"systemMessage": "Plan it."}, "response": {"content": PLAN}},
    {"match": {"systemMessage": "Use tools.", "hasToolResult": True}, "response": {"content": "Nothing is overdue at all."}},
    {
        "match": {"systemMessage": "Use tools.", "hasToolResult": False},
        "response": {"toolCalls": [{"name": "search_cards", "arguments": '{"overdue": true}'}]},
    },
    {"match": {"systemMessage": "Talk."}, "response": {"content": "I can't say without looking.", "reasoning": "I have no tools."}},
]

Speaker = Callable[[str], Model]
"""The model, told which of its answers comes next: "text", "call", "result" or "plan"."""


def scripted(kind: str) -> Model:
    call = [ToolCallDelta("c1", "search_cards", {"overdue": True})]
    answers: dict[Any, Any] = {
        "text": {"chat": [[ThoughtDelta("Hm."), TextDelta("I can't "), TextDelta("say.")]]},
        "call": {"chat": [call]},
        "result": {"chat": [[TextDelta("Nothing "), TextDelta("is overdue.")]]},
        "plan": {"plan": [[TextDelta(PLAN[:9]), TextDelta(PLAN[9:])]]},
    }
    return ScriptedModel(answers[kind])


@pytest.fixture(scope="module")
def aimock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with aimock(tmp_path_factory.mktemp("aimock"), FIXTURES) as url:
        yield url


@pytest.fixture(params=["rules", "scripted", "llmock", "aimock"])
async def speaker(request: pytest.FixtureRequest) -> AsyncIterator[Speaker]:
    match request.param:
        case "rules":
            yield lambda kind: RulesModel()
        case "scripted":
            yield scripted
        case "llmock":
            yield _llmock_speaker(request.getfixturevalue("llmock"))
        case _:
            url = request.getfixturevalue("aimock_url")
            yield lambda kind: CompatibleModel(Profile("gpt-4o", url))
    await close_clients()


def _llmock_speaker(llmock: Any) -> Speaker:
    def speak(kind: str) -> Model:
        if kind == "call":
            llmock.call_tool("search_cards", {"overdue": True})
        else:
            llmock.reply(PLAN if kind == "plan" else "Nothing is overdue at all, as far as I know.")
        return CompatibleModel(Profile("gpt-4o", llmock.base_url("openai"), "a key"))

    return speak


def ask(system: str) -> list[ModelMessage]:
    return [ModelMessage("system", system), ModelMessage("user", QUESTION)]


async def hear(model: Model, messages: list[ModelMessage], tools: tuple[ToolSpec, ...] = (), purpose: Any = "chat") -> list[Delta]:
    """The whole answer, checked for what holds of every answer."""
    deltas = [delta async for delta in model.stream(messages, tools, purpose=purpose)]
    assert [type(delta) for delta in deltas].count(Finish) == 1
    assert isinstance(deltas[-1], Finish)
    used = deltas[-1].usage
    assert used.input_tokens >= 0
    assert used.output_tokens >= 0
    assert used.cost_usd is None or used.cost_usd >= 0
    return deltas


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


async def test_text_comes_in_pieces_and_ends_with_a_finish(speaker: Speaker) -> None:
    deltas = await hear(speaker("text"), ask("Talk."))
    assert text_of(deltas).strip()
    assert len([delta for delta in deltas if isinstance(delta, TextDelta)]) > 1
    assert isinstance(deltas[-1], Finish)
    assert deltas[-1].reason == "stop"


async def test_tool_call_comes_whole_and_its_result_is_taken(speaker: Speaker) -> None:
    asked = ask("Use tools.")
    deltas = await hear(speaker("call"), asked, (SEARCH,))
    [call] = [delta for delta in deltas if isinstance(delta, ToolCallDelta)]
    assert (call.name, dict(call.arguments)["overdue"], call.flaw, bool(call.id)) == ("search_cards", True, "", True)
    assert isinstance(deltas[-1], Finish)
    assert deltas[-1].reason == "tool_calls"
    answered = [*asked, ModelMessage("assistant", "", (call,)), ModelMessage("tool", FOUND, tool_call_id=call.id, name=call.name)]
    assert "verdue" in text_of(await hear(speaker("result"), answered, (SEARCH,)))


async def test_plan_is_one(speaker: Speaker) -> None:
    answer = text_of(await hear(speaker("plan"), ask("Plan it."), purpose="plan"))
    assert read_plan(answer)
    assert "subtasks" in answer


async def test_answer_may_be_left_in_the_middle(speaker: Speaker) -> None:
    answer = speaker("text").stream(ask("Talk."), (), purpose="chat")
    assert isinstance(await anext(answer), TextDelta | ThoughtDelta)
    await answer.aclose()


async def test_model_has_a_name_and_an_adapter(speaker: Speaker) -> None:
    model = speaker("text")
    assert model.name
    assert model.adapter in {"rules", "scripted", "openai"}


async def test_reasoning_becomes_thoughts(aimock_url: str) -> None:
    deltas = await hear(CompatibleModel(Profile("deepseek-reasoner", aimock_url)), ask("Talk."))
    assert "".join(delta.text for delta in deltas if isinstance(delta, ThoughtDelta)) == "I have no tools."
    await close_clients()
