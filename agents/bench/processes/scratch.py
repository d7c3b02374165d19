"""The folder of one run of a command: its log, its HOME and its TMPDIR."""

import os
import shutil
import tempfile
from pathlib import Path

LOG = "output.log"


def make() -> Path:
    """The real path of a new folder that nobody else can read, with `home` and `tmp` in it."""
    folder = Path(tempfile.mkdtemp(prefix="bench-")).resolve()
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    return folder


def remove(folder: Path) -> None:
    """Remove it with all in it, folders that a command has made read-only included (caches of packages are)."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for place, _, _ in os.walk(folder):
            os.chmod(place, 0o700)  # from above: what is below can be seen only then
        shutil.rmtree(folder, ignore_errors=True)
