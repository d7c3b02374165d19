"""Cutting what a model says into pieces to show: text merged by time, reasoning cut where a sentence ends."""

import asyncio
import re
import time
from collections.abc import Callable

SOON_S, LATER_S = 0.100, 0.250
"""Pieces of a message: one each 100 ms during its first 2 s, then one each 250 ms (PROTOCOL §6)."""
_SOON_FOR_S = 2.0
THOUGHT_S = 1.0

_SENTENCE_END = re.compile(r"[.!?…:]['\")\]]*\s+|[。！？]+[”」』）]*|\n+")
# What is longer than any word is writing without spaces.
_WORD_CHARS = 40


class TextMerger:
    """Hands on text in pieces: the first at once, then what has come together since."""

    def __init__(self, hand_on: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hand_on = hand_on
        self._clock = clock
        self._text = ""
        self._began: float | None = None
        self._sent_at = -1e9
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str) -> None:
        """More text has come."""
        now = self._clock()
        self._began = now if self._began is None else self._began
        self._text += text
        pause_s = SOON_S if now - self._began < _SOON_FOR_S else LATER_S
        left_s = self._sent_at + pause_s - now
        if left_s <= 0:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(left_s, self.flush)

    def begin(self) -> None:
        """The first piece has gone another way just now."""
        self._began = self._sent_at = self._clock()

    def flush(self) -> None:
        """Hand on what there is."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._text:
            text, self._text = self._text, ""
            self._sent_at = self._clock()
            self._hand_on(text)


class ThoughtCutter:
    """Hands on reasoning in readable pieces: whole sentences, or after a second whatever there is.

    `hand_on(text, is_final)`. The last piece waits until it is known whether more follows.
    """

    def __init__(self, hand_on: Callable[[str, bool], None]) -> None:
        self._hand_on = hand_on
        self._text = ""
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str) -> None:
        """More reasoning has come."""
        self._text += text
        last = 0
        for end in _SENTENCE_END.finditer(self._text):
            # A sentence is over when something follows it: until then it may be the last.
            if end.end() < len(self._text):
                self._hand_on(self._text[last : end.end()], False)
                last = end.end()
        self._text = self._text[last:]
        if self._timer is None and self._text:
            self._timer = asyncio.get_running_loop().call_later(THOUGHT_S, self._hand_on_unfinished)

    def end(self, *, is_final: bool) -> None:
        """No more reasoning in this answer; `is_final` says that none follows in this step either."""
        self._stop_timer()
        if self._text:
            text, self._text = self._text, ""
            self._hand_on(text, is_final)

    def _hand_on_unfinished(self) -> None:
        self._timer = None
        cut = self._text.rfind(" ") + 1
        if len(self._text) - cut > _WORD_CHARS:
            cut = len(self._text)
        if cut > 0:
            text, self._text = self._text[:cut], self._text[cut:]
            self._hand_on(text, False)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
