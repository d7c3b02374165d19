"""A question for the board that is asked while a run is under way: answered from the board, beside the run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Agent
from project.accounts.models import User
from tests.agents.conftest import Room
from tests.agents.driving import answer_questions, run_until_idle, scripted
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


async def begin(room: Room) -> tuple[str, dict[str, Any]]:
    """A session whose run is under way, on a board with an overdue card."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    body = {"column": room.column, "title": "Print the *flyers*", "due": yesterday}
    await sync_to_async(room.api.ok)("post", f"/api/boards/{room.board}/cards/", body)
    session = await sync_to_async(room.session)()
    return session, (await sync_to_async(room.say)(session, "Who has the most cards?"))["run"]


async def ask(room: Room, session: str, question: str) -> str:
    """What the clarifier says to it."""
    await sync_to_async(room.say)(session, question)
    await answer_questions()
    [*_, reply] = (await sync_to_async(room.snapshot)(session))["state"]["messages"]
    assert reply["via"] == "clarifier"
    return str(reply["content"])


async def test_board_answers_and_the_run_is_left_alone(room: Room) -> None:
    session, run = await begin(room)
    before = await sync_to_async(room.run)(run)
    seq = (await sync_to_async(room.events)(session))[-1]["seq"]
    answer = await ask(room, session, "What is overdue?")
    assert answer.startswith("**One card is overdue.**\n\n- [#2 Print the \\*flyers\\*](/boards/")
    assert answer.endswith("\n\nThe run is waiting for its turn. It answers one message, without a plan.")
    told = await sync_to_async(room.types)(session, seq)
    assert told == ["message_added", "message_added", "message_completed", "clarifier_replied"]
    assert await sync_to_async(room.run)(run) | {"usage": None} == before | {"usage": None}
    await run_until_idle()
    assert (await sync_to_async(room.run)(run))["status"] == "completed"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Count the cards and tell me what is unassigned", ("2 cards; ", "**2 cards are unassigned.**")),
        ("What is on #2?", ("Print the",)),
        ("Calculate 12 * 7", ("12 \\* 7 = 84",)),
    ],
)
async def test_whatever_reading_answers_is_answered(room: Room, question: str, words: tuple[str, ...]) -> None:
    session, _ = await begin(room)
    answer = await ask(room, session, question)
    assert all(each in answer for each in words)
    assert "The run is waiting for its turn." in answer


@pytest.mark.parametrize(
    "question", ["How far are you?", "How far are you with this card?", "Move #2 to Done", "Read https://example.org/"]
)
async def test_what_is_no_question_for_the_board_reads_nothing(room: Room, question: str) -> None:
    session, _ = await begin(room)
    assert "Print the" not in await ask(room, session, question)


async def test_agent_that_may_not_read_the_board_says_how_to_be_answered(room: Room, robo: User) -> None:
    await Agent.objects.acreate(user=robo, tools=["calculator"])
    session, _ = await begin(room)
    answer = await ask(room, session, "What is overdue?")
    assert answer.startswith("Your question is about the board, which wasn't read for this answer.")
    assert "“Queue for afterwards”" in answer


async def test_me_is_who_asks(room: Room, bob: User) -> None:
    session, _ = await begin(room)
    await sync_to_async(room.api.ok)(
        "post", f"/api/boards/{room.board}/cards/", {"column": room.column, "title": "Bob's", "assignee": str(bob.id)}
    )
    bobs = Room(await sync_to_async(Api)(bob), room.board, room.column, room.card)
    assert "Bob's" in await ask(bobs, session, "my cards")
    assert "No card" in await ask(room, session, "my cards")


async def test_models_are_told_what_the_board_says(room: Room) -> None:
    session, _ = await begin(room)
    with scripted({"clarify": ["One is.", "Soon."]}) as model:
        assert await ask(room, session, "What is overdue?") == "One is."
        await ask(room, session, "How far are you?")
    first, second = (asked.messages[-1].content for asked in model.asked)
    assert "## Board now\n**One card is overdue.**" in first
    assert "## Board now" not in second
