"""What the rules write of what tools returned: answers, reports, refinements, and word of a run under way."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.llm.rules.clauses import find_intents
from agents.llm.rules.sections import Result
from agents.llm.rules.text import FOOTER
from agents.tools.read_table import _describe
from agents.tools.tables import find_tables
from project.text import render_markdown
from tests.agents.rules import Answer, Talk, always, card, found, never

PRICES = """
| Month   | Apple | Google | Tesla |
|---------|-------|--------|-------|
| 2026-05 | 100   | 50     | 200   |
| 2026-06 | 110   | 40     | 260   |
| 2026-07 | 99    | 45     | 195   |
"""
STOCKS = "Analyse the stock performance of Apple, Google and Tesla over the last months and summarise the key findings"
TESLA = "Rewrite the summary to focus only on Tesla's volatility"

LATE = card(1, "Landing page", column="Review", assignee="bob", due="2026-11-18", days_overdue=3, days_in_column=4)
FREE = card(2, "Banner", due="2026-11-20", days_overdue=1, days_in_column=9)
FINE = card(3, "Press kit", column="Review", assignee="alice", days_in_column=1)


def tables(name: str, arguments: Mapping[str, Any]) -> Answer:
    """read_table on PRICES."""
    assert name == "read_table"
    series = [each for table in find_tables(PRICES) for each in table.series() if each.name in arguments.get("names", [each.name])]
    if not series:
        return {"error": {"code": "not_found", "message": "There is no table with figures for that on this board."}}
    where = {"number": 9, "title": "Prices of Apple, Google and Tesla", "link": "/boards/b/cards/9/"}
    return {"card": where, "is_sample": True, "series": [_describe(each) for each in series]}


def search(name: str, arguments: Mapping[str, Any]) -> Answer:
    """search_cards on three cards."""
    assert name == "search_cards"
    cards = [each for each in (LATE, FREE, FINE) if not arguments.get("overdue") or each["days_overdue"]]
    cards = [each for each in cards if not arguments.get("unassigned") or not each["assignee"]]
    if arguments.get("order") == "longest_in_column":
        cards.sort(key=lambda each: -each["days_in_column"])
    return found(*cards)


# --- answers -------------------------------------------------------------------------------------------------------------


async def test_overdue_cards_are_listed_with_links() -> None:
    talk = Talk(search)
    text = await talk.ask("chat", "What is overdue?")
    assert text == (
        "**2 cards are overdue.**\n\n"
        "- [#1 Landing page](/boards/b/cards/1/) · Review · due 2026-11-18, 3 days overdue · bob\n"
        "- [#2 Banner](/boards/b/cards/2/) · To do · due 2026-11-20, 1 day overdue · nobody"
    )
    assert talk.calls == [("search_cards", {"overdue": True, "order": "due"})]
    assert talk.thoughts[0] == "I look for cards whose day has passed. "


@pytest.mark.parametrize(
    ("request_text", "words"),
    [
        ("What is overdue?", "**No card is overdue.**"),
        ("bob's overdue cards in Review", "**No card assigned to bob in Review is overdue.**"),
        ("my overdue cards", "**No card assigned to you is overdue.**"),
        ("search for 'rocket'", "**No card mentions “rocket”.**"),
        ("cards labelled '{value}'", "**No card is labelled “{value}”.**"),
        ("What has been stuck longest?", "nothing is stuck"),
        ("what is unassigned", "**No card is unassigned.**"),
        ("what is due today", "**No card is due today.**"),
    ],
)
async def test_nothing_found_is_said(request_text: str, words: str) -> None:
    assert words in await Talk(always(found())).ask("chat", request_text)


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ((2, 5, 1), "**8 cards; Doing has the most: 5.**"),
        ((4, 4, 1), "**9 cards; To do and Doing have the most: 4 each.**"),
        ((0, 1, 0), "**1 card; Doing has the most: 1.**"),
        ((0, 0, 0), "**There is no card on the board.**"),
        ((), "**The board has no columns.**"),
    ],
)
@pytest.mark.parametrize("request_text", ["Count the cards per column", "Count the cards"])
async def test_cards_are_counted_per_column(counts: Sequence[int], headline: str, request_text: str) -> None:
    names = ("To do", "Doing", "Done")
    columns = [{"name": name, "cards": number, "wip_limit": None, "is_full": False} for name, number in zip(names, counts, strict=False)]
    talk = Talk(always({"columns": columns}))
    text = await talk.ask("chat", request_text)
    assert text.splitlines()[0] == headline
    assert "limit" not in text.casefold()
    assert all(f"| {each['name']} | {each['cards']} |" in text for each in columns)
    assert talk.calls == [("board_overview", {})]


async def test_time_under_a_day_is_told_shortly() -> None:
    text = await Talk(always(found(card(4, "New")))).ask("chat", "What has been stuck longest?")
    assert "has been stuck longest: less than a day in To do." in text
    assert "since" not in text


async def test_longest_stuck_card_comes_first_with_its_time() -> None:
    text = await Talk(search).ask("chat", "What has been stuck longest?")
    assert text.splitlines()[0] == "**[#2 Banner](/boards/b/cards/2/) has been stuck longest: 9 days in To do.**"


async def test_history_is_told_in_sentences() -> None:
    moved = {"at": "2026-11-20 10:00", "who": "bob", "did": "moved", "how": "from To do to Review", "said": None}
    said = {"at": "2026-11-20 09:00", "who": None, "did": "commented on", "how": "", "said": "Ready?"}
    events = [moved | {"card": {"number": 1, "title": "Ship", "link": "/c/1/"}}, said | {"card": None}]
    log = {"since": "2026-11-15 00:00", "count": 3, "counts": {"card_moved": 2, "comment_added": 1}, "people": ["bob"], "events": events}
    assert await Talk(always(log)).ask("chat", "what happened this week?") == (
        "**3 changes since 2026-11-15 by bob.** 2 moved and 1 comment.\n\n"
        "- 2026-11-20 10:00, bob moved [#1 Ship](/c/1/) from To do to Review\n"
        "- 2026-11-20 09:00, somebody commented on a card that is gone now: “Ready?”\n\n"
        "And 1 earlier one."
    )


async def test_card_is_told_whole() -> None:
    whole = LATE | {
        "description": "# Big\n<b>",
        "labels": ["web"],
        "checklist": [{"text": "Text", "done": True}, {"text": "Picture", "done": False}],
        "comment_count": 1,
        "is_archived": False,
        "updated": "2026-11-20 10:00",
        "updated_by": "bob",
    }
    comments = [{"author": "bob", "at": "2026-11-20 10:00", "content": "Look\nagain"}]
    history = [{"at": "2026-11-20 10:00", "who": "bob", "did": "commented on", "how": "", "said": "Look again", "card": None}]
    talk = Talk(always({"card": whole, "comments": comments, "history": history}))
    assert await talk.ask("chat", "show #1") == (
        "**[#1 Landing page](/boards/b/cards/1/) is in Review, assigned to bob and due 2026-11-18, 3 days overdue.**\n\n"
        "> \\# Big \\<b\\>\n\nLabels: web.\n\nChecklist: 1 of 2 done. Open:\n\n- Picture\n\n"
        "1 comment:\n\n- 2026-11-20 10:00, bob: Look again\n\nLast changed 2026-11-20 10:00 by bob; 4 days in Review."
    )
    assert "- 2026-11-20 10:00, bob commented: “Look again”" in await talk.ask("chat", "history of #1")


async def test_more_than_shown_is_counted() -> None:
    assert "And 5 more cards." in await Talk(always(found(LATE, count=6))).ask("chat", "What is overdue?")


@pytest.mark.parametrize("request_text", ["Thanks!", "thank you very much"])
async def test_thanks_ask_for_nothing(request_text: str) -> None:
    assert "Nothing is running here." in await Talk(never).ask("chat", request_text)


async def test_several_questions_are_answered_one_by_one() -> None:
    talk = Talk(search)
    text = await talk.ask("chat", "What is overdue and what is unassigned?")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Find overdue cards", "Find unassigned cards"]
    assert len(talk.calls) == 2
    assert len(talk.thoughts) == 2  # both tools were asked for at once


@pytest.mark.parametrize("request_text", ["Write a poem about cats", "What are the risks?", "Delete everything", "Assign #18 to somebody"])
async def test_what_needs_a_language_model_is_answered_with_sentences_that_work(request_text: str) -> None:
    text = await Talk(never).ask("chat", request_text)
    assert text.startswith("That needs a language model. With rules I can")
    offers = re.findall(r"- “(.+)”", text)
    kinds = [intent.kind for offer in offers for intent in find_intents(offer)]
    assert len(kinds) == len(offers)
    assert {kind.name for kind in kinds if kind.is_write} == {"create", "move", "comment", "checklist", "delete"}
    assert "Assistant" not in {kind.role for kind in kinds}
    assert set(offers) <= set(re.findall(r"- “(.+)”", await Talk(never).ask("chat", "help")))


async def test_offers_are_made_once_for_all_that_needs_a_language_model() -> None:
    text = await Talk(never).ask("chat", "Write a poem about cats. Sing a song.")
    assert text.count("“Delete #17”") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (json.dumps({"error": {"code": "not_found", "message": "There is no card #7."}}), "There is no card #7."),
        (json.dumps({"error": {"code": "denied", "message": "not before Friday", "by": "alice"}}), "Denied by alice: not before Friday"),
        (json.dumps({"error": {"code": "denied", "message": "", "by": "alice"}}), "Denied by alice."),
        (json.dumps({"error": {"code": "denied", "message": "Nobody answered in time."}}), "Nobody answered in time."),
        (json.dumps({"outcome": "It did not happen", "note": ""}), "It was cut off, and a person says: It did not happen."),
        ("no JSON", "can't be read"),
        ("[]", "can't be read"),
    ],
)
async def test_failures_of_tools_are_told_in_their_words(content: str, words: str) -> None:
    def answers(name: str, arguments: Mapping[str, Any]) -> Answer:
        return {"card": card(7, "Old")} if name == "read_card" else content

    text = await Talk(answers).ask("chat", "delete #7")
    assert text.startswith("**Not done: Delete card #7.**")
    assert words in text


@pytest.mark.parametrize(
    ("title", "words"),
    [("Look for what is overdue", "2 cards are overdue"), ("Sing a song", "needs a language model"), ("please", "needs a language model")],
)
async def test_a_subtask_that_somebody_edited_is_done_by_its_title(title: str, words: str) -> None:
    assert words in await Talk(search).ask("execute", "What is unassigned?", Subtask=title)


async def test_a_tool_that_is_not_given_is_named() -> None:
    text = await Talk(never, tools=["read_card"]).ask("chat", "What is overdue?")
    assert "The tool search\\_cards isn't given to this agent." in text


# --- orders --------------------------------------------------------------------------------------------------------------


def board(name: str, arguments: Mapping[str, Any]) -> Answer:
    """One card, #7 Old banner, on which everything works."""
    shown = card(7, "Old banner", column=arguments.get("column") or "To do")
    return {
        "search_cards": found(shown, card(8, "Old banner stand")),
        "read_card": {"card": shown},
        "delete_card": {"number": 7, "title": "Old banner", "column": "To do"},
        "move_card": {"card": shown, "from_column": "To do"},
        "comment_card": {"card": shown, "comment": "c"},
        "create_card": {"card": shown},
        "edit_checklist": {"card": shown, "checklist": [{"text": "a", "done": True}, {"text": "b", "done": False}]},
    }[name]


