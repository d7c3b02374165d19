"""The link between Django's templates and the front-end build."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template

MANIFEST = {
    "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"]},
    "_deep.js": {"file": "assets/deep-1.js", "imports": ["_shared.js"]},
    "boards/ui/board.tsx": {
        "file": "assets/board-1.js",
        "isEntry": True,
        "imports": ["_deep.js", "_shared.js"],
        "css": ["assets/board-1.css"],
    },
}


@pytest.fixture
def frontend(tmp_path: Path, settings: Any) -> Path:
    settings.WORKROOM_FRONTEND = tmp_path
    return tmp_path


def build(frontend: Path) -> None:
    path = frontend / ".vite" / "manifest.json"
    path.parent.mkdir()
    path.write_text(json.dumps(MANIFEST))


def render(tag: str) -> str:
    return Template("{% load vite %}" + tag).render(Context())


def test_entry_brings_its_styles_and_those_of_what_it_imports_once(frontend: Path) -> None:
    build(frontend)
    html = render('{% vite "boards/ui/board.tsx" %}')
    assert html == (
        '<link rel="stylesheet" href="/static/dist/assets/shared-1.css">'
        '<link rel="stylesheet" href="/static/dist/assets/board-1.css">'
        '<link rel="modulepreload" href="/static/dist/assets/shared-1.js">'
        '<link rel="modulepreload" href="/static/dist/assets/deep-1.js">'
        '<script type="module" src="/static/dist/assets/board-1.js"></script>'
    )


def test_a_built_front_end_needs_no_banner(frontend: Path) -> None:
    build(frontend)
    assert render("{% vite_missing %}") == ""


def test_missing_build_is_told_with_the_command_that_makes_it(frontend: Path) -> None:
    assert "make setup" in render("{% vite_missing %}")
    assert render('{% vite "boards/ui/board.tsx" %}') == ""
