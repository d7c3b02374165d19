"""The documents name everything a reader may use, and their links lead somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from agents.services.budget import OverBudget
from agents.services.recovery import OUTCOME_UNKNOWN
from project import routing
from project.config import Config
from project.limits import Limits
from project.realtime.commands import CommandSpec
from project.realtime.events import event_types
from project.realtime.frames import CLOSE_NAMES

ROOT = Path(__file__).resolve().parents[2]
# `](target)` of Markdown, without titles; absolute addresses and anchors of the same page are not files.
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
# `](target#anchor)`: a place in a document.
PLACE = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")
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


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_places_in_documents_are_there(document: Path) -> None:
    places = PLACE.findall(document.read_text(encoding="utf-8"))
    wanted = [(document.parent / target if target else document, anchor) for target, anchor in places]
    assert [(path.name, anchor) for path, anchor in wanted if anchor not in anchors(path)] == []


def anchors(document: Path) -> set[str]:
    """What the headings of a document are called in links."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


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


def test_every_error_code_says_what_to_do() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?: · )?)+) \|", read("docs/AGENTS.md"), re.MULTILINE)
    explained = {code for cell in rows for code in re.findall(r"`(\w+)`", cell)}
    codes = error_codes()
    assert {"invalid", "model_busy", "worker_lost", "outcome_unknown", "steps_limit", "too_slow"} <= codes
    assert codes - explained == set()


def error_codes() -> set[str]:
    """Every code that clients may be told: of refusals, runs, tool calls and closed sockets."""
    sources = [path for app in ("agents", "boards", "project", "sessions") for path in (ROOT / app).rglob("*.py")]
    written = {code for path in sources for code in _codes_in(ast.parse(path.read_text(encoding="utf-8")))}
    used_up = {OverBudget(what, 1).reason for what in ("steps", "tokens", "cost_usd", "seconds", "events")}
    return written - {OverBudget.code} | used_up | {OUTCOME_UNKNOWN} | set(CLOSE_NAMES.values())


def _codes_in(tree: ast.AST) -> Iterator[str]:
    """What a class has as its `code`, and what an ErrorObject is given as one."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name("code")], value=ast.Constant(str() as code)):
                yield code
            case ast.Assign(targets=[ast.Tuple([ast.Name("code"), *_])], value=ast.Tuple([ast.Constant(str() as code), *_])):
                yield code
            case ast.AnnAssign(target=ast.Name("code"), value=ast.Constant(str() as code)):
                yield code
            case ast.Call(func=ast.Name("ErrorObject"), keywords=keywords):
                yield from (str(each.value.value) for each in keywords if each.arg == "code" and isinstance(each.value, ast.Constant))


def test_every_limit_is_named_with_its_default() -> None:
    text = read("docs/OPERATIONS.md")
    shown = {each.name: f"`{each.name}` {getattr(Limits(), each.name):,.0f}" for each in fields(Limits)}
    assert shown
    assert sorted(name for name, wanted in shown.items() if not re.search(rf"{re.escape(wanted)}(?![\d,])", text)) == []


def test_agents_document_has_its_parts() -> None:
    parts = re.findall(r"^## (.+)$", read("docs/AGENTS.md"), re.MULTILINE)
    wanted = {
        "Architecture", "Writing a tool", "Writing a workflow", "Writing an agent", "Rules and language models", "Configuring a model",
        "Working in sessions", "Tuning", "Resource limits and recommendations", "Error codes", "Troubleshooting",
    }  # fmt: skip
    assert wanted <= set(parts)
