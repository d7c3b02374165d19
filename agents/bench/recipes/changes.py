"""What a recipe collects while it goes through a module: edits, helper functions, imports; and the text that comes of them."""

from collections.abc import Iterable, Mapping

import libcst as cst

from agents.bench.recipes.imports import Need, clash, with_imports
from agents.bench.recipes.recipe import Attempt
from agents.bench.recipes.source import Replace, Source
from agents.bench.recipes.writing import Line, statement


class Changes:
    """The changes of one module. A refusal is told, never raised: other places of the module may still be changed."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._edits: dict[cst.CSTNode, Replace] = {}
        self._needs: set[Need] = set()
        self._helpers: dict[str, str] = {}
        self._first = len(source.module.body)
        self._done: list[str] = []
        self._refused: list[str] = []
        self._taken = {each.value for each in source.all(cst.Name)}

    def free(self, wanted: str) -> str:
        """A name that nothing in the module has: this one, or one with a number."""
        name = next(each for each in (wanted, *(f"{wanted}_{count}" for count in range(2, 1000))) if each not in self._taken)
        self._taken.add(name)
        return name

    def refuse(self, node: cst.CSTNode, reason: str) -> None:
        """Says why a place stays as it is."""
        self._refused.append(f"{self.source.where(node)}: {reason}.")

    def change(self, node: cst.CSTNode, edits: Mapping[cst.CSTNode, Replace], about: str, needs: Iterable[Need], **helpers: str) -> None:
        """Takes the edits of one place with the imports and functions they need, or refuses; `about` says what was done there."""
        needs = set(needs)
        reason = clash(self.source, needs) or self._clash(helpers)
        if reason:
            self.refuse(node, reason)
            return
        self._edits |= edits
        self._needs |= needs
        self._helpers |= {name: code for name, code in helpers.items() if not self.source.bindings(name)}
        self._first = min(self._first, *(self._index(each) for each in edits))
        self._done.append(f"{self.source.where(node)}: {about}")

    def _clash(self, helpers: Mapping[str, str]) -> str:
        """The reason where a function's name means something else already; the very same function from an earlier change doesn't."""
        for name, code in helpers.items():
            others = self.source.bindings(name)
            if others and (others != {f".{name}"} or not self._has(name, code)):
                return f"“{name}” means something else in this file"
        return ""

    def _has(self, name: str, code: str) -> bool:
        wanted = self.source.code(statement(code, self.source.module)).strip()
        return any(
            isinstance(each, cst.FunctionDef) and each.name.value == name and self.source.code(each).strip() == wanted
            for each in self.source.module.body
        )

    def _index(self, node: cst.CSTNode) -> int:
        """Which statement of the module it is in."""
        return next(index for index, each in enumerate(self.source.module.body) if self.source.is_inside(node, each))

    def attempt(self) -> Attempt:
        """All of it on the text."""
        if not self._edits:
            return Attempt(self.source.text, refused=tuple(self._refused))
        module = self.source.replaced(self._edits)
        for code in self._helpers.values():
            module = _with_function(module, code, self._first)
        module = with_imports(module, self._needs)
        return Attempt(self.source.text_of(module), tuple(self._done), tuple(self._refused))


def _with_function(module: cst.Module, code: str, at: int) -> cst.Module:
    """The function before the statement at this place, two empty lines around it."""
    function = statement(code, module)
    body = list(module.body)
    if at > 0:
        function = function.with_changes(leading_lines=_empty(2))
    body[at] = _apart(body[at])
    return module.with_changes(body=[*body[:at], function, *body[at:]])


def _apart(line: Line) -> Line:
    lines = list(line.leading_lines)
    count = next((index for index, each in enumerate(lines) if each.comment is not None), len(lines))
    return line.with_changes(leading_lines=_empty(max(0, 2 - count)) + lines)


def _empty(count: int) -> list[cst.EmptyLine]:
    return [cst.EmptyLine(indent=False) for _ in range(count)]
