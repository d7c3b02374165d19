"""Makes frames that the server must refuse: valid ones spoiled, values of the wrong type, random bytes. Pure and seeded.

No frame made here is a command the server would carry out: each spoils something that PROTOCOL.md requires.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

Json = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """What goes into one WebSocket message: bytes, sent as text or as binary."""

    content: bytes
    is_text: bool
    kind: str


@dataclass(frozen=True)
class Valid:
    """The commands of a board's socket with good data, and which fields each can't do without."""

    column: str
    card: str

    def frames(self) -> Mapping[str, tuple[Json, tuple[str, ...]]]:
        return {
            "create_card": ({"column": self.column, "title": "A card", "labels": ["new"]}, ("column", "title")),
            "edit_card": ({"card": self.card, "version": 1, "title": "Another"}, ("card", "version")),
            "move_card": ({"card": self.card, "column": self.column, "before": None}, ("card", "column")),
            "archive_card": ({"card": self.card}, ("card",)),
            "delete_card": ({"card": self.card}, ("card",)),
            "comment_card": ({"card": self.card, "content": "Said"}, ("card", "content")),
            "create_column": ({"name": "A column", "wip_limit": 3}, ("name",)),
            "edit_column": ({"column": self.column, "name": "Other"}, ("column",)),
            "delete_column": ({"column": self.column, "move_cards_to": None}, ("column",)),
            "add_member": ({"username": "bob", "role": "viewer"}, ("username", "role")),
        }


def frames(seed: int, count: int, valid: Valid) -> Iterator[Raw]:
    """`count` frames: half of them spoiled valid ones, a quarter with wrong types, a quarter random bytes."""
    dice = random.Random(seed)
    for _ in range(count):
        kind = dice.random()
        if kind < 0.5:
            yield spoiled(dice, valid)
        elif kind < 0.75:
            yield wrongly_typed(dice, valid)
        else:
            yield noise(dice)


# -- spoiled valid frames --------------------------------------------------------------------------------------------------


def spoiled(dice: random.Random, valid: Valid) -> Raw:
    """A valid frame with one thing wrong."""
    name, (data, required) = dice.choice(list(valid.frames().items()))
    frame: Json = {"type": name, "ref": some_uuid(dice), "data": dict(data)}
    how = dice.choice(SPOILERS)
    return Raw(how(dice, frame, required), is_text=True, kind=how.__name__)


def without_required(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    del frame["data"][dice.choice(required)]
    return _encode(frame)


def with_unknown_field(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    del required
    dice.choice([frame, frame["data"]])[some_word(dice)] = some_value(dice)
    return _encode(frame)


def of_unknown_type(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    del required
    frame["type"] = dice.choice([some_word(dice), frame["type"].upper(), f"{frame['type']} ", f"on_{frame['type']}", "__class__", ""])
    return _encode(frame)


def about_foreign_object(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    """An id that nobody has, or a field that names nothing."""
    name = dice.choice(required)
    frame["data"][name] = some_uuid(dice) if name in {"card", "column"} else "" if isinstance(frame["data"][name], str) else -1
    return _encode(frame)


def cut_short(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    del required
    text = _encode(frame)
    return text[: dice.randrange(len(text) - 1)]


def with_doubled_key(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    del dice, required
    return _encode(frame)[:-1] + b',"type":"ping"}'


def with_broken_structure(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    """One character of JSON's own replaced by a control character, which JSON allows nowhere unescaped."""
    del required
    text = bytearray(_encode(frame))
    text[dice.choice([place for place, byte in enumerate(text) if byte in b'{}:,"'])] = dice.choice([0, 1, 7, 31])
    return bytes(text)


def with_bad_number(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    number = dice.choice([b"NaN", b"-Infinity", b"1e400", b"9" * 5000, b"9007199254740993", b"01", b"1.5e"])
    frame["data"][dice.choice(required)] = "number goes here"
    return _encode(frame).replace(b'"number goes here"', number)


def too_large(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    """Above the 64 KiB of a frame, and below what ends the connection."""
    del required
    frame["data"][some_word(dice)] = "x" * dice.randrange(65_536, 100_000)
    return _encode(frame)


def too_deep(dice: random.Random, frame: Json, required: tuple[str, ...]) -> bytes:
    opening, closing = dice.choice([(b"[", b"]"), (b'{"a":', b"}")])
    depth = dice.choice([33, 100, 5_000])
    frame["data"][dice.choice(required)] = "bomb goes here"
    return _encode(frame).replace(b'"bomb goes here"', opening * depth + b"1" + closing * depth)


SPOILERS: list[Callable[[random.Random, Json, tuple[str, ...]], bytes]] = [
    *(without_required, with_unknown_field, of_unknown_type, about_foreign_object, cut_short),
    *(with_doubled_key, with_broken_structure, with_bad_number, too_large, too_deep),
]


# -- wrong types -----------------------------------------------------------------------------------------------------------


def wrongly_typed(dice: random.Random, valid: Valid) -> Raw:
    """A frame whose type, ref, data, or a required field has a value of another type; or no object at all."""
    name, (data, required) = dice.choice(list(valid.frames().items()))
    frame: Any = {"type": name, "ref": some_uuid(dice), "data": dict(data)}
    place = dice.choice(["frame", "type", "ref", "data", "field", "control"])
    match place:
        case "frame":
            frame = dice.choice([[], [frame], "text", 7, None, True, {}])
        case "field":
            frame["data"][dice.choice(required)] = some_object(dice)
        case "control":
            control = dice.choice(["ack", "sync", "viewing"])
            frame = {"type": control, "data": {"seq": some_object(dice), "after": some_object(dice), "card": some_object(dice)}}
        case _:
            frame[place] = dice.choice([7, -1.5, True, [1], ["a"], [[]]])
    return Raw(_encode(frame), is_text=True, kind=f"wrong type: {place}")


def some_object(dice: random.Random) -> object:
    """A value that is neither text nor a whole number."""
    return dice.choice([1.5, True, False, [], ["a", 1], {}, {"a": None}, [[1]]])


# -- noise -----------------------------------------------------------------------------------------------------------------


def noise(dice: random.Random) -> Raw:
    """Random bytes: as a binary message, as text in UTF-8, or (rarely: it ends the connection) as text that isn't."""
    content = dice.randbytes(dice.choice([0, 1, 2, 10, 100, 1_000, 10_000]))
    how = dice.random()
    if how < 0.5:
        return Raw(content, is_text=False, kind="binary")
    if how < 0.95:
        return Raw(content.decode("latin-1").encode(), is_text=True, kind="random text")
    return Raw(b"\xff" + content, is_text=True, kind="not UTF-8")


# -- little helpers --------------------------------------------------------------------------------------------------------


def some_uuid(dice: random.Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


def some_word(dice: random.Random) -> str:
    return "x_" + "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(1, 12)))


def some_value(dice: random.Random) -> object:
    return dice.choice([None, 0, "text", some_uuid(dice), [], {"a": 1}, dice.random()])


def _encode(frame: object) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode()