@pytest.mark.parametrize(
    ("request_text", "calls", "answer"),
    [
        (
            "delete #7",
            [("read_card", {"number": 7}), ("delete_card", {"number": 7, "title": "Old banner"})],
            "Deleted #7 Old banner from To do.",
        ),
        (
            "delete the card 'old banner'",
            [
                ("search_cards", {"text": "old banner", "limit": 50}),
                ("read_card", {"number": 7}),
                ("delete_card", {"number": 7, "title": "Old banner"}),
            ],
            "Deleted #7 Old banner from To do.",
        ),
        (
            "delete this card",
            [("read_card", {}), ("delete_card", {"number": 7, "title": "Old banner"})],
            "Deleted #7 Old banner from To do.",
        ),
        (
            "move #7 to Done",
            [("move_card", {"number": 7, "column": "Done"})],
            "Moved [#7 Old banner](/boards/b/cards/7/) from To do to Done.",
        ),
        (
            "comment on #7: go",
            [("comment_card", {"number": 7, "content": "go"})],
            "Commented on [#7 Old banner](/boards/b/cards/7/).",
        ),
        (
            "create a card 'Old banner' in Review",
            [("create_card", {"title": "Old banner", "column": "Review"})],
            "Created [#7 Old banner](/boards/b/cards/7/) in Review.",
        ),
        (
            "tick 'a' on #7",
            [("edit_checklist", {"number": 7, "done": ["a"]})],
            "The checklist of [#7 Old banner](/boards/b/cards/7/) has 1 of 2 items done.",
        ),
    ],
)
async def test_orders_call_their_tools(request_text: str, calls: list[tuple[str, dict[str, Any]]], answer: str) -> None:
    talk = Talk(board)
    assert await talk.ask("chat", request_text) == f"**{answer}**"
    assert talk.calls == calls


