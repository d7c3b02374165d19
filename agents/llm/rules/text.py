"""Words for people: counts, lists, dates, and text of others made safe for Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

FOOTER = "*No language model is configured. Built-in rules did this work, from what the tools returned.*"

# Control characters, and the marks that turn the direction of text around.
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~&#+\-=.)])")
_ORDERED = re.compile(r"^(\d+)([.)])")
_WORDS_PER_CHUNK = 3
_CHUNK = re.compile(rf"\s*(?:\S+\s*){{1,{_WORDS_PER_CHUNK}}}")


def inline(text: str) -> str:
    """`text` of others as one line of Markdown that shows it literally, without control and direction-changing characters."""
    flat = " ".join(_HIDDEN.sub(" ", text).split())
    escaped = _MARKUP.sub(r"\\\1", flat)
    escaped = _ORDERED.sub(r"\1\\\2", escaped)
    return "\\" + escaped if escaped[:1] in tuple("#+-=") else escaped


def plain(text: str) -> str:
    """What `inline` was given, from what it gave."""
    return _ESCAPED.sub(r"\1", text)


def code(text: str) -> str:
    """`text` of others as code on one line."""
    return f"`{' '.join(_HIDDEN.sub(' ', text).split()).replace('`', chr(39))}`"


def quote(text: str) -> str:
    """`text` of others as a quotation, line by line."""
    return "\n>\n".join(f"> {inline(line)}" for line in text.splitlines() if line.strip())


def shorten(text: str, most: int) -> str:
    """`text` on one line, cut at a word with an ellipsis when longer than `most` characters."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    cut = flat[: most - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > most // 2 else cut).rstrip(" ,;:") + "…"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 card`, `3 cards`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def join(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def duration(seconds: float) -> str:
    """`45 s`, `2 min 5 s`, `1 h 3 min`."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def bullets(lines: Iterable[str]) -> str:
    """A Markdown list."""
    return "\n".join(f"- {line}" for line in lines)


def sentence(text: str) -> str:
    """`text` with a capital first and a stop last."""
    flat = text.strip()
    return flat[:1].upper() + flat[1:] + ("" if flat.endswith((".", "!", "?", "…")) else ".")


def chunks(text: str) -> Iterator[str]:
    """`text` in pieces of a few words that joined give it back."""
    yield from _CHUNK.findall(text) if text.strip() else [text] * bool(text)
