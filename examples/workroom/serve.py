"""A Workroom of its own for scenarios and measurements: an empty database in a temporary folder, served by this very process until SIGTERM.

python serve.py PORT

Being the server itself, it can be looked at from inside (`manage.py perf`), which a server in a child process can't.
"""

import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_OTHERS = ("DATABASE_URL", "REDIS_URL", "DJANGO_")


def main(port: str) -> None:
    """Make the database, then become the server."""
    for name in [name for name in os.environ if name.startswith(_OTHERS)]:
        del os.environ[name]
    os.chdir(ROOT)
    sys.path[0] = str(ROOT)
    with tempfile.TemporaryDirectory(prefix="workroom-") as folder:
        os.environ |= {"WORKROOM_DEBUG": "1", "WORKROOM_DATA_DIR": folder}
        migrate = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
        subprocess.run(migrate, check=True)  # noqa: S603 - a command of this project
        sys.argv = ["manage.py", "serve", "--port", port]
        runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1])