async def test_people_are_told_why_before_a_card_is_deleted() -> None:
    talk = Talk(board)
    await talk.ask("execute", "delete #7", Subtask="Delete card #7", Asked_by="alice")
    assert talk.said == ["", "alice asked: delete #7. Its comments go with it, for good."]


async def test_what_happened_as_a_person_says_is_not_told_as_undone() -> None:
    def answers(name: str, arguments: Mapping[str, Any]) -> Answer:
        return {"outcome": "It happened", "note": "I looked"} if name == "delete_card" else board(name, arguments)

    [done, report] = await Talk(answers).resolve("delete #7")
    assert done.content == "**Delete card #7: a person says that it happened.** I looked"
    assert "could be done" not in report.content


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ([], "No card is called “Old banner”."),
        ([card(1, "Old banner 2")], "mention it"),
        ([card(1, "Old banner"), card(2, "OLD BANNER")], "Say the number"),
    ],
)
async def test_unclear_orders_change_nothing(cards: list[dict[str, Any]], words: str) -> None:
    talk = Talk(always(found(*cards)))
    assert words in await talk.ask("chat", "delete the card 'Old banner'")
    assert [name for name, _ in talk.calls] == ["search_cards"]


@pytest.mark.parametrize(
    ("cards", "number"),
    [
        ([card(7, "Old banner"), card(8, "Old banner stand")], 7),
        ([card(7, "The banner, old one"), card(8, "Banner for Golden Gate")], 7),
    ],
)
async def test_card_is_found_by_the_words_of_its_title(cards: list[dict[str, Any]], number: int) -> None:
    talk = Talk(lambda name, arguments: found(*cards) if name == "search_cards" else board(name, arguments))
    assert await talk.ask("chat", "Delete the old banner") == "**Deleted #7 Old banner from To do.**"
    assert talk.calls[:2] == [("search_cards", {"text": "banner", "limit": 50}), ("read_card", {"number": number})]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (found(), "**No card has “old banner” in its title.** Nothing was changed."),
        (found(card(8, "Banner")), "in its title.** Nothing was changed. These mention “banner”:\n\n- [#8 Banner]"),
        (
            found(card(7, "Old banner east"), card(8, "Old banner west")),
            "**2 cards have “old banner” in their titles.** Say the number:\n\n- [#7",
        ),
        (found(card(7, "Old banner"), count=51), "**51 cards mention “banner”.** Say the number:\n\n- [#7 Old banner]"),
        (json.dumps({"error": {"code": "forbidden", "message": "You may not."}}), "You may not."),
    ],
)
async def test_words_that_name_no_card_or_several_delete_nothing(answer: Answer, words: str) -> None:
    talk = Talk(always(answer))
    assert words in await talk.ask("chat", "Delete the old banner")
    assert [name for name, _ in talk.calls] == ["search_cards"]


