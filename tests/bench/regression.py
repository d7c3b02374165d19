"""Whether moves take longer than they did: this program and an earlier one, turn and turn about in the same run (F37, F40)."""

import asyncio
import contextlib
import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.bench import moves
from tests.bench.people import new_board
from tests.bench.report import Goal, Report, quantile, timed
from tests.bench.servers import WIDE, pin
from tests.process.server import ROOT, Data, Server, manage

PAIRS = 8
BOUNDS = (("p50", 0.50, 1.10), ("p99", 0.99, 1.15))
"""F40's; F37 allows a tenth."""
_BACK = "HEAD~20"
_ENVIRON = {"WORKROOM_LIMITS": json.dumps(WIDE), "WORKROOM_LAUNCHER": "none", "PYTHONWARNINGS": "ignore"}

Pair = tuple[Sequence[float], Sequence[float]]
"""Seconds that moves took now and before."""


def find_commit(named: str = "") -> str:
    """The commit to compare with: what is named, else the newest tag, else twenty commits ago. SystemExit when there is none."""
    with contextlib.suppress(subprocess.CalledProcessError):
        named = named or _git("describe", "--tags", "--abbrev=0")
    try:
        return _git("rev-parse", "--short", "--verify", f"{named or _BACK}^{{commit}}")
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"There is no commit {named or _BACK} to compare with.") from error


async def measure(report: Report, ref: str, *, pairs: int = PAIRS) -> None:
    """Both programs on daphne with SQLite. Whoever ends this by SIGTERM has it cleaned up too."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    with checked_out(ref) as earlier, serving(ROOT) as now, serving(earlier) as before:
        boards = [(server, await asyncio.to_thread(new_board, server.url, moves.CLIENTS)) for server in (now, before)]
        took: list[Pair] = []
        for turn in range(pairs):
            # Each goes first as often as the other.
            order = boards if turn % 2 == 0 else boards[::-1]
            figures = {server.root: await moves.move_on(board, server.url.replace("http", "ws", 1)) for server, board in order}
            took.append((figures[ROOT], figures[earlier]))
    report.add(timed(moves.BENCH, "now", [seconds for own, _ in took for seconds in own]))
    report.add(timed(moves.BENCH, f"at {ref}", [seconds for _, other in took for seconds in other]))
    report.goals += judge(took, ref)


def judge(took: Sequence[Pair], ref: str) -> list[Goal]:
    """The median of the pairs' ratios, held against the bounds."""
    return [
        Goal(
            f"10 clients move: {name} of {ref}'s",
            median(quantile(own, share) / quantile(other, share) for own, other in took),
            most,
            "at most",
        )
        for name, share, most in BOUNDS
    ]


@contextlib.contextmanager
def serving(root: Path) -> Iterator[Server]:
    """The program in a folder, on data of its own. SystemExit when it is in no working order, as single commits may be."""
    with tempfile.TemporaryDirectory(prefix="workroom-bench-") as folder:
        data = Data(Path(folder))
        done = manage(data, "migrate", "--verbosity", "0", root=root)
        if done.returncode:
            raise SystemExit(f"The program in {root} doesn't work: {done.stderr.strip().splitlines()[-1]} Name another commit.")
        with Server(data, environ=_ENVIRON, root=root) as server:
            server.start()
            pin(server.pid, 0)
            yield server


@contextlib.contextmanager
def checked_out(ref: str) -> Iterator[Path]:
    """An earlier program in a folder, gone afterwards. It gets the built front end of this one, which nobody looks at."""
    with tempfile.TemporaryDirectory(prefix="workroom-earlier-") as folder:
        place = Path(folder) / "workroom"
        _git("worktree", "add", "--detach", "--quiet", str(place), ref)
        try:
            (place / "static").mkdir(exist_ok=True)
            (place / "static" / "dist").symlink_to(ROOT / "static" / "dist")
            yield place
        finally:
            _git("worktree", "remove", "--force", str(place))


def _git(*arguments: str) -> str:
    return subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
