"""Language models behind a real socket: what providers send, what they refuse, and how a run ends when they fail."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from agents.launchers import embedded
from agents.llm import client
from agents.llm.answer import Answer
from agents.llm.client import close_clients
from agents.llm.compatible import CompatibleModel
from agents.llm.errors import (
    BrokenAnswer,
    ModelBusy,
    ModelContextFull,
    ModelError,
    ModelFiltered,
    ModelKeyRefused,
    ModelQuota,
    ModelTimeout,
    ModelTrouble,
    ModelUnknown,
    ModelUnreachable,
)
from agents.llm.port import Delta, Finish, ModelMessage, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec, Usage
from agents.llm.profiles import Profile, profile_of, window_of
from agents.llm.registry import get_model, installation_info, model_info
from agents.workflows import turn
from project.agent_settings import AgentBudget, AgentSettings, Price
from tests.agents.conftest import Room, Workbench
from tests.agents.driving import eventually, run_until_idle
from tests.agents.providers import DONE, Piece, calls, event, provider, says, text, usage
from tests.agents.test_resolve import check_contract
from tests.process.server import free_port
from tests.rig.length import at_length

HELLO = [ModelMessage("system", "Be kind."), ModelMessage("user", "Hello")]


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await close_clients()


async def hear(model: CompatibleModel, messages: Sequence[ModelMessage] = HELLO, purpose: Any = "chat") -> list[Delta]:
    return [delta async for delta in model.stream(messages, (), purpose=purpose)]


async def answer_to(*pieces: Piece, price: Price | None = None) -> list[Delta]:
    """What the adapter makes of these bytes."""
    async with provider(pieces) as server:
        return await hear(CompatibleModel(Profile("m", server.base_url, price=price)))


# -- what providers send ---------------------------------------------------------------------------------------------------


async def test_parallel_calls_are_merged_by_index() -> None:
    deltas = await answer_to(
        calls(0, "", id="a", name="look"),
        calls(1, '{"text": ', id="b", name="note"),
        calls(0, '{"text": "x"}'),
        calls(1, '"y"}'),
        says("tool_calls"),
        usage(7, 3),
        DONE,
    )
    assert deltas == [
        ToolCallDelta("a", "look", {"text": "x"}),
        ToolCallDelta("b", "note", {"text": "y"}),
        Finish("tool_calls", Usage(7, 3, None)),
    ]


@pytest.mark.parametrize("index", [0, None])
async def test_calls_that_all_have_one_index_are_told_apart_by_their_ids(index: int | None) -> None:
    first, second = calls(index, "{}", id="a", name="look"), calls(index, "{}", id="b", name="note")
    found = await answer_to(first, second, says("stop"), DONE)
    assert [(each.id, each.name) for each in found if isinstance(each, ToolCallDelta)] == [("a", "look"), ("b", "note")]
    assert isinstance(found[-1], Finish)
    assert found[-1].reason == "tool_calls"


@pytest.mark.parametrize("arguments", ['{"text": ', "[1]", "null", '{"text": NaN}', "[" * 100_000])
async def test_arguments_that_are_no_json_object_are_a_flaw(arguments: str) -> None:
    [call, _] = await answer_to(calls(0, arguments, id="a", name="look"), says("tool_calls"), DONE)
    assert isinstance(call, ToolCallDelta)
    assert "not a JSON object" in call.flaw


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
async def test_reasoning_is_taken_under_both_its_names(name: str) -> None:
    deltas = await answer_to(says(**{name: "Let me see."}), says(content="Hi"), says("stop"), DONE)
    assert deltas[:2] == [ThoughtDelta("Let me see."), TextDelta("Hi")]


async def test_cost_is_the_providers_else_by_price_else_unknown() -> None:
    price = Price(input=2, output=10)
    told = await answer_to(says("stop", content="Hi"), usage(1_000, 100, cost=0.0042), DONE, price=price)
    priced = await answer_to(says("stop", content="Hi"), usage(1_000, 100), DONE, price=price)
    unknown = await answer_to(says("stop", content="Hi"), usage(1_000, 100), DONE)
    costs = [deltas[-1].usage.cost_usd for deltas in (told, priced, unknown) if isinstance(deltas[-1], Finish)]
    assert costs == [0.0042, 0.003, None]


async def test_tokens_nobody_counted_are_estimated() -> None:
    [_, finish] = await answer_to(says("stop", content="x" * 400), DONE)
    assert isinstance(finish, Finish)
    assert finish.usage.output_tokens == 100
    assert finish.usage.input_tokens > 0


@pytest.mark.parametrize(
    "counted",
    [
        {"prompt_tokens": -1_000_000, "completion_tokens": 5},
        {"prompt_tokens": 10**30, "completion_tokens": 5},
        {"prompt_tokens": None, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": 5, "cost": float("nan")},
        {"prompt_tokens": 5, "completion_tokens": 5, "cost": -1},
        "many",
    ],
)
@pytest.mark.parametrize("is_beside_the_end", [True, False])
async def test_usage_that_is_none_is_estimated_and_costs_no_answer(counted: Any, is_beside_the_end: bool) -> None:
    choices = [{"index": 0, "delta": {"content": "x" * 400}, "finish_reason": "stop"}]
    parts = [event(choices=choices, usage=counted)] if is_beside_the_end else [event(choices=choices), event(choices=[], usage=counted)]
    [said, finish] = await answer_to(*parts, DONE)
    assert said == TextDelta("x" * 400)
    assert isinstance(finish, Finish)
    assert (finish.usage.output_tokens, finish.usage.cost_usd) == (100, None)


async def test_trouble_after_the_answers_end_changes_nothing() -> None:
    for rest in (None, b"data: {nonsense\n\n", b"data: 5\n\n"):
        assert (await answer_to(says(content="Hi"), says("stop"), rest))[0] == TextDelta("Hi")


async def test_first_piece_comes_before_the_rest_is_there() -> None:
    async with provider([says(content="Hi"), 30.0]) as server:
        answer = CompatibleModel(Profile("m", server.base_url)).stream(HELLO, (), purpose="chat")
        assert await asyncio.wait_for(anext(answer), 10) == TextDelta("Hi")
        await answer.aclose()


# -- what providers are asked ----------------------------------------------------------------------------------------------


async def test_question_says_everything_that_is_set() -> None:
    tool = ToolSpec("look", "Looks.", {"type": "object"})
    call = ToolCallDelta("a", "look", {"text": "x"})
    messages = [*HELLO, ModelMessage("assistant", "", (call,)), ModelMessage("tool", "seen", tool_call_id="a", name="look")]
    async with provider(text("Hi")) as server:
        profile = Profile("m", server.base_url, "a key", temperature=0.0, max_tokens=50, effort="low")
        model = CompatibleModel(profile, effort="high")
        await hear(model, messages)
        [_ async for _ in model.stream(HELLO, [tool], purpose="plan")]
    asked, plan = server.asked
    assert (asked["model"], asked["temperature"], asked["max_tokens"], asked["reasoning_effort"]) == ("m", 0.0, 50, "high")
    assert (asked["stream"], asked["stream_options"]) == (True, {"include_usage": True})
    assert asked["messages"][2]["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"text": "x"}'}
    assert asked["messages"][3] == {"role": "tool", "tool_call_id": "a", "content": "seen"}
    assert "tools" not in asked
    assert (plan["tools"][0]["function"]["name"], plan["response_format"]) == ("look", {"type": "json_object"})
    assert "Bearer a key" in server.headers[0]


async def test_question_leaves_out_what_is_not_set() -> None:
    async with provider(text("Hi")) as server:
        await hear(CompatibleModel(Profile("m", server.base_url)))
    assert sorted(server.asked[0]) == ["messages", "model", "stream", "stream_options"]


def test_agent_may_have_a_model_of_its_own_and_no_key_of_another_address() -> None:
    agents = {
        "local": AgentSettings(model="small", base_url="http://127.0.0.1:1/v1", context_tokens=4_000),
        "robo": AgentSettings(temperature=0.5),
    }
    everybodys = {"WORKROOM_MODEL": "big", "WORKROOM_MODEL_BASE_URL": "https://models.example/v1", "WORKROOM_MODEL_API_KEY": "secret"}
    with override_settings(WORKROOM_AGENTS=agents):
        assert (get_model("robo").adapter, get_model("local").name) == ("rules", "small")
        assert installation_info() == {"configured": True, "adapter": "openai", "name": "small"}
        with override_settings(**everybodys):
            assert profile_of("local") == Profile("small", "http://127.0.0.1:1/v1", "", window=4_000)
            assert profile_of("robo") == Profile("big", "https://models.example/v1", "secret", temperature=0.5)
            assert "secret" not in repr(profile_of("robo"))
            assert model_info("somebody") == {"configured": True, "adapter": "openai", "name": "big"}
    with override_settings(WORKROOM_AGENTS=agents, WORKROOM_MODEL_CONTEXT_TOKENS=9_000):
        assert (window_of("local"), window_of("robo")) == (4_000, 9_000)


async def test_live_model_is_never_asked_by_a_test() -> None:
    with pytest.raises(AssertionError, match=r"live model at api\.openai\.com"):
        await hear(CompatibleModel(Profile("m", "https://api.openai.com/v1")))


# -- what goes wrong -------------------------------------------------------------------------------------------------------


async def failure(base_url: str) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await hear(CompatibleModel(Profile("m", base_url)))
    assert raised.value.hint
    return raised.value


@pytest.mark.parametrize(
    ("status", "more", "kind"),
    [
        (401, {}, ModelKeyRefused),
        (403, {}, ModelKeyRefused),
        (404, {"code": "model_not_found"}, ModelUnknown),
        (402, {}, ModelQuota),
        (429, {"code": "insufficient_quota"}, ModelQuota),
        (400, {"code": "context_length_exceeded"}, ModelContextFull),
        (413, {"message": "prompt is too long: 9 tokens"}, ModelContextFull),
        (400, {}, ModelError),
        (422, {}, ModelError),
        (429, {}, ModelBusy),
        (500, {}, ModelTrouble),
        (503, {}, ModelTrouble),
        (529, {}, ModelTrouble),
        (504, {}, ModelTimeout),
    ],
)
async def test_refusal_is_named(llmock: Any, status: int, more: dict[str, Any], kind: type[ModelError]) -> None:
    llmock.fail(status, **more)
    assert type(await failure(llmock.base_url("openai"))) is kind


@pytest.mark.parametrize("fault", ["disconnect", "truncate", "corrupt"])
async def test_cut_stream_is_a_broken_answer(llmock: Any, fault: str) -> None:
    getattr(llmock, fault)(after_chunks=2)
    assert type(await failure(llmock.base_url("openai"))) is BrokenAnswer


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ([b"data: [1, 2]\n\n", 0.01, DONE], BrokenAnswer),
        ([event(choices="none")], BrokenAnswer),
        ([b"data: \xff\xfe\n\n"], BrokenAnswer),
        ([b"<html>Sign in</html>"], BrokenAnswer),
        ([says("content_filter")], ModelFiltered),
        ([says("error")], ModelTrouble),
        ([says(content="Hi"), event(error={"code": 502, "message": "The upstream is away"})], ModelTrouble),
        ([event(error={"code": 429, "message": "Slow down"})], ModelBusy),
    ],
)
async def test_answer_that_is_none_is_named(pieces: list[Piece], kind: type[ModelError]) -> None:
    async with provider(pieces) as server:
        assert type(await failure(server.base_url)) is kind


async def test_silence_is_a_timeout_at_every_place(llmock: Any, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"model_first_s": 0.3, "model_gap_s": 0.3}
    llmock.delay(2)
    assert type(await failure(llmock.base_url("openai"))) is ModelTimeout
    llmock.slow_first_token(2)
    assert type(await failure(llmock.base_url("openai"))) is ModelTimeout
    llmock.stall(after_chunks=2, seconds=2)
    assert type(await failure(llmock.base_url("openai"))) is ModelTimeout


async def test_address_where_nobody_listens_is_unreachable() -> None:
    assert type(await failure(f"http://127.0.0.1:{free_port()}/v1")) is ModelUnreachable


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0.2", 1),
        ("", None),
        ("soon", None),
        ("Sat, 01 Nov 2025 10:00:00 GMT", 0),
        ("Sat, 01 Nov 2025 10:00:00 -0000", 0),
        ("Sat, 01 Nov 2025 10:00:00", 0),
    ],
)
def test_retry_after_is_read(header: str, seconds: int | None) -> None:
    assert client._retry_after({"retry-after": header}) == seconds


def test_answer_without_an_end_is_broken() -> None:
    with pytest.raises(BrokenAnswer):
        Answer(asked_chars=1).end()


# -- how a run ends (R39) --------------------------------------------------------------------------------------------------

ENDLESS: list[Piece] = [*[says(content="on and ")] * 600, DONE]

TROUBLES: dict[str, tuple[str, Any]] = {
    "429": ("model_busy", lambda llmock: llmock.fail(429, times=None)),
    "500": ("model_failing", lambda llmock: llmock.fail(500, times=None)),
    "time-out": ("model_timeout", lambda llmock: llmock.slow_first_token(5, times=None)),
    "cut stream": ("model_cut", lambda llmock: llmock.truncate(after_chunks=2, times=None)),
}


EACH = pytest.mark.parametrize("number", range(at_length(1, 20)))


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "_FIRST_PAUSE_S", 0.002)


async def run_against(room: Room, base_url: str, **limits: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A run that asks this provider, as it ended, and its log."""
    settings = {"WORKROOM_MODEL": "m", "WORKROOM_MODEL_BASE_URL": base_url, "WORKROOM_LIMITS": limits}
    with override_settings(**settings):
        session = await sync_to_async(room.session)()
        reply = await sync_to_async(room.say)(session, "Hello")
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    return await sync_to_async(room.run)(reply["run"]), events


