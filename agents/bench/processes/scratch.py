"""The folder of one run of a command: its log, its HOME and its TMPDIR."""

import tempfile
from pathlib import Path

LOG = "output.log"


def make() -> Path:
    """The real path of a new folder that nobody else can read, with `home` and `tmp` in it."""
    folder = Path(tempfile.mkdtemp(prefix="bench-")).resolve()
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    return folder
