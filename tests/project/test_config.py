"""A wrong setting stops the start with a sentence that names it, never with a traceback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"WORKROOM_SECRET_KEY": "s" * 40}


SHOW = "print(settings.SECRET_KEY[:4], settings.DEBUG)"


def start(tmp_path: Path, show: str = SHOW, **environ: str) -> subprocess.CompletedProcess[str]:
    """Django loaded with these settings alone; `show` prints what is asked of them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WORKROOM_", "DATABASE_URL", "REDIS_URL"))}
    settings = {"WORKROOM_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", **environ}
    command = [sys.executable, "-c", f"from django.conf import settings; {show}"]
    return subprocess.run(command, cwd=ROOT, env=kept | settings, capture_output=True, text=True, timeout=50, check=False)


def test_development_keeps_a_key_of_its_own(tmp_path: Path) -> None:
    first, second = start(tmp_path, WORKROOM_DEBUG="1"), start(tmp_path, WORKROOM_DEBUG="1")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert first.stdout.endswith("False\n")
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "WORKROOM_SECRET_KEY"),
        ({"WORKROOM_SECRET_KEY": "short"}, "WORKROOM_SECRET_KEY"),
        ({"WORKROOM_SECRET_KEY_FILE": "/nowhere/key"}, "WORKROOM_SECRET_KEY_FILE"),
        ({**GOOD, "WORKROOM_LAUNCHER": "rocket"}, "WORKROOM_LAUNCHER"),
        ({**GOOD, "WORKROOM_RULES_PACE_MS": "fast"}, "WORKROOM_RULES_PACE_MS"),
        ({**GOOD, "WORKROOM_FETCH_HOSTS": "example.org, https://docs.example.org"}, "WORKROOM_FETCH_HOSTS"),
        ({**GOOD, "WORKROOM_FETCH_HOSTS": "münchen.example"}, "WORKROOM_FETCH_HOSTS"),
        ({**GOOD, "WORKROOM_LIMITS": "{"}, "limits"),
        ({**GOOD, "WORKROOM_LIMITS": '{"sockets": 3}'}, "WORKROOM_LIMITS"),
        ({**GOOD, "WORKROOM_LIMITS": '{"text_chars": -1}'}, "limits.text_chars"),
        ({**GOOD, "WORKROOM_LIMITS": '{"commands_per_s": 0}'}, "commands_per_s"),
        ({**GOOD, "DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({**GOOD, "DATABASE_URL": "postgres://me@host:port/y"}, "DATABASE_URL"),
        ({**GOOD, "DATABASE_URL": "postgres://me@host/y?sslmode=require"}, "DATABASE_URL"),
        ({**GOOD, "REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({**GOOD, "WORKROOM_ORIGINS": "board.example.org"}, "WORKROOM_ORIGINS"),
        ({**GOOD, "WORKROOM_ORIGINS": "https://board.example.org, https://b.example/"}, "WORKROOM_ORIGINS"),
        ({**GOOD, "WORKROOM_MODEL_BASE_URL": "ftp://models.example", "WORKROOM_MODEL": "m"}, "WORKROOM_MODEL_BASE_URL"),
        ({**GOOD, "WORKROOM_MODEL_BASE_URL": "http://127.0.0.1:port/v1", "WORKROOM_MODEL": "m"}, "WORKROOM_MODEL_BASE_URL"),
        ({**GOOD, "WORKROOM_MODEL_BASE_URL": "http://127.0.0.1:99999/v1", "WORKROOM_MODEL": "m"}, "WORKROOM_MODEL_BASE_URL"),
        ({**GOOD, "WORKROOM_MODEL_BASE_URL": "http://exa mple/v1", "WORKROOM_MODEL": "m"}, "WORKROOM_MODEL_BASE_URL"),
        ({**GOOD, "WORKROOM_MODEL_BASE_URL": "https://models.example"}, "WORKROOM_MODEL"),
        ({**GOOD, "WORKROOM_MODEL": "m"}, "WORKROOM_MODEL_BASE_URL"),
        ({**GOOD, "WORKROOM_AGENTS": '{"robo": {"temperature": 9}}'}, "agents.robo.temperature"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_value_is_named(tmp_path: Path, environ: dict[str, str], named: str) -> None:
    refused = start(tmp_path, **environ)
    assert refused.returncode == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(("origin", "is_safe"), [("https://board.example.org", True), ("http://127.0.0.1:8000", False)])
def test_https_origins_protect_the_cookies(tmp_path: Path, origin: str, is_safe: bool) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_HTTPONLY")
    show = f"print([bool(getattr(settings, name)) for name in {names}], settings.SESSION_COOKIE_SAMESITE)"
    started = start(tmp_path, show, **GOOD, WORKROOM_ORIGINS=origin)
    assert started.stdout == f"{[is_safe] * 4 + [True]} Lax\n", started.stderr


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file-" + "x" * 32 + "\n")
    assert start(tmp_path, WORKROOM_SECRET_KEY_FILE=str(tmp_path / "key")).stdout.startswith("from")


def test_broken_config_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("launcher: [")
    refused = start(tmp_path, **GOOD, WORKROOM_CONFIG=str(tmp_path / "config.yaml"))
    assert refused.returncode == 2
    assert "WORKROOM_CONFIG" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour: blue", "colour"),
        ("agents: {robo: {modle: x}}", "agents.robo.modle"),
        ("agents: {robo: {temperature: hot}}", "agents.robo.temperature"),
        ("agents: {robo: {max_tokens: 0}}", "agents.robo.max_tokens"),
        ("agents: {robo: {budget: {steps: none}}}", "agents.robo.budget.steps"),
        ("agents: {robo: {base_url: 'file:///etc/passwd', model: x}}", "agents.robo.base_url"),
        ("agents: {robo: {base_url: 'https://models.example'}}", "agents.robo"),
        ("agents: {robo: {model: x}}", "agents.robo.model"),
        ("agents: {robo: {base_url: 'https://models.example', model: x, api_key_file: /nowhere}}", "api_key_file"),
        ("model_prices: {m: {input: -1, output: 1}}", "model_prices.m.input"),
        ("limits: {sockets: 3}", "sockets"),
        ("workspaces: {shop: {path: projects/shop}}", "workspaces.shop"),
        ("workspaces: {Shop: {path: /srv/shop}}", "workspaces.shop"),
        ("workspaces: {shop: {path: /srv/shop, boards: [launch]}}", "workspaces.shop.boards"),
        ("workspaces: {shop: {path: /}}", "workspaces.shop"),
    ],
)
def test_wrong_line_of_the_config_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    refused = start(tmp_path, **GOOD, WORKROOM_CONFIG=str(tmp_path / "config.yaml"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_workspace_that_holds_the_data_folder_is_refused(tmp_path: Path) -> None:
    refused = start(tmp_path, **GOOD, WORKROOM_WORKSPACES=json.dumps({"all": {"path": str(tmp_path.parent)}}))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "workspaces.all.path holds the data folder" in refused.stderr


def test_places_that_hold_secrets_are_known(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 40)
    given = {
        "WORKROOM_SECRET_KEY_FILE": str(tmp_path / "key"),
        "WORKROOM_CONFIG": str(tmp_path / "config.yaml"),
        "DATABASE_URL": f"sqlite://{tmp_path}/elsewhere.sqlite3",
    }
    found = start(tmp_path / "data", "print(*sorted(path.name for path in settings.WORKROOM_SECRET_PLACES))", **given)
    assert found.stdout.split() == ["config.yaml", "data", "elsewhere.sqlite3", "elsewhere.sqlite3-shm", "elsewhere.sqlite3-wal", "key"]


EXAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLE.findall((ROOT / "docs/OPERATIONS.md").read_text(encoding="utf-8")))
def test_examples_of_the_documents_are_taken(tmp_path: Path, example: str) -> None:
    (tmp_path / "config.yaml").write_text(example)
    started = start(tmp_path, **GOOD, WORKROOM_CONFIG=str(tmp_path / "config.yaml"), REDIS_URL="", DATABASE_URL="")
    assert started.returncode == 0, started.stderr


def test_environment_comes_before_the_config_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("secret_key: " + "f" * 40)
    given = {"WORKROOM_CONFIG": str(tmp_path / "config.yaml")}
    assert start(tmp_path, **given).stdout.startswith("ffff")
    assert start(tmp_path, **GOOD, **given).stdout.startswith("ssss")