@pytest.mark.usefixtures("_quick")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", TROUBLES)
@EACH
async def test_run_ends_by_name_whatever_the_provider_does(room: Room, llmock: Any, trouble: str, number: int) -> None:
    code, prepare = TROUBLES[trouble]
    prepare(llmock)
    # Short for the one that is about silence: a busy machine takes longer than that to refuse.
    run, events = await run_against(room, llmock.base_url("openai"), model_first_s=0.2 if trouble == "time-out" else 30)
    assert (run["status"], run["error"]["code"], bool(run["error"]["hint"])) == ("failed", code, True)
    delays = [event["data"] for event in events if event["type"] == "run_delayed"]
    assert [(each["try"], each["tries"]) for each in delays] == [(number, 5) for number in range(1, 5)]
    assert len(llmock.requests) == turn.TRIES


@pytest.mark.usefixtures("_quick")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("pieces", "code", "tries"),
    [
        (ENDLESS, "model_endless", 1),
        ([*[calls(0, "[1, ", name="note", id="c")] * 1_000, DONE], "model_endless", 1),
        ([says("stop"), DONE], "model_empty", 5),
        ([*[says(reasoning="hm ")] * 3, says("stop"), DONE], "model_empty", 5),
        ([b"data: {nonsense\n\n"], "model_cut", 5),
    ],
    ids=["endless", "endless arguments", "empty", "only thoughts", "malformed"],
)
@EACH
async def test_run_ends_by_name_whatever_the_answer_is(room: Room, pieces: list[Piece], code: str, tries: int, number: int) -> None:
    async with provider(pieces) as server:
        run, _ = await run_against(room, server.base_url, model_answer_chars=3_000)
    assert (run["status"], run["error"]["code"], len(server.asked)) == ("failed", code, tries)


