"""The small parts by themselves: the table of outputs, cutting text and thoughts, mending plans, adding usage."""

import asyncio
import json
import time
from typing import Any, get_args

import pytest

from agents.emit import REPORTING, Stored, Streamed
from agents.events import SubtaskObject
from agents.handlers import EVENTS, HANDLERS
from agents.wire import UsageObject
from agents.workflows import stream
from agents.workflows.plans import MOST_SUBTASKS, read_edited, read_plan, ready
from agents.workflows.prompting import read_prompt_file
from agents.workflows.stream import TextMerger, ThoughtCutter
from project.errors import Invalid


def test_every_output_of_a_graph_has_its_handler() -> None:
    assert set(HANDLERS) | set(EVENTS) == {*get_args(Stored), *get_args(Streamed)}
    assert not set(HANDLERS) & set(EVENTS)
    assert set(REPORTING) <= set(HANDLERS)


def test_every_purpose_has_its_prompt() -> None:
    for purpose in ("plan", "execute", "aggregate", "chat", "clarify", "refine"):
        assert len(read_prompt_file(purpose)) > 50


async def test_text_is_handed_on_at_once_then_merged() -> None:
    pieces: list[str] = []
    now = [0.0]
    merger = TextMerger(pieces.append, clock=lambda: now[0])
    merger.add("a")
    assert pieces == ["a"]
    for _ in range(5):
        now[0] += 0.01
        merger.add("b")
    assert pieces == ["a"]
    now[0] += 0.1
    merger.add("c")
    assert pieces == ["a", "bbbbbc"]
    now[0] = 3.0
    merger.add("d")
    now[0] = 3.2
    merger.add("e")
    assert pieces[2:] == ["d"], "after two seconds a piece each quarter of a second"
    merger.flush()
    assert "".join(pieces) == "abbbbbcde"


async def test_text_that_waits_is_handed_on_by_the_clock() -> None:
    pieces: list[str] = []
    merger = TextMerger(pieces.append)
    merger.add("a")
    merger.add("b")
    await asyncio.sleep(stream.SOON_S + 0.05)
    assert pieces == ["a", "b"]


async def test_thoughts_are_cut_at_sentences_and_the_last_is_final() -> None:
    pieces: list[tuple[str, bool]] = []
    cutter = ThoughtCutter(lambda text, is_final: pieces.append((text, is_final)))
    for text in ("First I lo", "ok. Then 3.5 of ", "them! And", " so on."):
        cutter.add(text)
    cutter.end(is_final=True)
    assert pieces == [("First I look. ", False), ("Then 3.5 of them! ", False), ("And so on.", True)]


async def test_thought_without_end_is_shown_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "THOUGHT_S", 0.02)
    pieces: list[tuple[str, bool]] = []
    cutter = ThoughtCutter(lambda text, is_final: pieces.append((text, is_final)))
    cutter.add("word after word and no e")
    await asyncio.sleep(0.06)
    cutter.add("nd")
    cutter.end(is_final=False)
    assert pieces == [("word after word and no ", False), ("end", False)]


async def test_thoughts_in_a_script_without_spaces_are_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "THOUGHT_S", 0.02)
    pieces: list[str] = []
    cutter = ThoughtCutter(lambda text, is_final: pieces.append(text))
    cutter.add("首先我看看这个看板。然后我数一数")
    assert pieces == ["首先我看看这个看板。"]
    cutter.add("没有人负责的卡片" * 10)
    await asyncio.sleep(0.06)
    assert pieces[1:] == ["然后我数一数" + "没有人负责的卡片" * 10]
    cutter.end(is_final=True)


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ('{"subtasks": [{"id": "a", "title": "One"}, {"id": "b", "title": "Two"}]}', ["One", "Two"]),
        ('Here you are:\n```json\n{"subtasks": [{"id": "a", "title": "One"}]}\n```', ["One"]),
        ('{"subtasks": []}', []),
        ('{"steps": 3}', []),
        ("{not json", []),
        ('} so [{"title": "One"}]', ["One"]),
        ("", []),
        ('[{"title": "One"}, {"title": "Two", "needs": null}]', ["One", "Two"]),
        ('{"subtasks": [{"id": 1, "title": "One"}, {"id": 2, "title": "Two", "needs": [1]}]}', ["One", "Two"]),
        ('{"subtasks": [{"id": "b", "title": "Two", "needs": ["a"]}, {"id": "a", "title": "One", "role": null}]}', ["One", "Two"]),
    ],
)
def test_plan_is_read_or_mended(answer: str, titles: list[str]) -> None:
    assert [each.title for each in read_plan(answer)] == titles


def test_plan_keeps_ids_distinct_and_needs_behind_it() -> None:
    plan = {"subtasks": [{"id": "a", "title": "A", "needs": ["b", "a"]}, {"id": "a", "title": "B", "needs": ["a", "nobody"]}]}
    assert [(each.id, each.needs) for each in read_plan(json.dumps(plan))] == [("a", []), ("s2", ["a"])]


def test_no_subtask_is_lost_where_ids_are_given_twice() -> None:
    plan = {"subtasks": [{"id": "s2", "title": "A"}, {"title": "B"}, {"id": "s2", "title": "C", "needs": ["s2"]}]}
    assert [(each.id, each.title, each.needs) for each in read_plan(json.dumps(plan))] == [
        ("s2", "A", []),
        ("s3", "B", []),
        ("s4", "C", ["s2"]),
    ]


def test_answer_of_brackets_is_no_plan_and_read_at_once() -> None:
    began = time.process_time()
    assert read_plan("{" * 400_000) == read_plan("}{" * 200_000) == read_plan("]" + "[{" * 200_000) == []
    assert time.process_time() - began < 3


def test_plan_is_bounded() -> None:
    plan = {"subtasks": [{"id": f"t{number}", "title": "T"} for number in range(100)]}
    assert len(read_plan(json.dumps(plan))) == MOST_SUBTASKS


@pytest.mark.parametrize(
    ("subtasks", "path"),
    [
        ([], "arguments.subtasks"),
        ([{"id": "a", "title": "T"}] * (MOST_SUBTASKS + 1), "arguments.subtasks"),
        ([{"id": "a", "title": "A"}, {"id": "a", "title": "B"}], "arguments.subtasks.1.id"),
        ([{"id": "a", "title": "A", "needs": ["b"]}, {"id": "b", "title": "B"}], "arguments.subtasks.0.needs"),
        ([{"id": "a", "title": " "}], "arguments.subtasks.0.title"),
        ([{"id": "a"}], "arguments.subtasks.0.title"),
        ([{"id": "a", "title": "A", "budget": 9}], "arguments.subtasks.0.budget"),
    ],
)
def test_edited_plan_is_refused_by_field_instead_of_mended(subtasks: Any, path: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_edited({"subtasks": subtasks})
    assert list(refusal.value.fields or {}) == [path]


def test_subtasks_are_ready_once_what_they_need_is_done() -> None:
    plan = [SubtaskObject(id="a", title="A", role="", needs=[]), SubtaskObject(id="b", title="B", role="", needs=["a"])]
    assert [each.id for each in ready(plan, [])] == ["a"]
    assert [each.id for each in ready(plan, ["a"])] == ["b"]
    assert ready(plan, ["a", "b"]) == []


def test_unknown_cost_stays_unknown() -> None:
    known = UsageObject(requests=1, input_tokens=2, output_tokens=3, cost_usd=0.5, tool_calls=1)
    assert known.plus(known).cost_usd == 1.0
    assert known.plus(UsageObject(cost_usd=None)).cost_usd is None
