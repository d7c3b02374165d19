"""The model port: sections of prompts, the pace of the rules, scripts for tests, and which model answers."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec, Usage
from agents.llm.registry import get_model, model_info, use_model
from agents.llm.rules.model import RulesModel
from agents.llm.rules.sections import SECTIONS, Result, read_prompt, read_results, read_sections, write_results, write_sections
from agents.llm.rules.text import chunks, duration, inline, plain, shorten
from agents.llm.scripted import ScriptedModel, ScriptExhausted
from tests.agents.rules import stream

LINES = st.lists(st.sampled_from(["## Results", "\\## Request", "### Analyse", "\\### x", "text", "", "## Other", "# Title"]), max_size=6)
TEXTS = LINES.map("\n".join).map(str.strip)


@given(st.dictionaries(st.sampled_from(SECTIONS), TEXTS.filter(bool)))
def test_sections_are_read_as_they_were_written(sections: dict[str, str]) -> None:
    assert read_sections(write_sections(sections)) == sections


@given(st.lists(st.builds(Result, st.sampled_from(["One", "### Two", "Three words here"]), TEXTS), max_size=3))
def test_results_are_read_as_they_were_written(results: list[Result]) -> None:
    assert read_results(read_sections(write_sections({"Results": write_results(results)})).get("Results", "")) == results


def test_only_the_newest_user_message_is_the_prompt() -> None:
    messages = [
        ModelMessage("system", "## Card\n#9 Not this"),
        ModelMessage("user", "## Card\n#8 Nor this\n\n## Request\nold"),
        ModelMessage("assistant", "answer"),
        ModelMessage("user", "new"),
        ModelMessage("assistant", "", (ToolCallDelta("1", "x", {}),)),
    ]
    prompt = read_prompt(messages)
    assert dict(prompt.sections) == {"Request": "new"}
    assert prompt.since == tuple(messages[-1:])


@given(st.text(max_size=200))
def test_chunks_give_the_text_back(text: str) -> None:
    assert "".join(chunks(text)) == text


@given(st.text(alphabet=st.sampled_from("ab \\`*_[]<>|~&#+-=.1)(")))
def test_escaped_text_is_given_back(text: str) -> None:
    assert plain(inline(text)) == " ".join(text.split())


def test_short_texts_for_people() -> None:
    assert shorten("one two three", 9) == "one two…"
    assert [duration(seconds) for seconds in (0.4, 59, 61, 3_700)] == ["0 s", "59 s", "1 min 1 s", "1 h 1 min"]


async def test_first_thought_comes_at_once_and_the_rest_at_the_pace() -> None:
    began = time.perf_counter()
    answer = RulesModel(pace_ms=20).stream([ModelMessage("user", "What is overdue?")], (), purpose="plan")
    times = [time.perf_counter() - began async for _ in answer]
    assert times[0] < 0.02
    assert times[-1] >= 0.02 * (len(times) - 3)


async def test_status_questions_are_answered_without_a_pause() -> None:
    began = time.perf_counter()
    message = ModelMessage("user", '## Request\nhow far?\n\n## Live state\n{"status": "running", "done": 1, "total": 3}')
    pieces = [delta async for delta in RulesModel(pace_ms=200).stream([message], (), purpose="clarify")]
    assert len(pieces) > 3
    assert time.perf_counter() - began < 0.15


async def test_thoughts_come_first_then_text_then_calls() -> None:
    deltas = await stream([ModelMessage("user", "What is overdue?")], "chat")
    kinds = [type(delta) for delta in deltas]
    assert kinds[0] is ThoughtDelta
    assert kinds[-1] is ToolCallDelta
    plan = [type(delta) for delta in await stream([ModelMessage("user", "What is overdue?")], "plan")]
    assert plan == sorted(plan, key=[ThoughtDelta, TextDelta].index)


@pytest.mark.parametrize(("purpose", "reason"), [("chat", "tool_calls"), ("plan", "stop")])
async def test_finish_says_whether_tools_are_wanted_and_that_it_cost_nothing(purpose: Purpose, reason: str) -> None:
    tools = [ToolSpec("search_cards", "", {})]
    deltas = [delta async for delta in RulesModel().stream([ModelMessage("user", "What is overdue?")], tools, purpose=purpose)]
    last = deltas[-1]
    assert isinstance(last, Finish)
    assert (last.reason, last.usage) == (reason, Usage(0, 0, 0.0))


async def test_call_ids_are_distinct_over_rounds() -> None:
    call = ToolCallDelta("rules-1", "read_card", {"number": 7})
    answer = ModelMessage("tool", '{"card": {"number": 7, "title": "Old"}}', tool_call_id="rules-1", name="read_card")
    messages = [ModelMessage("user", "delete #7"), ModelMessage("assistant", "", (call,)), answer]
    [wanted] = [delta for delta in await stream(messages, "chat") if isinstance(delta, ToolCallDelta)]
    assert (wanted.id, wanted.name) == ("rules-2", "delete_card")


@pytest.mark.parametrize(
    ("answer", "told"),
    [('{"celsius": 21}', '"celsius": 21'), ('{"error": {"code": "denied", "message": "Not now", "by": "bob"}}', "Denied by bob: Not now")],
)
async def test_rules_use_a_tool_they_are_told_by_name(answer: str, told: str) -> None:
    tools = [ToolSpec("read_thermometer", "", {})]
    asked = [ModelMessage("user", 'Use read_thermometer with {"room": "lab"}')]
    [call] = [delta async for delta in RulesModel().stream(asked, tools, purpose="chat") if isinstance(delta, ToolCallDelta)]
    assert (call.name, call.arguments) == ("read_thermometer", {"room": "lab"})
    messages = [*asked, ModelMessage("assistant", "", (call,)), ModelMessage("tool", answer, tool_call_id=call.id, name=call.name)]
    text = "".join([delta.text async for delta in RulesModel().stream(messages, tools, purpose="chat") if isinstance(delta, TextDelta)])
    assert told in text


async def test_rules_run_no_tool_with_arguments_they_cannot_read() -> None:
    tools = [ToolSpec("read_thermometer", "", {})]
    deltas = [each async for each in RulesModel().stream([ModelMessage("user", "run read_thermometer {x}")], tools, purpose="chat")]
    assert "no JSON object" in "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


# --- scripts -------------------------------------------------------------------------------------------------------------


async def test_script_answers_by_purpose_in_order_and_keeps_the_questions() -> None:
    call = ToolCallDelta("1", "read_card", {})
    model = ScriptedModel({"chat": ["one", [ThoughtDelta("hm"), 0.001, call]], "plan": ["{}"]})
    question = [ModelMessage("user", "hello")]
    assert [delta async for delta in model.stream(question, (), purpose="chat")] == [TextDelta("one"), Finish("stop", Usage(0, 0, 0.0))]
    assert await anext(model.stream(question, (), purpose="plan")) == TextDelta("{}")
    assert [delta async for delta in model.stream(question, (), purpose="chat")] == [
        ThoughtDelta("hm"),
        call,
        Finish("tool_calls", Usage(0, 0, 0.0)),
    ]
    assert [asked.purpose for asked in model.asked] == ["chat", "plan", "chat"]
    assert model.asked[0].messages == tuple(question)


async def test_exhausted_script_says_what_it_was_asked_for() -> None:
    model = ScriptedModel({"chat": ["one"]})
    await hear(model, "chat")
    with pytest.raises(ScriptExhausted, match="1 answers for 'chat'"):
        await hear(model, "chat")
    with pytest.raises(ScriptExhausted, match="0 answers for 'refine'"):
        await hear(model, "refine")


async def test_script_may_break_off() -> None:
    model = ScriptedModel({"chat": [[TextDelta("on"), TimeoutError("gone")]]})
    answer = model.stream((), (), purpose="chat")
    assert await anext(answer) == TextDelta("on")
    with pytest.raises(TimeoutError, match="gone"):
        await anext(answer)


async def hear(model: ScriptedModel, purpose: Purpose) -> list[Delta]:
    return [delta async for delta in model.stream((), (), purpose=purpose)]


# --- which model ---------------------------------------------------------------------------------------------------------


def test_rules_answer_when_no_language_model_is_configured() -> None:
    assert isinstance(get_model(), RulesModel)
    assert model_info() == {"configured": False, "adapter": "rules", "name": "built-in rules"}


async def test_a_model_can_be_put_in_its_place_for_a_while() -> None:
    script = ScriptedModel({}, name="mine")
    with use_model(script):
        assert get_model() is script
        assert await asyncio.to_thread(get_model) is script
        assert model_info() == {"configured": True, "adapter": "scripted", "name": "mine"}
    assert isinstance(get_model(), RulesModel)
