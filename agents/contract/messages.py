"""Rules about messages: added once, their pieces without hole or overlap, completed once and always."""

from collections.abc import Iterator
from dataclasses import dataclass

from agents.contract.entries import Entry, Fault, text_of
from agents.contract.knowledge import Early, Knowledge


@dataclass
class _Message:
    """`length` is where its next piece belongs; `pieces` are what came, and None once something is missing or comes again."""

    added: Entry
    pieces: list[str] | None
    length: int
    is_complete: bool


class Messages:
    """Every message of the stream, the clarifier's too."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._messages: dict[str, _Message] = {}
        self._early = Early()

    def see(self, entry: Entry) -> Iterator[Fault]:
        if entry.type == "message_delta":
            key = text_of(entry.data.get("message"))
            yield from self._see_delta(key, entry) if key else ()
        elif entry.type in ("message_added", "message_completed"):
            key = text_of(entry.part("message").get("id"))
            see = self._see_added if entry.type == "message_added" else self._see_completed
            yield from see(key, entry) if key else ()
        elif entry.type == "clarifier_replied":
            yield from self._see_replied(entry)

    def end(self) -> Iterator[Fault]:
        if self._known.is_whole:
            yield from self._early.end("message_added", "message_not_added")
        for key, message in self._messages.items():
            if not message.is_complete and self._known.is_finished(message.added.run):
                yield message.added.fault("missing", "message_not_completed", f"{message.added} has no message_completed ({key}).")

    def open(self) -> int:
        """How many messages are being written."""
        return sum(1 for message in self._messages.values() if not message.is_complete)

    def _see_added(self, key: str, entry: Entry) -> Iterator[Fault]:
        if key in self._messages:
            yield entry.fault("duplicate", "message_added_twice", f"{entry}: the message is there since {self._messages[key].added}.")
            return
        shown = entry.part("message")
        content = str(shown.get("content") or "")
        self._messages[key] = _Message(entry, [content], len(content), shown.get("complete") is not False)
        yield from self._early.begun(key, entry, "before_message_added")

    def _see_delta(self, key: str, entry: Entry) -> Iterator[Fault]:
        message = self._messages.get(key)
        offset, text = entry.data.get("offset"), entry.data.get("text")
        if message is None:
            self._early.note(key, entry)
        elif message.is_complete:
            yield entry.fault("out_of_order", "delta_after_completion", f"{entry} comes after its message was complete.")
        elif isinstance(offset, int) and isinstance(text, str):
            yield from _see_offset(entry, offset, message.length)
            if message.pieces is not None and offset == message.length:
                message.pieces.append(text)
            else:
                message.pieces = None
            message.length = max(message.length, offset + len(text))

    def _see_completed(self, key: str, entry: Entry) -> Iterator[Fault]:
        message = self._messages.get(key)
        if message is None:
            self._early.note(key, entry)
            return
        if message.is_complete:
            yield entry.fault("duplicate", "message_completed_twice", f"{entry}: the message was complete before.")
            return
        message.is_complete = True
        shown = entry.part("message")
        is_cut = shown.get("interrupted") is True or entry.data.get("truncated") is True
        told = "".join(message.pieces or ())
        if told and not is_cut and shown.get("content") != told:
            yield entry.fault("malformed", "other_text", f"The pieces of {entry} aren't its content.")

    def _see_replied(self, entry: Entry) -> Iterator[Fault]:
        message = self._messages.get(text_of(entry.data.get("message")) or "")
        if message is None and self._known.is_whole:
            yield entry.fault("missing", "reply_not_added", f"{entry} marks a message that isn't there.")
        elif message is not None and not message.is_complete:
            yield entry.fault("out_of_order", "reply_not_complete", f"{entry} comes before its message is complete.")


def _see_offset(entry: Entry, offset: int, length: int) -> Iterator[Fault]:
    if offset > length:
        yield entry.fault("missing", "delta_missing", f"{entry} begins at {offset}, where the text has {length} characters.")
    elif offset < length:
        yield entry.fault("duplicate", "delta_overlaps", f"{entry} begins at {offset}, where the text has {length} characters already.")
