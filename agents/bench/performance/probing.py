"""Putting the probe into services that are Python programs, and telling it what to look at."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from agents.bench.performance.evidence import Seen, read_told
from agents.bench.processes.declared import Service

PROBE = Path(__file__).resolve().parent / "probe"

_PYTHONS = {"{python}", "python", "python3", sys.executable}
_FLAGS = {"-u", "-B", "-E", "-I", "-O", "-OO", "-P", "-s", "-S", "-v", "-q"}
_WITH_VALUE = {"-X", "-W"}
_WITHIN_S = 10.0
_COMMAND = "."
_POLL_S = 0.02


def probed_command(command: Sequence[str], out: Path, root: Path) -> list[str] | None:
    """The command with the probe in its program; None where that is no Python script or module."""
    if command[0] not in _PYTHONS:
        return None
    place = 1
    while place < len(command) and command[place] in _FLAGS | _WITH_VALUE:
        place += 2 if command[place] in _WITH_VALUE else 1
    program = list(command[place:])
    if not program or (program[0].startswith("-") and program[0] != "-m") or program == ["-m"]:
        return None
    return [*command[:place], str(PROBE), str(out), str(root), "--", *program]


class Probes:
    """The probes of a run's services. `folder` is where their files are, `root` the project's folder."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        self.names: list[str] = []

    def put_into(self, name: str, service: Service) -> Service:
        """The service with a probe, or as it is where none can be put in."""
        command = probed_command(service.command, self._out(name), self._root)
        if command is None:
            return service
        self.names.append(name)
        return service.model_copy(update={"command": command})

    def put_before(self, command: Sequence[str]) -> list[str]:
        """A Python command with a probe in it, of which nothing has to be waited for."""
        self.names.append(_COMMAND)
        return probed_command(command, self._out(_COMMAND), self._root) or list(command)

    def begin_with(self, phase: str) -> None:
        """What a command's probe begins with."""
        Path(f"{self._out(_COMMAND)}.phase").write_text(phase, encoding="utf-8")

    async def turn_to(self, phase: str) -> None:
        """Have every probe begin this phase. One that doesn't answer in time has seen nothing."""
        for name in self.names:
            out = self._out(name)
            half = out.with_suffix(".half")
            half.write_text(phase, encoding="utf-8")
            half.replace(f"{out}.phase")
        await asyncio.gather(*(self._follows(name, phase) for name in self.names))

    async def _follows(self, name: str, phase: str) -> None:
        began = time.monotonic()
        while time.monotonic() - began < _WITHIN_S:
            told = read_told(self._out(name))
            if told is not None and told.phase == phase:
                return
            await asyncio.sleep(_POLL_S)

    def seen(self, phase: str) -> Seen:
        """What was seen in a phase that is over, over all services."""
        told = [found.seen[phase] for name in self.names if (found := read_told(self._out(name))) and phase in found.seen]
        return Seen(
            seconds=max((each.seconds for each in told), default=0.0),
            looks=max((each.looks for each in told), default=0),
            stalls=[item for each in told for item in each.stalls],
            waits=[item for each in told for item in each.waits],
            statements=[item for each in told for item in each.statements],
            texts=[item for each in told for item in each.texts],
            functions=[item for each in told for item in each.functions],
        )

    def _out(self, name: str) -> Path:
        return self._folder / f"{name}.json"
