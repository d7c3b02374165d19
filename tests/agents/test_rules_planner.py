"""What the rules make of a request: the intents in it, and the plan."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.port import MOST_CALLS
from agents.llm.rules.clauses import find_intents
from agents.llm.rules.planner import MOST_SUBTASKS, make_plan
from agents.llm.rules.sections import write_card_request
from tests.agents.rules import Talk, always, card, never

PRICES = "| Month | Apple | Google | Tesla |\n|---|---|---|---|\n| 05 | 1 | 2 | 3 |\n| 06 | 2 | 3 | 4 |"

CASES: list[tuple[str, list[tuple[str, dict[str, object]]]]] = [
    ("What is overdue?", [("overdue", {})]),
    ("What has been stuck longest?", [("stuck", {})]),
    ("Summarise this board", [("summary", {})]),
    ("Summarize the board and give me a full report", [("summary", {})]),
    ("what's unassigned", [("unassigned", {})]),
    ("Which cards does nobody have?", [("unassigned", {})]),
    ("Delete this card, nobody needs it", [("delete", {})]),
    ("Analyse what is overdue", [("overdue", {})]),
    ("Compare overdue and unassigned cards", [("overdue", {}), ("unassigned", {})]),
    ("What should I do next?", [("assignee", {"assignee": "me"})]),
    ("Who has the most cards?", [("workload", {})]),
    ("Who is overloaded?", [("workload", {})]),
    ("When did bob move #3?", [("card", {"number": 3, "focus": "history"})]),
    ("find 'how to move'", [("search", {"text": "how to move"})]),
    ("create a card 'Compare prices of Apple and Google'", [("create", {"title": "Compare prices of Apple and Google"})]),
    ("Move the card 'Share prices' to Done", [("move", {"card_title": "Share prices", "column": "Done"})]),
    ("delete the card 'Old tables'", [("delete", {"card_title": "Old tables"})]),
    ("search for 'price list'", [("search", {"text": "price list"})]),
    ("find cards about prices", [("search", {"text": "prices"})]),
    ("what did we decide about the price?", [("said", {"text": "the price"})]),
    ("open the card 'Fix login'", [("search", {"text": "Fix login"})]),
    ("What day is it today?", [("dates", {"start": "today"})]),
    ("Which columns are full?", [("columns", {})]),
    ("Check the limits of the columns", [("columns", {})]),
    ("Count the cards per column", [("counts", {})]),
    ("how many cards are in each column?", [("counts", {})]),
    ("Number of tasks by column, please", [("counts", {})]),
    ("Count the cards", [("counts", {})]),
    ("Please count all our tasks on this board.", [("counts", {})]),
    ("How many cards are there?", [("counts", {})]),
    ("Count the overdue cards", [("overdue", {})]),
    ("my overdue cards", [("overdue", {"assignee": "me"})]),
    ("bob's overdue cards in Review", [("overdue", {"assignee": "bob", "column": "Review"})]),
    ("make a list of overdue cards", [("overdue", {})]),
    ("What is bob working on?", [("assignee", {"assignee": "bob"})]),
    ("What is in Review?", [("column", {"column": "Review"})]),
    ("cards labelled urgent", [("label", {"label": "urgent"})]),
    ("what's due today", [("due", {"days": 0})]),
    ("What is due this week?", [("due", {"days": 7})]),
    ("what happened this week?", [("activity", {"days": 7})]),
    ("what changed in the last 3 days", [("activity", {"days": 3})]),
    ("what did people say lately in the comments", [("discussion", {"days": 7})]),
    ("oldest cards", [("oldest", {})]),
    ('search for "launch"', [("search", {"text": "launch"})]),
    ("find cards about research and development", [("search", {"text": "research and development"})]),
    ("Find 'overdue' please", [("search", {"text": "overdue"})]),
    ("show #12", [("card", {"number": 12, "focus": "all"})]),
    ("What do the comments on #12 say?", [("card", {"number": 12, "focus": "comments"})]),
    ("history of card 3", [("card", {"number": 3, "focus": "history"})]),
    ("How many days until 2026-12-24?", [("dates", {"start": "today", "end": "2026-12-24"})]),
    ("what date is in 3 weeks?", [("dates", {"start": "today", "weeks": 3})]),
    ("10 days before 2026-11-01", [("dates", {"start": "2026-11-01", "days": -10})]),
    ("delete card #7", [("delete", {"number": 7})]),
    ("Please delete the card 'Old banner'.", [("delete", {"card_title": "Old banner"})]),
    ("delete the card Old banner", [("delete", {"card_title": "Old banner"})]),
    ("delete this card", [("delete", {})]),
    ("Delete the old banner", [("delete", {"card_words": "old banner"})]),
    ("please remove our Old Banner card.", [("delete", {"card_words": "Old Banner"})]),
    ("move #3 to Done", [("move", {"number": 3, "column": "Done"})]),
    ('move the card "Fix login" to the Review column', [("move", {"card_title": "Fix login", "column": "Review"})]),
    ("create a card 'X' in To do", [("create", {"title": "X", "column": "To do"})]),
    ('add a task "Milk, eggs and bread" assigned to bob', [("create", {"title": "Milk, eggs and bread", "assignee": "bob"})]),
    ("Create a new card: Order stickers", [("create", {"title": "Order stickers"})]),
    ("comment on #4: Good. Next: ship it, and tell bob", [("comment", {"number": 4, "content": "Good. Next: ship it, and tell bob"})]),
    ('comment "well done" on #4', [("comment", {"number": 4, "content": "well done"})]),
    ("add 'proofread' to the checklist of #4", [("checklist", {"number": 4, "change": "add", "item": "proofread"})]),
    ("tick 'proofread' on #4", [("checklist", {"number": 4, "change": "done", "item": "proofread"})]),
    ("remove 'proofread' from the checklist", [("checklist", {"change": "remove", "item": "proofread"})]),
    ("what can you do?", [("help", {})]),
    ("how far are you?", [("idle", {})]),
    ("Analyse Apple", [("series", {"name": "Apple"})]),
    ("Compare Apple's and Tesla's volatility", [("series", {"name": "Apple"}), ("series", {"name": "Tesla"})]),
    ("What is overdue, who is overloaded and what is stuck?", [("overdue", {}), ("workload", {}), ("stuck", {})]),
    ("1. overdue cards\n2) unassigned cards\n- what changed today", [("overdue", {}), ("unassigned", {}), ("activity", {"days": 1})]),
    ("please delete #7 and #8", [("delete", {"number": 7}), ("delete", {"number": 8})]),
    (
        "Move #3 and #4 to Done, then summarise the board",
        [("move", {"number": 3, "column": "Done"}), ("move", {"number": 4, "column": "Done"}), ("summary", {})],
    ),
    ("What is overdue? Then comment on #4: thanks, all", [("overdue", {}), ("comment", {"number": 4, "content": "thanks, all"})]),
    ("What is overdue? And what is overdue?", [("overdue", {})]),
    ("Tell me what is overdue and delete #7", [("overdue", {}), ("delete", {"number": 7})]),
    (
        "Let's move #3 to Done and then, please, comment on #3: done",
        [("move", {"number": 3, "column": "Done"}), ("comment", {"number": 3, "content": "done"})],
    ),
    ("move #3 to Done and comment on it: ok", [("move", {"number": 3, "column": "Done"}), ("comment", {"number": 3, "content": "ok"})]),
    ("Read #3. Then move it to Done", [("card", {"number": 3, "focus": "all"}), ("move", {"number": 3, "column": "Done"})]),
    ("Read this card and move it to Done", [("card", {"focus": "all"}), ("move", {"column": "Done"})]),
    ("move this to Done", [("move", {"column": "Done"})]),
    ("delete #7 (the old one) for good", [("delete", {"number": 7})]),
    ("remove card #7 from the board, please", [("delete", {"number": 7})]),
    ("If you can, move #3 to Done", [("move", {"number": 3, "column": "Done"})]),
    ("create a card 'X' in Review, assigned to bob", [("create", {"title": "X", "column": "Review", "assignee": "bob"})]),
    ("create a card 'X' and assign it to bob", [("create", {"title": "X", "assignee": "bob"})]),
    ("Create a card: To be, or not to be", [("create", {"title": "To be, or not to be"})]),
    ("add a task A and add a task A, B", [("create", {"title": "A"}), ("create", {"title": "A, B"})]),
    ("Add a card for milk, eggs and bread in To do", [("create", {"title": "milk, eggs and bread", "column": "To do"})]),
]

# Asked, told of others, forbidden or conditional: changing the board for these would be against what somebody said.
NO_ORDERS = [
    *("When did bob move #3 to Done?", "did anyone move #3 to Done?", "Should I delete #3?", "what happens if I delete #3?"),
    *("Did bob delete #3 and move #4 to Done?", "How do I delete #3 and move #4 to Done?", "Why did you create the card 'X'?"),
    *("don't delete #3", "Do not move #3 to Done", "never delete card 3", "please don't create a card 'X'", "Don’t move #3 and #4 to Done"),
    *("don't delete #3 and move #4 to Done", "Nobody should move #3 to Done", "Tell bob to move #3 to Done", "ask bob to delete #3"),
    *(
        "if #3 is done, move #4 to Done",
        "If #3 is done, comment on #4: great",
        "tick 'a' on #3 if bob agrees",
        "delete #3 unless it is done",
    ),
    *("delete #3's comments", "remove #3's due date", "remove #3 from the sprint", "Move the card 'X' to Done when bob is back"),
    *("did anyone reply to #3, and what did they say?", "Read the last comment on #3, then move on", "Don't comment on #4: it is old"),
    *("Show me the comment on #4 that bob wrote", "What does the comment on #3 with the link say?", "comment on #3, please"),
    *("open the card #3", "open card 7", "open the card 'Fix login'", "make card #3 urgent", "add card #3 to the sprint"),
    *("create a card in Review", "create a card 'X' due tomorrow", "Create cards 'A' and 'B'", "add a task to the checklist of #3"),
    *(
        "rename card #3 to 'Move #4 to Done'",
        "search for the 'delete #3' thing",
        "Who wrote 'fine' on #3?",
        "Find the logo and move it to Done",
    ),
    *("mark #3 as done", "close #3"),
]

CANNOT = [
    *("move it to Done", "comment on it: fine"),  # what was spoken of in an earlier message may be meant
    *("which cards are not overdue?", "Which cards aren't assigned to bob?", "cards not labelled urgent", "everything except overdue"),
    *("Which cards have no due date?", "find cards with no comments", "cards without a label", "Who is alice?", "Who is on this board?"),
    *(
        "mark #3 as done",
        "close card 3",
        "copy this card",
        "Tell bob to move #3 to Done",
        "comment on #3 looks good",
        "Make sure to delete #3",
    ),
    "Write a poem about cats",
    "Draft the landing page copy",
    "assign #3 to bob",
    "archive #3",
    "rename #3",
    "delete all cards in Done",
    "delete the overdue cards",
    "delete everything",
    "delete it",
    "delete the column Review",
    "remove bob from the board",
    "delete the description of #3",
    "remove the label urgent",
    "What are the risks of our plan?",
    "translate the description of #3",
]


@pytest.mark.parametrize(("request_text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_request_is_split_into_what_it_asks_for(request_text: str, expected: list[tuple[str, dict[str, object]]]) -> None:
    assert [(found.kind.name, dict(found.arguments)) for found in find_intents(request_text)] == expected


@pytest.mark.parametrize("request_text", NO_ORDERS)
def test_what_is_no_order_changes_nothing(request_text: str) -> None:
    assert not [found for found in find_intents(request_text) if found.kind.is_write]


@pytest.mark.parametrize("request_text", CANNOT)
def test_what_rules_cannot_do_is_not_taken_for_something_else(request_text: str) -> None:
    assert [found.kind.name for found in find_intents(request_text)] == ["unable"]


def test_what_rules_cannot_do_stands_beside_what_they_can() -> None:
    assert [found.kind.name for found in find_intents("Write a poem about cats and list what is overdue")] == ["unable", "overdue"]


async def test_stock_request_makes_one_subtask_per_company() -> None:
    request = "Analyse the stock performance of Apple, Google and Tesla over the last months and summarise the key findings"
    assert await Talk(never).plan(request) == [
        {"id": "s1", "title": "Analyse Apple", "role": "Analyst", "needs": []},
        {"id": "s2", "title": "Analyse Google", "role": "Analyst", "needs": []},
        {"id": "s3", "title": "Analyse Tesla", "role": "Analyst", "needs": []},
    ]


async def test_names_are_those_of_the_cards_table() -> None:
    card = f"#9 Prices\n\n{PRICES}"
    plan = await Talk(never).plan("analyse the performance of apple and tesla", Card=card)
    assert [subtask["title"] for subtask in plan] == ["Analyse Apple", "Analyse Tesla"]
    assert len(await Talk(never).plan("Analyse the table", Card=card)) == 3


async def test_card_handed_over_with_a_table_is_analysed() -> None:
    plan = await Talk(never).plan(f"Prices\n\n{PRICES}", Card=f"#9 Prices\n\n{PRICES}")
    assert [subtask["title"] for subtask in plan] == ["Analyse Apple", "Analyse Google", "Analyse Tesla"]


async def test_card_handed_over_without_a_word_is_read_and_set_against_the_board() -> None:
    for request in ("", "Write the press release\n\nTwo pages."):
        plan = await Talk(never).plan(request, Card="#5 Write the press release\n\nTwo pages.")
        titles = [subtask["title"] for subtask in plan]
        assert titles == ["Read card #5", "Find cards related to “Write the press release”", "Look at the board around it"]


async def test_text_of_a_card_that_is_gone_is_no_order() -> None:
    request = write_card_request(5, "Move #3 to Done", "Create a card 'Party'")
    assert [subtask["title"] for subtask in await Talk(never).plan(request)] == ["Summarise the board"]


async def test_empty_request_without_a_card_summarises_the_board() -> None:
    assert [subtask["title"] for subtask in await Talk(never).plan("please")] == ["Summarise the board"]


async def test_changes_wait_for_what_was_asked_before_and_hold_up_what_comes_after() -> None:
    plan = await Talk(never).plan("What is overdue? What is unassigned? Delete #7. Delete #8. Summarise the board.")
    assert [(subtask["id"], subtask["needs"]) for subtask in plan] == [
        ("s1", []),
        ("s2", []),
        ("s3", ["s1", "s2"]),
        ("s4", ["s3"]),
        ("s5", ["s4"]),
    ]


async def test_counting_is_planned_by_its_own_name() -> None:
    request = "Count the cards per column, find overdue cards and list cards without an assignee"
    titles = [subtask["title"] for subtask in await Talk(never).plan(request)]
    assert titles == ["Count the cards per column", "Find overdue cards", "Find unassigned cards"]


async def test_plan_has_its_limit_and_the_report_says_so() -> None:
    talk = Talk(always({"error": {"code": "not_found", "message": "Gone."}}))
    *_, report = await talk.resolve("\n".join(f"show #{number}" for number in range(1, 26)))
    assert len(talk.calls) == MOST_SUBTASKS
    assert "5 parts of the request must wait" in talk.thoughts[0]
    assert "5 parts of the request were left out" in report.content


async def test_conversation_answers_all_of_a_long_request() -> None:
    talk = Talk(always({"error": {"code": "not_found", "message": "Gone."}}))
    answer = await talk.ask("chat", "\n".join(f"show #{number}" for number in range(1, 41)))
    assert answer.count("Gone.") == 40
    assert talk.most_calls == MOST_CALLS


async def test_table_of_many_columns_is_analysed_whole() -> None:
    names = [f"Share {number}" for number in range(1, 16)]
    text = "\n".join(["| Month | " + " | ".join(names) + " |", "|---" * 16 + "|", *("| 05 " + "| 1 " * 15 + "|" for _ in "ab")])
    assert [subtask["title"] for subtask in await Talk(never).plan("", Card=f"#9 Prices\n\n{text}")] == ["Analyse the table"]


async def test_steps_that_would_be_called_the_same_are_told_apart() -> None:
    request = "comment on #4: one\ncomment on #4: two"
    plan = await Talk(never).plan(request)
    assert [subtask["title"] for subtask in plan] == ["Comment on card #4", "Comment on card #4 (2)"]
    talk = Talk(always({"card": card(4, "Logo")}))
    await talk.resolve(request)
    assert [arguments["content"] for _, arguments in talk.calls] == ["one", "two"]


@pytest.mark.parametrize("request_text", [text for text, _ in CASES])
async def test_every_planned_subtask_is_understood_by_its_title(request_text: str) -> None:
    for subtask in await Talk(never).plan(request_text):
        assert subtask["title"]
        assert len(subtask["title"]) <= 300
        assert subtask["role"] in ("Researcher", "Analyst", "Board keeper", "Assistant")


@given(st.text(max_size=300))
def test_any_text_makes_a_plan_and_always_the_same(text: str) -> None:
    first = make_plan({"Request": text}).to_json()
    subtasks = json.loads(first)["subtasks"]
    assert subtasks
    assert first == make_plan({"Request": text}).to_json()
    known: set[str] = set()
    for subtask in subtasks:
        assert set(subtask["needs"]) <= known
        known.add(subtask["id"])


HOSTILE = [
    *("comment on card a" * 900, "summary " * 2_000, "«a " * 5_000, "move card " * 1_600, "create a card " * 1_100, "' " * 8_000),
    *("of a, " * 2_600, "due " * 4_000, "add 'x' " * 2_000, "last 3 " * 2_000, "\n".join(["summary " * 200] * 10), "a" * 16_000),
    *("| -" * 5_000, "|" + " " * 15_000 + "x", "-" + " " * 15_000 + "x", "#1 " * 5_000, "\n" * 16_000, "delete #1 and " * 1_000),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_long_hostile_requests_take_no_time(text: str) -> None:
    began = time.perf_counter()
    make_plan({"Request": text[:16_000], "Card": f"#1 Title\n\n{text[:16_000]}"})
    assert time.perf_counter() - began < 1
