"""One command to its end: guarded like a service, with limits, a time-out and, unless asked for, shut off from all else."""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.bench.errors import Failed, Refused
from agents.bench.processes import logs
from agents.bench.processes.declared import Limits, Network
from agents.bench.processes.folders import resolve_inside
from agents.bench.processes.guarded import Guarded, make_order

_LOOK_EVERY_S = 0.05
_SHOWN_LINES = 30


@dataclass(frozen=True)
class Completed:
    """How a command ended. `output` is the newest of what it wrote, standard error included: at most 256 kB.

    `exit_code` is negative where a signal ended it; `why` says what ended it from here: one of its limits. `network` is what it had.
    """

    exit_code: int
    output: str
    duration_s: float
    why: str = ""
    network: Network = "none"


async def run_command(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    timeout_s: float = 60,
    network: Network = "none",
    on_line: Callable[[str], None] = lambda _: None,
) -> Completed:
    """Run `argv`, which may start services and clients of its own, in `folder`; `on_line` gets its output as it comes.

    One time-out and one set of limits hold for all of it, and what it leaves running is killed. With `network` "none" it reaches
    nothing but itself, can write in `folder` and in its own HOME and TMPDIR alone, and sees no process but its own.
    Failed: not started, or not done in time (its last lines are the details). Refused: the folder isn't one, or `network` "none"
    is more than this system can do.
    """
    real = resolve_inside(folder, Path.cwd(), [folder])
    order = make_order(list(argv), real, environment or {}, limits or Limits(), network, waits_for_all=False)
    began = time.monotonic()
    guarded = await Guarded.begin(order, label="command")
    try:
        is_in_time = await _follow(guarded, began + timeout_s, on_line)
        news = await guarded.end()
        lines = logs.tail(guarded.log, logs.ALL)
    finally:
        await guarded.release()
    if not is_in_time:
        raise Failed(f"{argv[0]} wasn't done within {timeout_s:g} s and was ended.", details=lines[-_SHOWN_LINES:])
    code = -signal.SIGKILL if news.code is None else news.code
    return Completed(code, "\n".join(lines), time.monotonic() - began, news.text, network)


async def why_unsealed() -> str | None:
    """Why this system can't shut a command off and what to do about it, or None if it can. It is tried out: about 0.1 s."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            await run_command([sys.executable, "-c", ""], folder=Path(folder))
        except Refused as refused:
            return refused.message
    return None


async def _follow(guarded: Guarded, deadline: float, on_line: Callable[[str], None]) -> bool:
    """Pass lines on until it has ended; False if it had to be killed because time was up."""
    follower = logs.Follower(guarded.log)
    is_in_time = True
    while not guarded.ended.done():
        left = deadline - time.monotonic()
        if left <= 0 and is_in_time:
            is_in_time = False
            guarded.kill()
        await asyncio.wait({guarded.ended}, timeout=min(_LOOK_EVERY_S, left) if left > 0 else None)
        for line in follower.lines():
            on_line(line)
    for line in [*follower.lines(), *filter(None, [follower.rest])]:
        on_line(line)
    return is_in_time