async def test_a_change_waits_for_the_questions_before_it() -> None:
    def answers(name: str, arguments: Mapping[str, Any]) -> Answer:
        return found() if arguments.get("overdue") else board(name, arguments)

    talk = Talk(answers)
    await talk.ask("chat", "What is overdue? Move #7 to Done. Delete #7. What is overdue in Review?")
    assert [name for name, _ in talk.calls] == ["search_cards", "move_card", "read_card", "delete_card", "search_cards"]


# --- reports -------------------------------------------------------------------------------------------------------------


async def test_stock_report_compares_the_companies_by_figures_worked_out_by_hand() -> None:
    report = (await Talk(tables).resolve(STOCKS))[-1].content
    # Tesla +30 %, −25 %: deviation √(2 · 27.5²) = 38.89; Apple ±10 %: 14.14; Google −20 %, +12.5 %: √(2 · 16.25²) = 22.98.
    assert "- Apple did best with −1.00 %, Google worst with −10.00 %." in report
    assert "- Tesla was the most volatile at 38.89 %, Apple the steadiest at 14.14 %." in report
    assert "- Tesla fell deepest, by 25.00 %." in report
    assert "| Volatility | 14.14 % | 22.98 % | 38.89 % |" in report
    assert "| Mean | 103.00 | 45.00 | 218.33 |" in report
    assert re.findall(r"^## (.+)$", report, re.MULTILINE) == ["Key findings", "Analyse Apple", "Analyse Google", "Analyse Tesla"]
    assert report.count("Source: the table on [#9](/boards/b/cards/9/), 3 values each; the card says that this is sample data.") == 1
    assert report.endswith(FOOTER)


