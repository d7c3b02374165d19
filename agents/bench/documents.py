"""YAML and JSON texts as plain data, and the place in the text of each part of it.

The values are JSON's (YAML 1.2's core schema): `yes` and `on` are texts, dates too, keys are always texts, and no key comes twice.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agents.bench.errors import BadFile

Loc = Sequence[int | str]
"""The way to a part of a document: keys and indexes from its root."""

_MOST_BYTES = 1_000_000
_MOST_NODES = 100_000
_DEEPEST = 64
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    """Knows which plain texts are values of JSON."""

    yaml_implicit_resolvers = {}


_Loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(f"{_TAG}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    f"{_TAG}float", re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), list("-+.0123456789")
)


@dataclass(frozen=True)
class Document:
    """A text that was read: its plain data as `value`, and where each part is. `name` is what its places begin with."""

    name: str
    value: Any
    _root: yaml.Node | None

    def line(self, loc: Loc) -> int | None:
        """The line of this part, from 1; of the nearest part around it where it isn't there itself."""
        node = self._find(loc)[0]
        return node.start_mark.line + 1 if node else None

    def place(self, loc: Loc, *, of_key: bool = False) -> str:
        """`file:line:column` of this part, or of its key."""
        node = self._find(loc, of_key=of_key)[0]
        return _place(self.name, node.start_mark if node else None)

    def position(self, loc: Loc) -> tuple[int, int]:
        """Line and column, to sort by."""
        node = self._find(loc)[0]
        return (node.start_mark.line, node.start_mark.column) if node else (0, 0)

    def keys(self, loc: Loc) -> list[str]:
        """Those parts of `loc` that are in the text; names that a shape gives to its own branches are not."""
        return self._find(loc)[1]

    def _find(self, loc: Loc, *, of_key: bool = False) -> tuple[yaml.Node | None, list[str]]:
        node, keys = self._root, []
        for index, part in enumerate(loc):
            found = _child(node, part, wants_key=of_key and index == len(loc) - 1)
            if found is not None:
                node = found
                keys.append(str(part))
        return node, keys


def read_document(path: Path) -> Document:
    """The document in a file. BadFile where there is none, it is too long, or can't be read as YAML or JSON."""
    return parse_document(read_text(path), name=str(path))


def read_text(path: Path) -> str:
    """The text of a file; BadFile where there is none, it is too long, or isn't text."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise BadFile(f"{path} is longer than {_MOST_BYTES:,} bytes.")
        return raw.decode()
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} isn't UTF-8 text.") from error


def parse_document(text: str, *, name: str = "<text>") -> Document:
    """The document in `text`. BadFile says at which line and column it can't be read."""
    try:
        _check_depth(text, name)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        told = " ".join(part for part in (error.problem, error.context) if part)
        raise BadFile(f"{_place(name, error.problem_mark or error.context_mark)}: {told}") from error
    except yaml.reader.ReaderError as error:
        raise BadFile(f"{_place_at(name, text, error.position)}: a character that no YAML may have: {error.reason}") from error
    return Document(name, _Values(name).of(root) if root is not None else None, root)


def _check_depth(text: str, name: str) -> None:
    """Refuse what is nested too deep before anything recursive reads it: libyaml's composer would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise BadFile(f"{_place(name, event.start_mark)}: nested deeper than {_DEEPEST} levels")


class _Values:
    """The plain data of a document's nodes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._around: list[yaml.Node] = []

    def of(self, node: yaml.Node) -> Any:
        """The value of one node and of what is in it."""
        self._count += 1
        if self._count > _MOST_NODES:
            raise self._bad(node, f"more than {_MOST_NODES:,} values, those of repeated anchors included")
        if node in self._around:
            raise self._bad(node, "this contains itself")
        self._around.append(node)
        try:
            return self._value(node)
        finally:
            self._around.pop()

    def _value(self, node: yaml.Node) -> Any:
        match node, node.tag.removeprefix(_TAG):
            case yaml.MappingNode(), "map":
                return self._mapping(node)
            case yaml.SequenceNode(), "seq":
                return [self.of(item) for item in node.value]
            case yaml.ScalarNode(), "str":
                return node.value
            case yaml.ScalarNode(), "null":
                return None
            case yaml.ScalarNode(), "bool":
                return node.value.lower() == "true"
            case yaml.ScalarNode(), "int" | "float" as kind:
                return self._number(node, kind)
            case _:
                raise self._bad(node, f"a tag that isn't used here: {node.tag}")

    def _number(self, node: yaml.Node, kind: str) -> int | float:
        try:
            number = int(node.value) if kind == "int" else float(node.value)
            if math.isfinite(number):
                return number
        except (ValueError, OverflowError):  # so many digits that it can't be a number at all, or can't be a fraction
            pass
        raise self._bad(node, "a number that is too large")

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._bad(key, "a key is a text")
            if key.value in values:
                raise self._bad(key, f"{key.value}: this key comes twice")
            values[key.value] = self.of(child)
        return values

    def _bad(self, node: yaml.Node, message: str) -> BadFile:
        return BadFile(f"{_place(self._name, node.start_mark)}: {message}")


def _child(node: yaml.Node | None, part: int | str, *, wants_key: bool) -> yaml.Node | None:
    """The child of `node` under `part`, or its key's own node."""
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            if key.value == str(part):
                found: yaml.Node = key if wants_key else child
                return found
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item
    return None


def _place(name: str, mark: Any) -> str:
    return f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name


def _place_at(name: str, text: str, position: int) -> str:
    before = text[:position]
    return f"{name}:{before.count(chr(10)) + 1}:{position - before.rfind(chr(10))}"
