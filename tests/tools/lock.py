"""`make lock`: writes requirements.txt and requirements-dev.txt from pyproject.toml, one tested set each, with hashes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--upgrade", "--quiet"]
BARE = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
# pyproject.toml limits the lock to these interpreters, so the markers that say so again are noise on every line.
NOISE = re.compile(
    r"( ;| and) platform_python_implementation == 'CPython' and \(sys_platform == 'darwin' or sys_platform == 'linux'\)"
    r"| ; implementation_name != '(pypy|PyPy)'"
)


def lock(target: str, *options: str) -> None:
    """Resolve pyproject.toml into `target`."""
    subprocess.run(["uv", "pip", "compile", "pyproject.toml", *OPTIONS, *BARE, *options, "--output-file", target], cwd=ROOT, check=True)
    path = ROOT / target
    path.write_text(NOISE.sub("", path.read_text()))


if __name__ == "__main__":
    if shutil.which("uv") is None:
        sys.exit("make lock needs uv on PATH: pip install uv")
    lock("requirements.txt")
    lock("requirements-dev.txt", "--group", "dev", "--constraints", "requirements.txt")