async def test_report_puts_findings_on_top_and_ends_with_who_wrote_it() -> None:
    report = (await Talk(search).resolve("What is overdue and what is unassigned?"))[-1].content
    assert report.startswith(
        "# What is overdue and what is unassigned?\n\n## Key findings\n\n- 2 cards are overdue.\n- One card is unassigned.\n"
    )
    assert report.endswith(f"---\n\n{FOOTER}")
    assert "No language model is configured" in FOOTER


async def test_report_of_one_result_has_no_headings_between() -> None:
    report = (await Talk(search).resolve("What is overdue?"))[-1].content
    assert "##" not in report
    assert report.count("2 cards are overdue") == 1


async def test_report_without_results_says_so() -> None:
    assert "No subtask left a result." in await Talk(never).ask("aggregate", "What is overdue?")


async def test_report_without_a_finding_says_that_nothing_could_be_done_and_what_to_ask() -> None:
    report = (await Talk(never).resolve("Translate the texts. Draft a letter."))[-1].content
    assert report.startswith("# Translate the texts. Draft a letter.\n\n**Nothing could be done.**\n\n- Answer “Translate the texts”: ")
    assert "Key findings" not in report
    assert report.count("With rules I can:") == 1
    assert "“Move #3 to Done”" in report


@pytest.mark.parametrize(("request_text", "named"), [("Delete #7", False), ("What is overdue? Delete #7. Draft a letter.", True)])
async def test_what_was_denied_or_not_understood_is_no_finding(request_text: str, named: bool) -> None:
    def answers(name: str, arguments: Mapping[str, Any]) -> Answer:
        denied = json.dumps({"error": {"code": "denied", "message": "not before Friday", "by": "bob"}})
        return denied if name == "delete_card" else search(name, arguments) if name == "search_cards" else board(name, arguments)

    report = (await Talk(answers).resolve(request_text))[-1].content
    assert "- Delete card #7: Denied by bob: not before Friday" in report
    assert report.count("Not done:") == 0
    assert ("**2 of 3 steps could not be done.**" in report) is named
    assert ("## Key findings\n\n- 2 cards are overdue.\n\n" in report) is named
    assert ("**Nothing could be done.**" in report) is not named


async def test_status_names_no_finding_where_nothing_was_found() -> None:
    results = await Talk(never).resolve("Translate the texts")
    assert "Found so far" not in await Talk(never).ask("clarify", "How far?", results[:1], Live_state=json.dumps(LIVE))


