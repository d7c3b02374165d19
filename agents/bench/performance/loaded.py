"""Starting the process that measures, and hearing from it."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from agents.bench.errors import Failed
from agents.bench.performance.load import GO, WARM, Job
from agents.bench.performance.samples import Samples
from agents.bench.processes.environment import ROOT

OnWarm = Callable[[], Awaitable[None]]

_LONGEST_LINE = 512 * 1024 * 1024
_TAIL = 20


class Loader:
    """`async with Loader() as loader`: its process does one job after another, begins with the first and ends with the block."""

    def __init__(self) -> None:
        self._line: _Line | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._end()

    async def run(self, job: Job, on_line: Callable[[str], None], on_warm: OnWarm | None = None) -> Samples:
        """The samples of a job. `on_line` hears of each round; what is measured rests until `on_warm`, after the warm-up, is done.

        Failed: what is to be measured didn't let it in, or the process itself broke down.
        """
        if self._line is None:
            self._line = await _Line.open()
        try:
            return await self._line.converse(job, on_line, on_warm or _at_once)
        except BaseException:
            await self._end()  # it may be in the middle of something
            raise

    async def _end(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()


class _Line:
    """A process and its three pipes: jobs go out by `_orders`, samples come in by `_answers`, and what it complains of is kept."""

    def __init__(self, process: asyncio.subprocess.Process, orders: StreamWriter, answers: StreamReader, complaints: StreamReader) -> None:
        self._process, self._orders, self._answers = process, orders, answers
        self._errors = asyncio.create_task(complaints.read())

    @classmethod
    async def open(cls) -> Self:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agents.bench.performance.load",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=environment, limit=_LONGEST_LINE, process_group=0,
        )  # fmt: skip
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise RuntimeError("A process that was started with pipes has none.")
        return cls(process, process.stdin, process.stdout, process.stderr)

    async def converse(self, job: Job, on_line: Callable[[str], None], on_warm: OnWarm) -> Samples:
        self._orders.write(job.to_line().encode() + b"\n")
        while line := await self._answers.readline():
            told = json.loads(line)
            if "samples" in told:
                return Samples.model_validate(told["samples"])
            if "failed" in told:
                raise Failed(told["failed"][0], details=told["failed"][1:])
            if told["tell"] == WARM:
                await on_warm()
                self._orders.write(f"{GO}\n".encode())
            else:
                on_line(told["tell"])
        tail = (await self._errors).decode(errors="replace").splitlines()[-_TAIL:]
        raise Failed(f"The process that measures ended with {await self._process.wait()} and no figures.", details=tail)

    async def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._errors


async def _at_once() -> None:
    return None
