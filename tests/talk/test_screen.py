"""What is written to a terminal, and to what isn't one."""

import io
import json
import re
from collections.abc import AsyncIterator
from typing import Any, cast

from project.client import Event
from project.client.frames import read_event
from project.realtime.events import event_types
from project.talk.conversation import SHOWN, Conversation
from project.talk.screen import Screen, clean
from project.talk.words import WORDS
from tests.client.peer import event


def screen_on(*, has_colour: bool = False, is_live: bool = False) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(out, has_colour=has_colour, is_live=is_live), out


def test_nothing_from_outside_acts_on_the_terminal() -> None:
    hostile = "\x1b[2J\x1b]0;title\x07 a\rb \u202edlrow\u2066 \x9b31m"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]", clean(hostile))
    assert clean("two\nlines\tand ümlaut →") == "two\nlines\tand ümlaut →"
    screen, out = screen_on(has_colour=True, is_live=True)
    screen.line(hostile, label="tool_completed")
    screen.stream("m1", "robo", hostile)
    assert set(re.findall(r"\x1b\[[\d;]*m", out.getvalue())) <= {"\x1b[36m", "\x1b[35m", "\x1b[0m"}
    assert "\x1b[2J" not in out.getvalue()


def test_pieces_are_written_at_once_on_a_terminal_and_as_lines_elsewhere() -> None:
    screen, out = screen_on(is_live=True)
    screen.stream("m1", "robo", "Three ca")
    assert out.getvalue().endswith("Three ca")
    screen, out = screen_on()
    screen.stream("m1", "robo", "Three ca")
    screen.stream("m1", "robo", "rds\nare la")
    assert out.getvalue() == "robo\nThree cards\n"
    screen.line("Run 1", label="run_completed")
    assert out.getvalue() == "robo\nThree cards\nare la\nrun_completed    Run 1\n"


def test_two_texts_at_once_stay_apart() -> None:
    screen, out = screen_on()
    screen.stream("m1", "robo", "one ")
    screen.stream("m2", "robo (status)", "two\n")
    screen.end_stream()
    assert out.getvalue() == "robo\none \nrobo (status)\ntwo\n"


def test_what_comes_during_the_editor_is_shown_afterwards() -> None:
    screen, out = screen_on()
    screen.hold()
    screen.line("Run 1", label="run_completed")
    assert out.getvalue() == ""
    screen.release()
    assert "Run 1" in out.getvalue()


def test_every_session_event_has_its_words() -> None:
    session_events = {name for name, event in event_types().items() if event.stream_kind == "session"}
    assert session_events
    assert session_events == set(WORDS)
    assert set(SHOWN) <= session_events


async def test_json_lines_keep_every_character() -> None:
    """A program reads them: what would act on a terminal is written out, not replaced."""
    envelope = {**event(1), "type": "message_delta", "data": {"message": "m1", "offset": 0, "text": "a\u202eb\x85c\x9b2J\x1b[2J"}}

    class Stream:
        async def __aiter__(self) -> AsyncIterator[Event]:
            yield read_event(envelope)

    screen, out = screen_on()
    await Conversation(cast(Any, Stream()), screen, as_json=True).follow()
    assert json.loads(out.getvalue()) == envelope
    assert out.getvalue().isascii()