@pytest.mark.parametrize("instruction", ["shorter", "as a table"])
async def test_refinement_of_a_report_without_findings_says_what_to_ask(instruction: str) -> None:
    text = await Talk(never).ask("refine", instruction, await Talk(never).resolve("Translate the texts"))
    assert text.startswith("There is nothing in this report to rewrite.")
    assert "“Start a new run”" in text


async def test_same_input_gives_the_same_output() -> None:
    assert await Talk(tables).resolve(STOCKS) == await Talk(tables).resolve(STOCKS)


# --- refinements ---------------------------------------------------------------------------------------------------------


async def test_refinement_keeps_only_teslas_volatility() -> None:
    text = await Talk(never).ask("refine", TESLA, await Talk(tables).resolve(STOCKS))
    assert text.startswith("# Tesla: volatility\n\n**Tesla: volatility 38.89 %.**")
    assert "Apple" not in text
    assert "Google" not in text
    assert "Mean" not in text
    assert "sample data" in text
    assert text.endswith(FOOTER)


async def test_second_refinement_keeps_to_the_first() -> None:
    results = await Talk(tables).resolve(STOCKS)
    tesla = Result("Report", await Talk(never).ask("refine", TESLA, results))
    text = await Talk(never).ask("refine", "shorter", [*results[:-1], tesla])
    assert "Tesla: volatility 38.89 %." in text
    assert "Apple" not in text


async def test_second_refinement_may_bring_back_what_was_stored() -> None:
    results = await Talk(tables).resolve(STOCKS)
    tesla = Result("Report", await Talk(never).ask("refine", TESLA, results))
    assert (await Talk(never).ask("refine", "only Apple", [*results[:-1], tesla])).startswith("# Apple")


@pytest.mark.parametrize(
    ("instruction", "there", "gone"),
    [
        ("only the overdue ones", ["**2 cards are overdue.**", "#1", "#2"], ["#3"]),
        ("only bob's", ["**1 card is assigned to bob.**", "#1"], ["#2", "#3"]),
        ("only what is in Review", ["**2 cards are in Review.**", "#1", "#3"], ["#2"]),
        ("only the ones that aren't overdue", ["**1 card is not overdue.**", "#3"], ["#1", "#2"]),
        ("what is in Review, not bob's", ["**1 card is in Review and not assigned to bob.**", "#3"], ["#1", "#2"]),
        ("remove the table", [], ["| Card |"]),
        ("without bob's, as a table", ["| Card |", "#2", "#3"], ["#1"]),
        ("without the overdue ones", ["**1 card is not overdue.**", "#3"], ["#1", "#2"]),
        (
            "only the overdue cards of bob, as a table",
            ["| [#1 Landing page](/boards/b/cards/1/) | Review | 2026-11-18, 3 days overdue | bob |"],
            ["#2", "#3"],
        ),
        ("shorter", ["- 2 cards are overdue.", "has been stuck longest"], ["· Review"]),
        ("as a table", ["| Card | Column | Due | Assignee |"], ["- ["]),
        ("only #3", ["**1 card is called #3.**"], ["#1", "#2"]),
        ("more detail please", ["## Find overdue cards", "## Find what has been stuck longest"], []),
        ("drop the overdue part and the stuck part", ["**1 card is not overdue.**"], ["#1"]),
    ],
)
async def test_refinements_work_on_stored_cards(instruction: str, there: list[str], gone: list[str]) -> None:
    results = await Talk(search).resolve("What is overdue and what has been stuck longest?")
    text = await Talk(never).ask("refine", instruction, results)
    assert [words for words in there if words not in text] == []
    assert [words for words in gone if words in text] == []
    assert text.endswith(FOOTER)


@pytest.mark.parametrize(
    ("instruction", "title", "gone"),
    [
        ("without Google", "# Apple and Tesla", "Google"),
        ("compare only the volatility", "# Apple, Google and Tesla: volatility", "Mean"),
        ("as a table", "# Report as a table", "## "),
        ("just Apple and the average", "# Apple: mean", "Tesla"),
    ],
)
async def test_refinements_work_on_stored_figures(instruction: str, title: str, gone: str) -> None:
    text = await Talk(never).ask("refine", instruction, await Talk(tables).resolve(STOCKS))
    assert text.splitlines()[0] == title
    assert gone not in text


