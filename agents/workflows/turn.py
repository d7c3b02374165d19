"""One answer of the model: its text streamed into a message, its reasoning shown as thoughts, its tool calls collected."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from agents.emit import Delayed, MessageClosed, MessageOpened, MessageText, Thought, TurnCounted, TurnStarting
from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec
from agents.services.scope import Step
from agents.wire import UsageObject
from agents.workflows.desk import Desk
from agents.workflows.stream import TextMerger, ThoughtCutter
from project.clock import db_now
from project.errors import AppError, RateLimited, Unavailable
from project.realtime.db import run_db
from project.text import render_markdown

TRIES = 5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0


class BrokenAnswer(AppError):
    """The model's answer ended before it was complete."""

    code, status, default_message = "model_cut", 502, "The model's answer broke off."


@dataclass
class Turn:
    """What the model answered; `message_id` is the message its text went to, if it was asked to stream."""

    text: str = ""
    calls: list[ToolCallDelta] = field(default_factory=list)
    message_id: UUID | None = None


@dataclass(frozen=True)
class Question:
    """What the model is asked. With a `message_key` its text is streamed into a message stored under that key."""

    step: Step
    purpose: Purpose
    messages: Sequence[ModelMessage]
    tools: Sequence[ToolSpec] = ()
    message_key: str | None = None


async def take_turn(desk: Desk, question: Question) -> Turn:
    """The model's answer. Its message, if any, is left open: what ends it is told together with what comes of it.

    Raises OverBudget, BrokenAnswer, and what the model's adapter refuses; a busy provider is asked again.
    """
    await desk.emit(TurnStarting(question.step))
    for attempted in range(1, TRIES + 1):
        try:
            return await _answer(desk, question)
        except (Unavailable, RateLimited) as error:
            if attempted == TRIES:
                raise
            await _pause(desk, error, attempted)
    raise AssertionError("unreachable: the last try returns or raises")


async def _answer(desk: Desk, question: Question) -> Turn:
    listener = _Listener(desk, question)
    usage = None
    try:
        async for delta in desk.model.stream(question.messages, question.tools, purpose=question.purpose):
            if isinstance(delta, Finish):
                usage = delta.usage
            await listener.hear(delta)
    except AppError:
        await listener.break_off()
        raise
    finally:
        listener.end()
    if usage is None:
        raise BrokenAnswer
    spent = UsageObject(requests=1, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost_usd=usage.cost_usd)
    await desk.emit(TurnCounted(question.step, spent))
    return listener.turn


class _Listener:
    """Takes the deltas of one answer."""

    def __init__(self, desk: Desk, question: Question) -> None:
        self.turn = Turn()
        self._desk = desk
        self._question = question
        self._offset = 0
        self._text = TextMerger(self._show_text)
        self._thoughts = ThoughtCutter(self._show_thought)

    async def hear(self, delta: Delta) -> None:
        match delta:
            case ThoughtDelta():
                self._thoughts.add(delta.text)
            case TextDelta():
                await self._hear_text(delta.text)
            case ToolCallDelta():
                self.turn.calls.append(delta)
            case Finish():
                pass

    def end(self) -> None:
        """The answer is over, or broke off."""
        self._thoughts.end(is_final=not self.turn.calls)
        self._text.flush()

    async def break_off(self) -> None:
        """Close the message that was begun: another try begins another."""
        self.end()
        if self.turn.message_id is not None:
            text = self.turn.text
            await self._desk.emit(MessageClosed(self.turn.message_id, text, render_markdown(text), interrupted=True))

    async def _hear_text(self, text: str) -> None:
        if not text:
            return
        if self._question.message_key is not None and not self.turn.text:
            self._thoughts.end(is_final=True)  # shown before the text it led to
        if self._question.message_key is not None and self.turn.message_id is None:
            [message] = await self._desk.emit(MessageOpened(self._question.step, _key_of(self._desk, self._question.message_key)))
            self.turn.message_id = message.id
        self.turn.text += text
        if self.turn.message_id is not None:
            self._text.add(text)

    def _show_text(self, text: str) -> None:
        if self.turn.message_id is not None:
            self._desk.stream(MessageText(self.turn.message_id, self._offset, text))
            self._offset += len(text)

    def _show_thought(self, text: str, is_final: bool) -> None:
        step = self._question.step
        self._desk.stream(Thought(step, text, self._desk.next_thought(step), is_final))


def _key_of(desk: Desk, base: str) -> str:
    """The message's key, of its own for every time it is begun: one that a crash broke off stays as it is."""
    desk.messages_opened += 1
    return f"{desk.attempt.run_id}/{base}/{desk.attempt.number}.{desk.messages_opened}"


async def _pause(desk: Desk, error: AppError, attempted: int) -> None:
    """Wait for the provider, with back-off and jitter, and say so."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (attempted - 1))
    wait_s = error.retry_after_s or random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing
    now = await run_db(db_now)
    await desk.emit(Delayed(error.message, attempted, TRIES, now + timedelta(seconds=wait_s)))
    await asyncio.sleep(wait_s)
