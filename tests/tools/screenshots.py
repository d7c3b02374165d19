"""`python -m tests.tools.screenshots [folder]`: takes the documents' pictures anew, on a server and data of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.process.server import ROOT, Data, Server, manage
from tests.tools.services import find_chromium

FOLDER = ROOT / "docs" / "screenshots"
PASSWORD = "pictures-1234"
REPORTS = "from tests.tools.measured import fill; fill()"
# A run has to be seen at work.
PACE = {"WORKROOM_RULES_PACE_MS": "30"}


def take(folder: Path) -> int:
    """The exit code of the browser's script, which writes its pictures into `folder`."""
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is needed: install it, or set WORKROOM_TEST_CHROMIUM to its path.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as place:
        data = Data(Path(place))
        for command in (("migrate", "--verbosity", "0"), ("demo", "--password", PASSWORD), ("shell", "-c", REPORTS)):
            manage(data, *command).check_returncode()
        with Server(data, environ=PACE) as server:
            server.start()
            environ = os.environ | {"BASE_URL": server.url, "PASSWORD": PASSWORD, "CHROMIUM": chromium, "SHOTS": str(folder)}
            return subprocess.run(["node", "tests/e2e/screenshots.mjs"], cwd=ROOT, env=environ, check=False).returncode


def shrink(folder: Path) -> None:
    """Make the pictures small where pngquant is installed."""
    if shutil.which("pngquant"):
        pictures = sorted(map(str, folder.glob("*.png")))
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", *pictures], check=True)
    else:
        print("The pictures are as the browser made them; with pngquant installed they become small.")


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FOLDER
    code = take(target)
    if code == 0:
        shrink(target)
    raise SystemExit(code)