async def test_refinement_that_finds_nothing_says_so() -> None:
    results = await Talk(always(found(FINE))).resolve("What is in Review?")
    assert "**No card in the stored results is overdue.**" in await Talk(never).ask("refine", "only the overdue ones", results)


@pytest.mark.parametrize("instruction", ["What has been stuck longest?", "delete card #1", "move #1 to Done", "search for 'rocket'"])
async def test_refinement_that_wants_the_board_is_sent_there(instruction: str) -> None:
    results = await Talk(search).resolve("What is overdue?")
    text = await Talk(never).ask("refine", instruction, results)
    assert text.startswith("A refinement works on the stored results alone.")
    assert "“Start a new run”" in text


async def test_column_can_be_called_anything() -> None:
    odd = [card(1, "A", column="due soon"), card(2, "B", column="Done · due 2020-01-01, 3 days overdue")]
    results = await Talk(always(found(*odd))).resolve("What is unassigned?")
    table = await Talk(never).ask("refine", "as a table", results)
    assert "| [#1 A](/boards/b/cards/1/) | due soon | – | nobody |" in table
    assert "No card in the stored results is overdue." in await Talk(never).ask("refine", "only the overdue ones", results)


async def test_what_is_to_be_removed_goes_from_the_report() -> None:
    text = await Talk(never).ask("refine", "remove #1", await Talk(search).resolve("What is overdue?"))
    assert "#2 Banner" in text
    assert "#1 Landing page" not in text


@pytest.mark.parametrize("instruction", ["Rewrite it as a sonnet", "translate into French", ""])
async def test_refinement_that_needs_a_language_model_is_said_with_offers(instruction: str) -> None:
    text = await Talk(never).ask("refine", instruction, await Talk(search).resolve("What is overdue?"))
    assert text.startswith("That needs a language model.")
    offers = re.findall(r"- “(.+)”", text)
    assert len(offers) == 3
    for offer in offers:
        better = await Talk(never).ask("refine", offer, await Talk(search).resolve("What is overdue?"))
        assert not better.startswith("That needs a language model.")


# --- a run under way -----------------------------------------------------------------------------------------------------

LIVE = {
    "status": "waiting",
    "done": 1,
    "total": 4,
    "current": ["Delete card #7"],
    "last_tool": "Read a card",
    "elapsed_s": 75,
    "open_requests": ["Robo wants to delete a card"],
    "queued": 1,
}


async def test_clarifier_answers_from_the_live_state() -> None:
    results = [Result("Find overdue cards", "**2 cards are overdue.**\n\n- …")]
    text = await Talk(never).ask("clarify", "What is the current status?", results, Live_state=json.dumps(LIVE))
    assert text == (
        "The run is waiting for an answer. 1 of 4 steps is done. Now: “Delete card #7”. The last tool was “Read a card”. "
        "It has taken 1 min 15 s so far. It needs an answer from you: “Robo wants to delete a card”. "
        "1 message waits for it to end.\n\nFound so far:\n\n- 2 cards are overdue."
    )


@pytest.mark.parametrize(
    ("kind", "current", "newest", "words"),
    [
        ("resolve", ["Planning the work"], None, "There is no plan yet. Now: “Planning the work”."),
        ("refinement", ["Refining the report"], None, "It rewrites the report from what was stored; no step is done again. Now: “Refining"),
        ("chat", ["Reading the message"], None, "It answers one message, without a plan. Now: “Reading the message”."),
        ("optimise", ["Round 1 of 3: measuring"], "moves: 20 of 50.", "Now: “Round 1 of 3: measuring”, moves: 20 of 50."),
    ],
)
async def test_status_says_what_kind_of_run_it_is(kind: str, current: list[str], newest: str | None, words: str) -> None:
    live = {"status": "running", "kind": kind, "done": 0, "total": 0, "current": current, "newest": newest}
    text = await Talk(never).ask("clarify", "How far are you?", Live_state=json.dumps(live))
    assert words in text
    assert ("no plan yet" in text) is (kind == "resolve")


