"""Where in the project something happens: frames of its own files only, innermost first."""

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Place = tuple[str, int, str]
"""File relative to the project's folder, line, function."""

Stack = tuple[Place, ...]

_FOREIGN = ("site-packages", "dist-packages", "node_modules", ".venv", "venv")
_DEEPEST = 400
_KEPT = 8
_COROUTINES = inspect.CO_COROUTINE | inspect.CO_ITERABLE_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class Places:
    """Knows the project's files. Frames of anything else are passed over."""

    def __init__(self, root: Path) -> None:
        self._root = str(root.resolve()) + os.sep
        self._known: dict[str, str | None] = {}

    def file(self, code: CodeType) -> str | None:
        """The code's file, relative to the project; None where it isn't the project's."""
        name = code.co_filename
        if name not in self._known:
            self._known[name] = self._look_up(name)
        return self._known[name]

    def _look_up(self, name: str) -> str | None:
        path = os.path.realpath(name)
        if not path.startswith(self._root):
            return None
        inside = path[len(self._root) :]
        return None if any(part in _FOREIGN for part in inside.split(os.sep)) else inside

    def stack(self, frame: FrameType | None, base: FrameType | None = None) -> Stack:
        """The project's part of a stack of calls, down to `base`."""
        return self._kept(_up(frame, base))

    def busy(self, frame: FrameType | None, base: FrameType | None) -> Stack:
        """The same of a loop's thread that runs something; nothing where the project only awaits what others' coroutines do.

        `base` is where the loop was started: what started it isn't what holds it up.
        """
        inner: FrameType | None = None
        for each in _up(frame, base):
            if self.file(each.f_code) is not None:
                is_awaiting = inner is not None and inner.f_code.co_flags & _COROUTINES
                return () if is_awaiting else self.stack(each, base)
            inner = each
        return ()

    def chain(self, coroutine: Any) -> Stack:
        """The project's part of where a coroutine waits, through all that it awaits."""
        return self._kept(reversed(list(_down(coroutine))))

    def _kept(self, frames: Iterator[FrameType]) -> Stack:
        found: list[Place] = []
        for frame in frames:
            file = self.file(frame.f_code)
            if file is not None:
                found.append((file, frame.f_lineno or frame.f_code.co_firstlineno, frame.f_code.co_qualname))
                if len(found) == _KEPT:
                    break
        return tuple(found)


def _up(frame: FrameType | None, base: FrameType | None) -> Iterator[FrameType]:
    for _ in range(_DEEPEST):
        if frame is None or frame is base:
            return
        yield frame
        frame = frame.f_back


def _down(awaited: Any) -> Iterator[FrameType]:
    """The frames of a coroutine and of what it awaits, the outermost first."""
    for _ in range(_DEEPEST):
        frame, inner = _of(awaited)
        if frame is not None:
            yield frame
        if inner is None:
            return
        awaited = inner


def _of(awaited: Any) -> tuple[FrameType | None, Any]:
    """The frame of something awaited, and what that awaits."""
    for frame, inner in (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await")):
        if hasattr(awaited, frame):
            return getattr(awaited, frame), getattr(awaited, inner)
    return None, None