@pytest.mark.usefixtures("_quick")
@pytest.mark.django_db(transaction=True)
async def test_answer_that_takes_for_ever_ends(room: Room) -> None:
    slowly: list[Piece] = [piece for _ in range(200) for piece in (says(content="on "), 0.05)]
    async with provider(slowly) as server:
        run, events = await run_against(room, server.base_url, model_answer_s=0.5)
    assert (run["status"], run["error"]["code"]) == ("failed", "model_endless")
    [message] = [event["data"]["message"] for event in events if event["type"] == "message_completed"]
    assert message["interrupted"]
    assert run["usage"]["output_tokens"] > 0, "what was cut off is paid for all the same"


@pytest.mark.usefixtures("_quick")
@pytest.mark.django_db(transaction=True)
async def test_provider_that_recovers_answers_after_all(room: Room, llmock: Any) -> None:
    llmock.fail(500, times=1).rate_limit(times=1, retry_after=0.1).truncate(after_chunks=2).reply("Hello Alice, here I am.", times=None)
    run, events = await run_against(room, llmock.base_url("openai"))
    assert run["status"] == "completed"
    assert [event["type"] for event in events].count("run_delayed") == 3
    final = [event["data"]["message"] for event in events if event["type"] == "message_completed"][-1]
    assert final["content"] == "Hello Alice, here I am."


