"""Commands of workspaces that nobody vouches for: in namespaces of their own, with nothing but loopback."""

import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from agents.bench.errors import Refused
from agents.bench.processes.command import Completed, run_command
from agents.bench.processes.declared import Limits, Network

_PROBE_S = 60


async def why_unsealed() -> str | None:
    """Why this system can't seal a command and what to do about it, or None if it can. It is tried out: about 0.1 s."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            await run_command([sys.executable, "-c", ""], folder=Path(folder), timeout_s=_PROBE_S)
        except Refused as refused:
            return refused.message
    return None


async def run_sealed(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    timeout_s: float = 600,
    is_host_allowed: bool = False,
    on_line: Callable[[str], None] = lambda _: None,
) -> Completed:
    """Run `argv`, which may start services and clients of its own, where it reaches nothing but itself.

    It can write in `folder` and in its own HOME and TMPDIR alone, and sees no process but its own. One time-out and one set of
    limits hold for all of it. Refused: this system can't do that. `is_host_allowed`, an administrator's word for code that is
    trusted: where it can't, the command has the host's network instead; Completed.network says so.
    """

    def run(network: Network) -> Awaitable[Completed]:
        return run_command(
            argv, folder=folder, environment=environment, limits=limits, timeout_s=timeout_s, network=network, on_line=on_line
        )

    try:
        return await run("none")
    except Refused:
        if not is_host_allowed:
            raise
    return await run("host")
