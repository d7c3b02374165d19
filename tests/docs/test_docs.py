"""The documents name everything a reader may use, and their links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from project import routing
from project.config import Config
from project.realtime.commands import CommandSpec
from project.realtime.events import event_types

ROOT = Path(__file__).resolve().parents[2]
# `](target)` of Markdown, without titles; absolute addresses and anchors of the same page are not files.
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
READ_DIRECTLY = re.compile(r"environ(?:\.get\(|\[)[\"'](WORKROOM_\w+)")


def read(*names: str) -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def unnamed(names: set[str], text: str) -> list[str]:
    """Those `names` that the text never writes as a word of code."""
    return sorted(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_to_a_file(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_make_target_is_named() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    assert targets
    assert unnamed({f"make {target}" for target in targets}, read("README.md", "CONTRIBUTING.md", "docs/OPERATIONS.md")) == []


def test_every_management_command_is_named() -> None:
    commands = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    assert commands
    assert unnamed({f"manage.py {command}" for command in commands}, read("README.md", "docs/OPERATIONS.md")) == []


def test_every_setting_is_named() -> None:
    sources = [path for app in ("agents", "boards", "project", "sessions", "tests") for path in (ROOT / app).rglob("*.py")]
    read_directly = {name for path in sources for name in READ_DIRECTLY.findall(path.read_text(encoding="utf-8"))}
    configured = {str(field.validation_alias or f"WORKROOM_{name.upper()}") for name, field in Config.model_fields.items()}
    assert configured
    assert read_directly
    assert unnamed(configured | read_directly, read("README.md", "CONTRIBUTING.md", "docs/OPERATIONS.md")) == []


def test_every_socket_command_is_named() -> None:
    tables = [value for value in vars(routing).values() if isinstance(value, Mapping)]
    commands = {spec.name for table in tables for spec in table.values() if isinstance(spec, CommandSpec)}
    assert commands
    assert unnamed(commands, read("docs/PROTOCOL.md")) == []


def test_every_event_type_is_named() -> None:
    # The protocol joins the three comment events in one word: comment_added|edited|deleted.
    joined = re.sub(r"\b(\w+)_(\w+)((?:\|\w+)+)", spell_out, read("docs/PROTOCOL.md"))
    assert event_types()
    assert unnamed(set(event_types()), joined) == []


def spell_out(match: re.Match[str]) -> str:
    noun, first, others = match.groups()
    return " ".join(f"{noun}_{verb}" for verb in [first, *others.strip("|").split("|")])
