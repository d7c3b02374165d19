"""Statements sent to databases and JSON texts written, counted by who asked for them."""

import importlib.abc
import importlib.machinery
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .places import Places, Stack

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|%s|\$\d+|\?|(?<!:):\w+")
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_LONGEST = 1_000
_LARGE = 8_192


def shape_of(statement: str) -> str:
    """The statement with its values left out, so that repetitions are the same text."""
    return _LIST.sub("(?)", " ".join(_LITERAL.sub("?", statement[:_LONGEST]).split()))


class Statements:
    """Hooks sqlite3, psycopg once somebody imports it, and json.dumps. Counts only while `is_counting`."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.is_counting = False
        self.reset()
        self._hook_sqlite()
        self._hook_json()
        sys.meta_path.insert(0, _AfterImport("psycopg", self._hook_psycopg))

    def reset(self) -> None:
        """Forget what was counted."""
        self.statements: Counter[tuple[str, Stack]] = Counter()
        self.texts: dict[Stack, list[int]] = {}

    def _note(self, statement: str) -> None:
        if self.is_counting:
            # Frames: this one, the hook, and whoever called it.
            self.statements[shape_of(statement), self._places.stack(sys._getframe(2))] += 1

    def _hook_sqlite(self) -> None:
        real = sqlite3.connect

        def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
            made: sqlite3.Connection = real(*arguments, **options)
            made.set_trace_callback(traced)
            return made

        def traced(statement: str) -> None:
            self._note(statement)

        sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]  # the same but for overloads

    def _hook_psycopg(self, module: ModuleType) -> None:
        for name in ("Cursor", "AsyncCursor"):
            kind = getattr(module, name, None)
            if kind is not None:
                kind.execute = self._noting(kind.execute)

    def _noting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def execute(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
            self._note(query if isinstance(query, str) else str(query))
            return real(cursor, query, *arguments, **options)

        return execute

    def _hook_json(self) -> None:
        real = json.dumps

        def dumps(*arguments: Any, **options: Any) -> str:
            text = real(*arguments, **options)
            if self.is_counting and len(text) >= _LARGE:
                self.texts.setdefault(self._places.stack(sys._getframe(1)), []).append(len(text))
            return text

        json.dumps = dumps

    def seen(self) -> dict[str, Any]:
        """What was counted since the reset, as plain data."""
        return {
            "statements": [{"shape": key[0], "stack": key[1], "count": count} for key, count in self.statements.most_common(50)],
            "texts": [{"stack": stack, "count": len(sizes), "longest": max(sizes)} for stack, sizes in self.texts.items()],
        }


class _AfterImport(importlib.abc.MetaPathFinder):
    """Calls `then` with the module `name` right after it was imported."""

    def __init__(self, name: str, then: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        for finder in sys.meta_path:
            found = None if finder is self else finder.find_spec(fullname, path, target)
            if found is not None and found.loader is not None:
                found.loader = _Loader(found.loader, self._then)
                return found
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, real: Any, then: Callable[[ModuleType], None]) -> None:
        self._real = real
        self._then = then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._real.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._real.exec_module(module)
        self._then(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