@pytest.mark.parametrize(
    "order",
    [
        *("Move #14 to Done", "Please delete card #7", "Can you assign #18 to somebody?", "Create a card 'Kit'"),
        *("Stop!", "Don't delete #3", "If #3 is late, move #14 to Done"),
    ],
)
async def test_order_to_a_run_under_way_is_told_how_to_be_heard(order: str) -> None:
    text = await Talk(never).ask("clarify", order, Live_state=json.dumps(LIVE))
    assert text.startswith("Your message changes nothing while the run is under way.")
    assert "“Queue for afterwards”" in text
    assert "1 of 4 steps is done." in text
    assert "Send it again" in await Talk(never).ask("clarify", order, Live_state=json.dumps(LIVE | {"status": "completed"}))


@pytest.mark.parametrize("question", ["How far are you?", "What is the current status?", "Is it done?", "status", ""])
async def test_question_about_a_run_is_no_order(question: str) -> None:
    assert "changes nothing" not in await Talk(never).ask("clarify", question, Live_state=json.dumps(LIVE))


async def test_question_that_the_board_answers_is_answered_before_the_status() -> None:
    text = await Talk(never).ask("clarify", "What is overdue?", Live_state=json.dumps(LIVE), Board_now="**2 cards are overdue.**\n\n- …")
    assert text.startswith("**2 cards are overdue.**\n\n- …\n\nThe run is waiting for an answer. 1 of 4 steps is done.")


@pytest.mark.parametrize(("status", "words"), [("running", "“Queue for afterwards”"), ("completed", "Send it again")])
async def test_question_about_a_board_that_was_not_read_is_told_how_to_be_answered(status: str, words: str) -> None:
    text = await Talk(never).ask("clarify", "What is overdue?", Live_state=json.dumps(LIVE | {"status": status}))
    assert text.startswith("Your question is about the board")
    assert words in text


@pytest.mark.parametrize("state", ["", "nonsense", "[]", "{}", '{"status": 3, "done": "x", "current": 7, "elapsed_s": null}'])
async def test_clarifier_lives_with_any_state(state: str) -> None:
    assert (await Talk(never).ask("clarify", "how far?", Live_state=state)).startswith(
        "A run is under way" if state in ("", "nonsense", "[]", "{}") else "The run is under way."
    )


# --- what may never happen -----------------------------------------------------------------------------------------------

TITLES = st.text(min_size=1, max_size=60).filter(str.strip)
CARDS = st.lists(st.builds(card, st.integers(1, 99), TITLES, assignee=st.none() | TITLES, column=TITLES), max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    cards=CARDS, request_text=st.sampled_from(["What is overdue?", "What has been stuck longest?", "what is unassigned", "search for 'x'"])
)
async def test_no_card_is_named_that_no_tool_returned(cards: list[dict[str, Any]], request_text: str) -> None:
    results = await Talk(always(found(*cards))).resolve(request_text)
    texts = [result.content for result in results]
    texts += [await Talk(never).ask("refine", instruction, results) for instruction in ("only the overdue ones", "as a table", "shorter")]
    links = {each["link"] for each in cards}
    for text in texts:
        assert set(re.findall(r'href="([^"]+)"', render_markdown(text))) <= links


@settings(max_examples=100, deadline=None)
@given(
    title=TITLES
    | st.sampled_from(["<script>alert(1)</script>", "[x](javascript:1)", "# h", "**b**", "a | b", "`c`", "1. a", "\n## Results\n", "&lt;"])
)
async def test_titles_stay_text(title: str) -> None:
    text = await Talk(always(found(card(1, title)))).ask("chat", "What is overdue?")
    html = render_markdown(text)
    assert re.sub(r"<(?:/?(?:p|ul|li|strong)|a href=\"/boards/b/cards/1/\" rel=\"[a-z ]+\"|/a)>", "", html).count("<") == 0
    assert html.count("<li>") == 1
