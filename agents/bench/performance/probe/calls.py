"""Calls of the project's functions: how often, how long, and with which arguments again. Only plain functions, never coroutines."""

import hashlib
import inspect
import marshal
import sys
import threading
import time
from dataclasses import dataclass, field
from types import CodeType, FrameType, ModuleType
from typing import Any

from .places import Places

_MOST_KEYS = 200
_LONGEST = 4_000_000
_SHORT = 100
_WAITS = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
# What the same arguments needn't give the same result with, or what does more than giving one.
_OUTSIDE = {
    "time", "posix", "nt", "io", "_io", "select", "socket", "_socket", "_ssl", "random", "_random", "sqlite3", "_thread", "_asyncio",
    "_queue", "_contextvars", "_psycopg", "psycopg", "psycopg_binary", "datetime", "uuid", "_uuid", "secrets",
}  # fmt: skip
_BUILTINS = {"print", "open", "input"}


@dataclass
class Called:
    """One function. `is_plain` until it was seen to read or change anything but its arguments, or to give another result for the same.

    `again` are calls with arguments it had before, `again_s` the seconds in them, those inside one another counted once.
    """

    file: str
    code: CodeType
    calls: int = 0
    seconds: float = 0.0
    again: int = 0
    again_s: float = 0.0
    is_plain: bool = True
    depth: int = 0
    again_depth: int = 0
    results: dict[bytes, bytes | None] = field(default_factory=dict)


@dataclass
class _Open:
    """A call that has not returned yet."""

    frame: FrameType
    called: Called
    key: bytes | None
    is_again: bool
    began: float


class Calls:
    """Profiles the threads that run event loops, and those started after the probe. Silent unless `is_counting`."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.is_counting = False
        self.reset()
        threading.setprofile(self.profile)
        sys.setprofile(self.profile)

    def reset(self) -> None:
        """Forget what was counted."""
        self._functions: dict[CodeType, Called | None] = {}
        self._open: dict[int, list[_Open]] = {}

    def profile(self, frame: FrameType, event: str, argument: Any) -> None:
        """What Python calls for every call and return."""
        if not self.is_counting:
            return
        if event == "call":
            called = self._called(frame.f_code)
            if called is not None:
                self._enter(frame, called)
        elif event == "return":
            self._leave(frame, argument)
        elif event == "c_call" and self._open.get(threading.get_ident()) and _is_outside(argument):
            for each in self._open[threading.get_ident()]:
                each.called.is_plain = False

    def _called(self, code: CodeType) -> Called | None:
        if code not in self._functions:
            file = self._places.file(code)
            is_counted = file is not None and not code.co_flags & _WAITS and not code.co_name.startswith("<")
            self._functions[code] = Called(file or "", code) if is_counted else None
        return self._functions[code]

    def _enter(self, frame: FrameType, called: Called) -> None:
        key = _key(_arguments(frame)) if called.is_plain else None
        is_again = key is not None and key in called.results
        if key is not None and not is_again and len(called.results) < _MOST_KEYS:
            called.results[key] = None
        called.calls += 1
        called.depth += 1
        called.again_depth += is_again
        self._open.setdefault(threading.get_ident(), []).append(_Open(frame, called, key, is_again, time.perf_counter()))

    def _leave(self, frame: FrameType, result: Any) -> None:
        stack = self._open.get(threading.get_ident())
        if not stack or stack[-1].frame is not frame:
            return
        ended = stack.pop()
        called, seconds = ended.called, time.perf_counter() - ended.began
        called.depth -= 1
        called.again_depth -= ended.is_again
        called.seconds += 0 if called.depth else seconds
        if ended.is_again:
            called.again += 1
            called.again_s += 0 if called.again_depth else seconds
        if ended.key in called.results:
            _compare(called, ended.key, _key(result))

    def seen(self) -> dict[str, Any]:
        """Functions that were called with the same arguments again, as plain data."""
        functions = [called for called in self._functions.values() if called is not None and called.is_plain and called.again]
        return {"functions": [_told(called) for called in functions]}


def _told(called: Called) -> dict[str, Any]:
    return {
        "place": (called.file, called.code.co_firstlineno, called.code.co_qualname),
        "calls": called.calls,
        "seconds": called.seconds,
        "distinct": len(called.results),
        "again": called.again,
        "again_seconds": called.again_s,
    }


def _compare(called: Called, key: bytes, result: bytes | None) -> None:
    """Hold a result against the last one for the same arguments."""
    last = called.results[key]
    if result is None or (last is not None and last != result):
        called.is_plain = False
    called.results[key] = result


def _arguments(frame: FrameType) -> tuple[Any, ...]:
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    values = frame.f_locals
    return tuple(values.get(name) for name in code.co_varnames[:count])


def _key(value: Any) -> bytes | None:
    """The same bytes for equal plain data; None for anything else, and for what is very long."""
    try:
        found = marshal.dumps(value, 2)  # later versions write how often a value is referred to
    except ValueError:
        return None
    if len(found) > _LONGEST:
        return None
    return found if len(found) <= _SHORT else hashlib.blake2b(found, digest_size=16).digest()


def _is_outside(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    if isinstance(owner, ModuleType):
        return owner.__name__ in _OUTSIDE or (owner.__name__ == "builtins" and function.__name__ in _BUILTINS)
    kind = owner if isinstance(owner, type) else type(owner)
    return kind.__module__ in _OUTSIDE or getattr(function, "__module__", None) in _OUTSIDE
