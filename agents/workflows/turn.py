"""One answer of the model: its text streamed into a message, its reasoning shown as thoughts, its tool calls collected."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from agents.emit import Delayed, MessageClosed, MessageOpened, MessageText, Thought
from agents.llm.answer import estimate
from agents.llm.errors import BrokenAnswer, EmptyAnswer, ModelBusy, ModelEndless, ModelTrouble
from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec, Usage
from agents.services.scope import Step
from agents.wire import UsageObject
from agents.workflows.budgeting import count_turn, start_turn
from agents.workflows.desk import Desk
from agents.workflows.mending import mend_delta
from agents.workflows.stream import TextMerger, ThoughtCutter
from agents.workflows.written import write_up
from project.clock import db_now
from project.errors import AppError
from project.limits import limits
from project.realtime.db import run_db

TRIES = 5
CUT_NOTE = "\n\n*The answer reached the model's longest length and stops here.*"
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_PIECE_CHARS = 16_000


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

    Raises OverBudget and ModelError; a model in trouble is asked again, as long as the budget allows.
    """
    for attempted in range(1, TRIES + 1):
        try:
            async with desk.turnstile:
                await start_turn(desk, question.step)
                desk.begun()
                return await _answer(desk, question)
        except ModelTrouble as trouble:
            if attempted == TRIES:
                raise
            await _pause(desk, trouble, attempted)
    raise AssertionError("unreachable: the last try returns or raises")


async def _answer(desk: Desk, question: Question) -> Turn:
    listener = _Listener(desk, question)
    try:
        usage = await _listen(desk, question, listener)
    except AppError as error:
        await listener.break_off()
        if isinstance(error, ModelTrouble | ModelEndless) and listener.heard:
            await count_turn(desk, question.step, _estimated(question, listener))
        raise
    finally:
        listener.end()
    spent = UsageObject(requests=1, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost_usd=usage.cost_usd)
    await count_turn(desk, question.step, spent)
    return listener.turn


async def _listen(desk: Desk, question: Question, listener: "_Listener") -> Usage:
    """Hear the whole answer; what it used. ModelEndless for one that outgrows every use, ModelTrouble for one that is none."""
    finish: Finish | None = None
    try:
        async with (
            asyncio.timeout(limits().model_answer_s),
            aclosing(desk.model.stream(question.messages, question.tools, purpose=question.purpose)) as deltas,
        ):
            async for delta in deltas:
                if isinstance(delta, Finish):
                    finish = delta
                await listener.hear(delta)
    except TimeoutError as error:
        raise ModelEndless from error
    if finish is None:
        raise BrokenAnswer
    if not listener.turn.calls and not listener.turn.text.strip():
        raise EmptyAnswer
    if finish.reason == "length":
        await listener.hear(TextDelta(CUT_NOTE))
    return finish.usage


def _estimated(question: Question, listener: "_Listener") -> UsageObject:
    """What an answer that broke off has used, about: it is paid for all the same."""
    asked = sum(len(message.content) for message in question.messages)
    return UsageObject(requests=1, input_tokens=estimate(asked), output_tokens=estimate(listener.heard), cost_usd=None)


class _Listener:
    """Takes the deltas of one answer."""

    def __init__(self, desk: Desk, question: Question) -> None:
        self.turn = Turn()
        self._desk = desk
        self._question = question
        self.heard = 0
        self._offset = 0
        self._text = TextMerger(self._show_text)
        self._thoughts = ThoughtCutter(self._show_thought)

    async def hear(self, delta: Delta) -> None:
        delta = mend_delta(delta)
        if isinstance(delta, TextDelta | ThoughtDelta):
            self.heard += len(delta.text)
            if self.heard > limits().model_answer_chars:
                raise ModelEndless
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
            written = await write_up(self.turn.text)
            await self._desk.emit(MessageClosed(self.turn.message_id, written.text, written.html, interrupted=True))

    async def _hear_text(self, text: str) -> None:
        if not text:
            return
        if self._question.message_key is not None and not self.turn.text:
            self._thoughts.end(is_final=True)  # shown before the text it led to
        if self._question.message_key is not None and self.turn.message_id is None:
            key = _key_of(self._desk, self._question.message_key)
            first, rest = text[:_PIECE_CHARS], text[_PIECE_CHARS:]
            [message] = await self._desk.emit(MessageOpened(self._question.step, key, first))
            self.turn.message_id, self._offset = message.id, len(first)
            self._text.begin()
            if rest:
                self._text.add(rest)
        elif self.turn.message_id is not None:
            self._text.add(text)
        self.turn.text += text

    def _show_text(self, text: str) -> None:
        message_id = self.turn.message_id
        if message_id is None:
            return
        for piece in _pieces(text):
            self._desk.stream(MessageText(message_id, self._offset, piece))
            self._offset += len(piece)

    def _show_thought(self, text: str, is_final: bool) -> None:
        step = self._question.step
        *more, last = _pieces(text)
        for piece in more:
            self._desk.stream(Thought(step, piece, self._desk.next_thought(step), is_final=False))
        self._desk.stream(Thought(step, last, self._desk.next_thought(step), is_final))


def _pieces(text: str) -> list[str]:
    """The text in pieces that an event holds, however many bytes their characters take."""
    return [text[start : start + _PIECE_CHARS] for start in range(0, len(text), _PIECE_CHARS)]


def _key_of(desk: Desk, base: str) -> str:
    """The message's key, of its own for every time it is begun: one that a crash broke off stays as it is."""
    desk.messages_opened += 1
    return f"{desk.attempt.run_id}/{base}/{desk.attempt.number}.{desk.messages_opened}"


async def _pause(desk: Desk, trouble: ModelTrouble, attempted: int) -> None:
    """Wait for the provider, as long as it asks or with back-off, with jitter, and say so. One that asks for too long is given up."""
    if (trouble.retry_after_s or 0) > limits().model_retry_after_s:
        raise ModelBusy(f"{trouble.message} It asks to be left alone for {trouble.retry_after_s:,} s.") from trouble
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (attempted - 1))
    wait_s = random.uniform(longest / 2, longest)  # noqa: S311 - jitter that spreads retries; no secret depends on it
    if trouble.retry_after_s is not None:
        wait_s = trouble.retry_after_s + wait_s / 2
    now = await run_db(db_now)
    await desk.emit(Delayed(trouble.message, attempted, TRIES, now + timedelta(seconds=wait_s)))
    await asyncio.sleep(wait_s)
