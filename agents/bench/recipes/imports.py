"""Imports that a changed module needs, put where a sorted module has them."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst

from agents.bench.recipes.nodes import dotted
from agents.bench.recipes.source import Source
from agents.bench.recipes.writing import Line, statement


@dataclass(frozen=True, order=True)
class Need:
    """`import module`, or `from module import name`."""

    module: str
    name: str = ""

    @property
    def bound(self) -> str:
        """The name that the module's code then uses."""
        return self.name or self.module


def clash(source: Source, needs: Iterable[Need]) -> str:
    """A reason not to: a needed name that means something else somewhere in the module. "" where there is none."""
    for need in needs:
        wanted = f"{need.module}.{need.name}" if need.name else need.module
        if source.bindings(need.bound) - {wanted}:
            return f"“{need.bound}” means something else in this file"
    return ""


def with_imports(module: cst.Module, needs: Iterable[Need]) -> cst.Module:
    """The module with these imports, those left out that it has."""
    for need in sorted(set(needs)):
        if not _has(module, need):
            module = _joined(module, need) or _added(module, need)
    return module


def _has(module: cst.Module, need: Need) -> bool:
    return any(need.bound in _bound(each) and _module_of(each) == need.module for each in _imports(module))


def _imports(module: cst.Module) -> list[cst.Import | cst.ImportFrom]:
    return [each for line in module.body if (each := _import_of(line))]


def _import_of(line: cst.CSTNode) -> cst.Import | cst.ImportFrom | None:
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        only = line.body[0]
        return only if isinstance(only, cst.Import | cst.ImportFrom) else None
    return None


def _module_of(node: cst.Import | cst.ImportFrom) -> str:
    if isinstance(node, cst.Import):
        return dotted(node.names[0].name)
    return "." * len(node.relative) + dotted(node.module)


def _bound(node: cst.Import | cst.ImportFrom) -> list[str]:
    """The names under which it gives what it imports, with no alias."""
    return [dotted(each.name) for each in _aliases(node) if each.asname is None]


def _aliases(node: cst.Import | cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    return () if isinstance(node.names, cst.ImportStar) else node.names


def _joined(module: cst.Module, need: Need) -> cst.Module | None:
    """Into an import from the same module that stands in one line; None where there is none."""
    for index, line in enumerate(module.body):
        node = _import_of(line)
        if isinstance(line, cst.SimpleStatementLine) and isinstance(node, cst.ImportFrom) and _can_join(node, need):
            aliases = [*_aliases(node), cst.ImportAlias(name=cst.Name(need.name))]
            ordered = sorted(aliases, key=lambda each: dotted(each.name)) if _is_sorted(node) else aliases
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            names = [each.with_changes(comma=comma) for each in ordered[:-1]] + [ordered[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
            new = line.with_changes(body=[node.with_changes(names=names)])
            return module.with_changes(body=[*module.body[:index], new, *module.body[index + 1 :]])
    return None


def _can_join(node: cst.ImportFrom, need: Need) -> bool:
    return bool(need.name) and _module_of(node) == need.module and node.lpar is None and not isinstance(node.names, cst.ImportStar)


def _is_sorted(node: cst.ImportFrom) -> bool:
    names = [dotted(each.name) for each in _aliases(node)]
    return names == sorted(names)


def _added(module: cst.Module, need: Need) -> cst.Module:
    """As a line of its own: among the imports of the standard library that come first, else before all else."""
    code = f"from {need.module} import {need.name}\n" if need.name else f"import {need.module}\n"
    line = statement(code, module)
    first = _after_head(module)
    group = _first_group(module, first)
    at = first + sum(_order(each) < (bool(need.name), need.module) for each in group)
    body = list(module.body)
    if at == first and at < len(body):
        line, body[at] = _led(line, body[at], has_head=first > 0, has_group=bool(group))
    return module.with_changes(body=[*body[:at], line, *body[at:]])


def _after_head(module: cst.Module) -> int:
    """The place after the docstring and what comes from __future__."""
    at = 0
    for index, line in enumerate(module.body):
        node = _import_of(line)
        is_docstring = index == 0 and module.get_docstring() is not None
        if not is_docstring and not (isinstance(node, cst.ImportFrom) and _module_of(node) == "__future__"):
            break
        at = index + 1
    return at


def _first_group(module: cst.Module, first: int) -> list[cst.Import | cst.ImportFrom]:
    """The imports from there to the first empty line, if they are of the standard library."""
    group: list[cst.Import | cst.ImportFrom] = []
    for index, line in enumerate(module.body[first:]):
        node = _import_of(line)
        is_apart = index > 0 and isinstance(line, cst.SimpleStatementLine) and any(each.comment is None for each in line.leading_lines)
        if node is None or is_apart:
            break
        group.append(node)
    return group if group and all(_module_of(each).split(".")[0] in sys.stdlib_module_names for each in group) else []


def _order(node: cst.Import | cst.ImportFrom) -> tuple[bool, str]:
    return isinstance(node, cst.ImportFrom), _module_of(node)


def _led(line: Line, after: Line, *, has_head: bool, has_group: bool) -> tuple[Line, Line]:
    """Empty lines around a line that is now before `after`: it takes those of the group it leads, else it is a group of its own."""
    lines = list(getattr(after, "leading_lines", ()))
    empty = next((index for index, each in enumerate(lines) if each.comment is not None), len(lines))
    if has_group:
        return line.with_changes(leading_lines=lines[:empty]), after.with_changes(leading_lines=lines[empty:])
    before = [cst.EmptyLine(indent=False)] if has_head else []
    wanted = 2 if isinstance(after, cst.FunctionDef | cst.ClassDef) else 1
    between = [cst.EmptyLine(indent=False) for _ in range(max(wanted, empty))]
    return line.with_changes(leading_lines=before), after.with_changes(leading_lines=[*between, *lines[empty:]])
