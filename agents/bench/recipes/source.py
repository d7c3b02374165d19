"""A source text as a tree: where its nodes are, which function they are in, and what their names mean."""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, TypeVar

import libcst as cst
from libcst.metadata import BuiltinAssignment, CodeRange, GlobalScope, MetadataWrapper, PositionProvider, QualifiedNameSource, ScopeProvider

from agents.bench.recipes.nodes import parts, walk
from agents.bench.recipes.recipe import Place, Unreadable
from agents.bench.recipes.writing import Line

N = TypeVar("N", bound=cst.CSTNode)
Replace: TypeAlias = Callable[[cst.CSTNode], cst.CSTNode | cst.FlattenSentinel[cst.BaseStatement]]
"""Gets a node with the replacements inside it made, and gives what stands in its place."""

_BOM = "\ufeff"
_DEEPEST = 150


class Source:
    """One module. Unreadable where the text isn't Python, or is nested beyond what libcst stands."""

    def __init__(self, text: str) -> None:
        _check(text.removeprefix(_BOM))
        self.text = text
        self._bom = _BOM if text.startswith(_BOM) else ""
        wrapper = MetadataWrapper(cst.parse_module(text.removeprefix(_BOM)), unsafe_skip_copy=True)
        self.module = wrapper.module
        self._ranges: Mapping[cst.CSTNode, CodeRange] = wrapper.resolve(PositionProvider)
        self._scope_of = wrapper.resolve(ScopeProvider)
        self._scopes = {scope for scope in self._scope_of.values() if scope is not None}
        self._parents = {child: node for node in walk(self.module) for child in parts(node)}

    def text_of(self, module: cst.Module) -> str:
        """The text of a tree that was made from this one."""
        return self._bom + module.code

    def code(self, node: cst.CSTNode) -> str:
        """The text of one node."""
        return self.module.code_for_node(node)

    def all(self, kind: type[N], inside: cst.CSTNode | None = None) -> list[N]:
        """All nodes of a kind, in the order of the text."""
        return [node for node in walk(inside or self.module) if isinstance(node, kind)]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around it, None for the module."""
        return self._parents.get(node)

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around it, the nearest first, up to the module."""
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def is_inside(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        """Whether `node` is `outer` or a part of it."""
        return node is outer or any(each is outer for each in self.around(node))

    def range(self, node: cst.CSTNode) -> CodeRange:
        """First and last line and column; leading comments don't count."""
        return self._ranges[node]

    def line(self, node: cst.CSTNode) -> int:
        """Its first line, from 1."""
        return self._ranges[node].start.line

    def column(self, node: cst.CSTNode) -> int:
        """How far a statement is indented; a tab counts as four."""
        return self._ranges[node].start.column * (4 if "\t" in self.module.default_indent else 1)

    def function_of(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """The function that runs this node when it is called: defaults, decorators and annotations belong to the one outside."""
        inner = node
        for each in self.around(node):
            if isinstance(each, cst.FunctionDef | cst.Lambda) and each.body is inner:
                return each
            inner = each
        return None

    def title(self, node: cst.CSTNode) -> str:
        """The names of the classes and functions around it (and its own), as in `Board.move`."""
        names = [each.name.value for each in (node, *self.around(node)) if isinstance(each, cst.FunctionDef | cst.ClassDef)]
        return ".".join(reversed(names))

    def where(self, node: cst.CSTNode) -> str:
        """Its place for people: `line 40 in Board.move`."""
        title = self.title(node)
        return f"line {self.line(node)} in {title}" if title else f"line {self.line(node)}"

    def is_at(self, node: cst.CSTNode, place: Place) -> bool:
        """Whether the place points to the function that the node is in, or to the node."""
        if not place.function and place.line is None:
            return True
        functions = [each for each in (node, *self.around(node)) if isinstance(each, cst.FunctionDef)]
        if place.function:
            wanted = place.function.replace(".<locals>", "")
            return any(f".{self.title(each)}".endswith(f".{wanted}") for each in functions)
        return any(self._covers(each, place.line) for each in (*functions, node))

    def _covers(self, node: cst.CSTNode, line: int | None) -> bool:
        span = self.range(node)
        return line is not None and span.start.line <= line <= span.end.line

    def meaning(self, node: cst.CSTNode) -> str:
        """The full name of what is imported or built in, as in `time.sleep` or `builtins.len`; "" for all else, and when unsure."""
        scope = self._scope_of.get(node)
        names = scope.get_qualified_names_for(node) if scope is not None else set()
        if len(names) != 1:
            return ""
        (name,) = names
        return "" if name.source is QualifiedNameSource.LOCAL else name.name

    def bindings(self, name: str) -> set[str]:
        """What the module gives this name to, anywhere in it: full names, those of its own code with a leading dot."""
        found = [each for scope in self._scopes for each in scope.assignments[name] if not isinstance(each, BuiltinAssignment)]
        return {
            ("" if full.source is QualifiedNameSource.IMPORT else ".") + full.name
            for each in found
            for full in each.get_qualified_names_for(name)
        }

    def times_bound(self, name: str) -> int:
        """How often the module itself, outside of its functions and classes, gives this name a value."""
        own = [each for scope in self._scopes if isinstance(scope, GlobalScope) for each in scope.assignments[name]]
        return sum(not isinstance(each, BuiltinAssignment) for each in own)

    def apart(self, line: Line) -> list[cst.EmptyLine]:
        """What leads a statement, with an empty line before it unless it is the first of its block: for a function in its place."""
        above = list(line.leading_lines)
        parent = self.parent(line)
        is_first = isinstance(parent, cst.IndentedBlock) and parent.body[0] is line
        is_apart = is_first or any(each.comment is None for each in above)
        return above if is_apart else [cst.EmptyLine(indent=False), *above]

    def replaced(self, edits: Mapping[cst.CSTNode, Replace]) -> cst.Module:
        """The module with these nodes replaced."""
        return self.module.visit(_Replacer(edits))


class _Replacer(cst.CSTTransformer):
    def __init__(self, edits: Mapping[cst.CSTNode, Replace]) -> None:
        super().__init__()
        self._edits = edits

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> object:  # type: ignore[override]  # a node becomes one of another kind
        edit = self._edits.get(original_node)
        return edit(updated_node) if edit else updated_node


def _check(text: str) -> None:
    """Unreadable where libcst must not get the text: its parser ends the whole process at some 1,000 brackets in each other.

    Python's own parser stops at 200 of them. Long chains, as of 3,000 additions, take libcst half a minute.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno or 1}: this can't be read as Python: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"this can't be read as Python: {str(error) or type(error).__name__}") from error
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise Unreadable("it is nested too deeply to be read")
