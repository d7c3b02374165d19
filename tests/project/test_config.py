"""A wrong setting stops the start with a sentence that names it, never with a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"WORKROOM_SECRET_KEY": "s" * 40}


def start(tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Django loaded with these settings alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WORKROOM_", "DATABASE_URL", "REDIS_URL"))}
    settings = {"WORKROOM_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", **environ}
    command = [sys.executable, "-c", "from django.conf import settings; print(settings.SECRET_KEY[:4], settings.DEBUG)"]
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
        ({**GOOD, "WORKROOM_LIMITS": "{"}, "limits"),
        ({**GOOD, "WORKROOM_LIMITS": '{"sockets": 3}'}, "WORKROOM_LIMITS"),
        ({**GOOD, "DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_value_is_named(tmp_path: Path, environ: dict[str, str], named: str) -> None:
    refused = start(tmp_path, **environ)
    assert refused.returncode == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file-" + "x" * 32 + "\n")
    assert start(tmp_path, WORKROOM_SECRET_KEY_FILE=str(tmp_path / "key")).stdout.startswith("from")


def test_broken_config_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("launcher: [")
    refused = start(tmp_path, **GOOD, WORKROOM_CONFIG=str(tmp_path / "config.yaml"))
    assert refused.returncode == 2
    assert "WORKROOM_CONFIG" in refused.stderr
    assert "Traceback" not in refused.stderr
