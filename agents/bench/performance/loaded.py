"""Starting the process that measures, and hearing from it."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from agents.bench.errors import Failed
from agents.bench.performance.load import GO, WARM, Job
from agents.bench.performance.samples import Samples

ROOT = Path(__file__).resolve().parents[3]
"""Where `agents` is imported from."""

OnWarm = Callable[[], Awaitable[None]]

_LONGEST_LINE = 512 * 1024 * 1024
_TAIL = 20


class Loader:
    """`async with Loader() as loader`: its process does one job after another, begins with the first and ends with the block."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._errors: asyncio.Task[bytes] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._end()

    async def run(self, job: Job, on_line: Callable[[str], None], on_warm: OnWarm | None = None) -> Samples:
        """The samples of a job. `on_line` hears of each round; what is measured rests until `on_warm`, after the warm-up, is done.

        Failed: what is to be measured didn't let it in, or the process itself broke down.
        """
        if self._process is None:
            await self._start()
        try:
            return await self._converse(job, on_line, on_warm or _at_once)
        except BaseException:
            await self._end()  # it may be in the middle of something
            raise

    async def _start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agents.bench.performance.load",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=environment, limit=_LONGEST_LINE, process_group=0,
        )  # fmt: skip
        assert self._process.stderr is not None  # noqa: S101 - a pipe, as asked for
        self._errors = asyncio.create_task(self._process.stderr.read())

    async def _converse(self, job: Job, on_line: Callable[[str], None], on_warm: OnWarm) -> Samples:
        process, errors = self._process, self._errors
        assert process is not None  # noqa: S101 - it was started
        assert process.stdin is not None  # noqa: S101 - pipes, as asked for
        assert process.stdout is not None  # noqa: S101 - as above
        assert errors is not None  # noqa: S101 - as above
        process.stdin.write(job.to_line().encode() + b"\n")
        while line := await process.stdout.readline():
            told = json.loads(line)
            if "samples" in told:
                return Samples.model_validate(told["samples"])
            if "failed" in told:
                raise Failed(told["failed"][0], details=told["failed"][1:])
            if told["tell"] == WARM:
                await on_warm()
                process.stdin.write(f"{GO}\n".encode())
            else:
                on_line(told["tell"])
        tail = (await errors).decode(errors="replace").splitlines()[-_TAIL:]
        raise Failed(f"The process that measures ended with {await process.wait()} and no figures.", details=tail)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self._errors is not None:
            await self._errors


async def _at_once() -> None:
    return None
