"""Where talk writes: coloured on a terminal, plain whole lines elsewhere. No text from outside can move the cursor."""

import re
from typing import TextIO

_STYLES = {
    "agent": "35",
    "error": "1;31",
    "good": "32",
    "label": "36",
    "mine": "1",
    "muted": "2",
    "warn": "1;33",
}
# Control characters, and the ones that turn the direction of text: what agents write must not draw on this terminal.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LABEL_WIDTH = 17


def clean(text: str) -> str:
    """The text with every character that could act on the terminal replaced."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


class Screen:
    """Lines with a label in front, and text that arrives in pieces."""

    def __init__(self, out: TextIO, *, has_colour: bool, is_live: bool) -> None:
        self._out = out
        self._has_colour = has_colour
        self._is_live = is_live
        self._streaming = ""
        self._rest = ""
        self._held: list[str] | None = None

    def line(self, text: str, *, label: str = "", style: str = "") -> None:
        """One entry; its further lines stand under the first."""
        self.end_stream()
        first, *more = clean(text).split("\n")
        self._write(
            self._paint(f"{label:<{LABEL_WIDTH}}", style or "label") + self._paint(first, style) + "\n"
            if label
            else self._paint(first, style) + "\n"
        )
        for each in more:
            self._write((" " * LABEL_WIDTH if label else "") + self._paint(each, style) + "\n")

    def stream(self, source: str, label: str, text: str) -> None:
        """A piece of `source`'s text: at once on a terminal, as whole lines elsewhere."""
        if source != self._streaming:
            self.end_stream()
            self._streaming = source
            self._write(self._paint(f"{label:<{LABEL_WIDTH}}" if self._is_live else f"{label}\n", "agent"))
        self._rest += clean(text)
        ready, newline, rest = self._rest.rpartition("\n")
        if self._is_live:
            self._write(self._rest)
            self._rest = ""
        elif newline:
            self._write(ready + "\n")
            self._rest = rest

    def end_stream(self) -> None:
        """Close the line that is being written."""
        if self._streaming:
            self._write(self._rest + "\n" if self._is_live or self._rest else "")
        self._streaming = self._rest = ""

    def hold(self) -> None:
        """Keep everything back while somebody else has the terminal."""
        self._held = self._held or []

    def release(self) -> None:
        """Show what was kept back."""
        held, self._held = self._held or [], None
        self._write("".join(held))

    def _write(self, text: str) -> None:
        if self._held is not None:
            self._held.append(text)
        elif text:
            self._out.write(text)
            self._out.flush()

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._has_colour and style and text else text