@pytest.mark.usefixtures("_quick")
@pytest.mark.django_db(transaction=True)
async def test_provider_that_wants_to_be_left_alone_for_long_is_given_up(room: Room, llmock: Any) -> None:
    llmock.rate_limit(times=None, retry_after=3_600)
    run, events = await run_against(room, llmock.base_url("openai"))
    assert (run["status"], run["error"]["code"]) == ("failed", "model_busy")
    assert "run_delayed" not in [event["type"] for event in events]


@pytest.mark.usefixtures("_quick")
@pytest.mark.django_db(transaction=True)
@EACH
async def test_unreadable_arguments_reach_the_model_as_a_failed_call(room: Room, bench: Workbench, number: int) -> None:
    wrong = [calls(0, '{"text": ', id="a", name="burn"), says("tool_calls"), DONE]
    right = [calls(0, '{"text": "x"}', id="b", name="look"), says("tool_calls"), DONE]
    async with provider(wrong, right, text("Done.")) as server:
        run, _ = await run_against(room, server.base_url)
    assert run["status"] == "completed"
    assert [(call["tool_name"], call["status"]) for call in run["tool_calls"]] == [("burn", "failed"), ("look", "completed")]
    assert run["tool_calls"][0]["error"]["code"] == "invalid"
    assert "not a JSON object" in server.asked[1]["messages"][-1]["content"]
    assert bench.names() == ["look"]


