"""Finding wanted messages among those that came: in the given order, in any order, or exactly these next."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.bench.scripts.assign import assign
from agents.bench.scripts.difference import Difference, shown
from agents.bench.scripts.messages import NO_JSON, Received
from agents.bench.scripts.patterns import differences, filled
from agents.bench.scripts.steps import Broadcast, Expect, Nothing, Wanted
from agents.bench.scripts.values import Values

Order = Literal["given", "any", "exact"]


@dataclass(frozen=True)
class Wish:
    """One message as it is wanted, placeholders filled: by its JSON, its text, or its bytes. None of them: any message."""

    kind: Literal["match", "text", "binary", "any"]
    pattern: Any
    save: dict[str, str] = field(default_factory=dict)

    def differences(self, message: Received) -> list[Difference]:
        """What the message has otherwise than wanted."""
        value = self.value_of(message)
        if value is None:
            return [Difference("", str(self), shown(message.shown()))]
        return list(differences(self.pattern, value[0]))

    def fits(self, message: Received) -> bool:
        """Whether it is the message."""
        value = self.value_of(message)
        return value is not None and next(differences(self.pattern, value[0]), None) is None

    def value_of(self, message: Received) -> tuple[Any] | None:
        """What the pattern is held against; None where the message is of another kind."""
        match self.kind, message.data:
            case "match", _:
                return None if message.value is NO_JSON else (message.value,)
            case "text", str(text):
                return (text,)
            case "binary", bytes(raw):
                return (base64.b64encode(raw).decode(),)
            case "any", _:
                return (message.shown(),)
            case _:
                return None

    def __str__(self) -> str:
        names = {"match": "JSON like", "text": "a text like", "binary": "the bytes", "any": "a message"}
        return names[self.kind] if self.kind == "any" else f"{names[self.kind]} {shown(self.pattern)}"


def wish_of(step: Wanted | Nothing | Broadcast, values: Values) -> Wish:
    """What a step or one of its messages wants."""
    for kind in ("match", "text", "binary"):
        if kind in step.model_fields_set:
            return Wish(kind, filled(getattr(step, kind), values), getattr(step, "save", {}))
    return Wish("any", {"$any": True})


@dataclass
class Search:
    """The messages of one expectation, found as they come. `found` has as many as are there, in the order of the wishes."""

    wishes: Sequence[Wish]
    order: Order
    found: list[Received] = field(default_factory=list)
    wrong: Received | None = None
    _seen: int = 0
    _fitting: list[Received] = field(default_factory=list)

    @classmethod
    def of(cls, step: Expect, values: Values) -> "Search":
        """The search of an expectation."""
        return cls([wish_of(wanted, values) for wanted in step.wanted], step.order)

    @property
    def is_over(self) -> bool:
        """Whether all is found, or can't be any more."""
        return self.wrong is not None or len(self.found) == len(self.wishes)

    @property
    def missing(self) -> list[Wish]:
        """The wishes that nothing answers yet."""
        if self.order != "any":
            return list(self.wishes[len(self.found) :])
        answers = self._assigned()
        return [wish for wish, item in zip(self.wishes, answers, strict=True) if item is None]

    def look(self, unread: Sequence[Received]) -> None:
        """Go on with what has come since."""
        for message in unread:
            if message.number > self._seen and not self.is_over:
                self._seen = message.number
                self._take(message)
        if self.order == "any" and len(self._fitting) >= len(self.wishes):
            self.settle()

    def settle(self) -> None:
        """Say what is found although not all is."""
        if self.order == "any":
            self.found = [self._fitting[item] for item in self._assigned() if item is not None]

    def _take(self, message: Received) -> None:
        if self.order == "any":
            if any(wish.fits(message) for wish in self.wishes):
                self._fitting.append(message)
        elif self.wishes[len(self.found)].fits(message):
            self.found.append(message)
        elif self.order == "exact":
            self.wrong = message

    def _assigned(self) -> Sequence[int | None]:
        return assign(len(self.wishes), len(self._fitting), lambda wish, item: self.wishes[wish].fits(self._fitting[item]))


def nearest(wish: Wish, messages: Sequence[Received]) -> tuple[Received, list[Difference]] | None:
    """The message with the fewest differences from what was wanted, the newest of several; JSON before what isn't."""
    told = [(message, wish.differences(message)) for message in messages[-200:]]
    return min(reversed(told), key=lambda each: (each[0].value is NO_JSON and wish.kind == "match", len(each[1])), default=None)
