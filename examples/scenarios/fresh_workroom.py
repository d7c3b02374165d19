"""A Workroom of its own for scenarios: an empty database in a temporary folder, served until SIGTERM, and then gone.

python fresh_workroom.py PORT
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("WORKROOM_", "DATABASE_URL", "REDIS_URL", "DJANGO_")


def main(port: str) -> int:
    """The server's exit status."""
    signal.signal(signal.SIGTERM, _leave)
    with tempfile.TemporaryDirectory(prefix="workroom-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        environ = kept | {"WORKROOM_DEBUG": "1", "WORKROOM_DATA_DIR": folder, "WORKROOM_RULES_PACE_MS": "0"}
        _manage(environ, "migrate", "--noinput", "--verbosity", "0")
        return _manage(environ, "serve", "--port", port)


def _manage(environ: dict[str, str], *arguments: str) -> int:
    """The exit status of a management command; it is asked to end when this process is, and waited for."""
    command = [sys.executable, "manage.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:  # noqa: S603 - a command of this project
        try:
            return process.wait()
        finally:
            process.terminate()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