@pytest.mark.django_db(transaction=True)
async def test_run_uses_the_model_and_effort_that_are_asked_for(room: Room) -> None:
    async with provider(text("Hi")) as server:
        settings = {"WORKROOM_MODEL": "big", "WORKROOM_MODEL_BASE_URL": server.base_url}
        with override_settings(**settings, WORKROOM_AGENTS={"robo": AgentSettings(instructions="Be brief.", budget=AgentBudget(steps=3))}):
            session = await sync_to_async(room.session)(instructions="Speak French.")
            reply = await sync_to_async(room.say)(session, "Hello", reasoning_effort="high")
            await run_until_idle()
            me = await sync_to_async(room.api.ok)("get", "/api/me/")
            [agent] = (await sync_to_async(room.api.ok)("get", "/api/agents/"))["results"]
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["model"], run["budget"]["steps"]) == ("completed", {"adapter": "openai", "name": "big"}, 3)
    assert (me["model"], agent["model"]) == ({"configured": True, **run["model"]}, run["model"])
    [asked] = server.asked
    assert (asked["model"], asked["reasoning_effort"]) == ("big", "high")
    assert asked["messages"][0]["content"].startswith("Speak French.\n\nBe brief.")


@pytest.mark.django_db(transaction=True)
async def test_launcher_opens_the_client_and_names_agents_that_are_not_there(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    """The first message finds the client open; a name nobody has would otherwise be passed over in silence."""
    settings = {"WORKROOM_MODEL": "m", "WORKROOM_MODEL_BASE_URL": "http://127.0.0.1:1/v1"}
    with override_settings(**settings, WORKROOM_AGENTS={"robo": AgentSettings(), "rboo": AgentSettings()}):
        embedded.start()
        clients = client._clients
        await eventually(lambda: any(("http://127.0.0.1:1/v1", "") in opened for opened in clients.values()))
        await embedded.stop()
    assert "name the agent rboo" in caplog.text
    assert "the agent robo" not in caplog.text
    assert asyncio.get_running_loop() not in clients
