"""What a line typed about a request becomes."""

from typing import Any

import pytest

from project.talk.asking import Again, Answer, describe, read_answer, read_edited

BOUND = {"request": "r1", "hash": "h1"}


def request(kind: str = "approval", **fields: Any) -> dict[str, Any]:
    shown = {"message": "Tool approval required", "title": "Robo wants to delete a card", "reason": "It is old.", "class": "unsafe"}
    asked = {"id": "r1", "hash": "h1", "kind": kind, "tool_name": "delete_card", "parameters": {"number": 3}, "choices": None}
    return {**shown, **asked, **fields}


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ("a", {"decision": "approve"}),
        ("approve  mind the river ", {"decision": "approve", "note": "mind the river"}),
        ("D", {"decision": "deny"}),
        ("deny not that one", {"decision": "deny", "note": "not that one"}),
        ('e {"number": 4}', {"decision": "approve", "arguments": {"number": 4}}),
    ],
)
@pytest.mark.parametrize("kind", ["approval", "plan_review"])
def test_approval_is_one_letter_or_word(kind: str, line: str, data: dict[str, Any]) -> None:
    assert read_answer(request(kind), line) == Answer("answer_request", BOUND | data)


@pytest.mark.parametrize("line", ["", "yes", "approved", "ok then", "delete it"])
def test_nothing_else_approves(line: str) -> None:
    again = read_answer(request(), line)
    assert isinstance(again, Again)
    assert "a approve" in again.text
    assert not again.wants_editor


def test_edit_without_arguments_wants_an_editor() -> None:
    assert read_answer(request(), "e") == Again(wants_editor=True)


@pytest.mark.parametrize("text", ["{", "[1]", "3", ""])
def test_arguments_that_are_no_object_answer_nothing(text: str) -> None:
    outcome = read_edited(request(), text)
    assert isinstance(outcome, Again)
    assert "Nothing was answered." in outcome.text


@pytest.mark.parametrize(("line", "result"), [("2", "green"), ("red", "red"), ("4", "4"), ("neither", "neither")])
def test_question_takes_a_number_or_words(line: str, result: str) -> None:
    asked = request("question", choices=["red", "green"])
    assert read_answer(asked, line) == Answer("answer_request", BOUND | {"decision": "answer", "result": result})


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ('{"open": true}', {"result": {"open": True}}),
        ("plain words", {"result": "plain words"}),
        ("error no such file", {"result": "no such file", "is_error": True}),
    ],
)
def test_client_tool_takes_json_text_or_an_error(line: str, data: dict[str, Any]) -> None:
    assert read_answer(request("client_tool"), line) == Answer("provide_tool_result", {"request": "r1"} | data)


def test_everything_that_is_judged_is_shown() -> None:
    shown = describe(request(choices=["It happened", "It did not happen"]))
    for part in ("Tool approval required", "Robo wants to delete a card", "It is old.", '{"number": 3}', "unsafe", "2. It did not happen"):
        assert part in shown
    review = describe(request("plan_review", tool_name=None, parameters={"subtasks": [{"title": "Count"}]}))
    assert '"title": "Count"' in review
