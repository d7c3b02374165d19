"""Play a scenario: its clients, its steps, its outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.bench.errors import BadFile, Failed
from agents.bench.scripts import acts, expecting
from agents.bench.scripts.check import Loc, refuse_bad
from agents.bench.scripts.model import Script
from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.reach import Reach
from agents.bench.scripts.recorder import Place, Recorder, StepFailed
from agents.bench.scripts.scene import Scene, Scope
from agents.bench.scripts.steps import Parallel, Repeat, Step, kind_name
from agents.bench.scripts.titles import title_of
from agents.bench.scripts.values import Values

Do = Callable[[Scene, Any, Scope], Awaitable[str]]

DOING: Mapping[str, Do] = {
    "connect": acts.connect,
    "request": acts.request,
    "send": acts.send,
    "disconnect": acts.disconnect,
    "wait": acts.wait,
    "pause": acts.pause,
    "resume": acts.resume,
    "forget": acts.forget,
    "set": acts.name_values,
    "expect": expecting.expect,
    "nothing": expecting.nothing,
    "broadcast": expecting.broadcast,
    "closed": expecting.closed,
}
"""What each kind of step does; repeat and parallel are played here."""


async def play(
    script: Script, *, addresses: Mapping[str, str], folder: Path, values: Values | None = None, reach: Reach | None = None
) -> Outcome:
    """What came of it. `addresses` are URLs by the names the script gives them; `folder` is where its applications may lie. It connects
    to what is in `reach` alone, or without one anywhere.

    What it saves is put into `values`: they are no part of the outcome, for tokens may be among them.
    BadFile where the script can't be played at all; whatever goes wrong while it is played is in the outcome. No connection
    and no task is left, also when it is cancelled.
    """
    refuse_bad(script)
    values = Values({}) if values is None else values
    values.save(addresses_of(script, addresses))
    clock = asyncio.get_running_loop().time
    recorder = Recorder(clock, clock())
    async with Scene(script, folder, recorder, reach) as scene:
        await _Player(scene).play(values)
    duration_ms = recorder.now_ms()
    return Outcome(
        name=script.name,
        file=script.file,
        passed=not recorder.failures,
        duration_ms=duration_ms,
        steps=recorder.steps,
        failures=recorder.failures,
        timeline=sorted(recorder.timeline, key=lambda entry: entry.at_ms),
        left_out=recorder.left_out,
    )


def addresses_of(script: Script, given: Mapping[str, str]) -> dict[str, str]:
    """An address for each name, without a slash at the end. BadFile where one is missing."""
    found = {name: given.get(name) or default for name, default in script.places.items()}
    missing = [name for name, address in found.items() if not address]
    if missing:
        file = script.file or script.name
        raise BadFile(f"{file}: give an address for {', '.join(missing)} (--address {missing[0]}=URL)")
    return {name: address.rstrip("/") for name, address in found.items() if address}


class _Stopped(Exception):
    """A step has failed, and is told already."""


class _Player:
    """Goes through the steps, and tells the recorder how each went."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._recorder = scene.recorder
        self._script = self._part = scene.script

    async def play(self, values: Values) -> None:
        """All of it, within the script's time-out."""
        scope = Scope(values)
        try:
            async with asyncio.timeout(self._script.timeout / 1000):
                for part in self._script.parts:
                    await self._play_part(part, scope)
            self._check_clients()
        except _Stopped:
            return
        except TimeoutError:
            failed = StepFailed(f"the script took longer than its time-out of {self._script.timeout:g} ms")
            self._recorder.fail(self._recorder.stopped_at or self._scene.place, failed)
        except Failed as error:
            self._recorder.fail(self._scene.place, StepFailed(error.message))

    async def _play_part(self, part: Script, scope: Scope) -> None:
        self._part = part
        for name, value in part.values.items():
            scope.values.save({name: scope.values.fill(value)})
        await self._steps(part.steps, ("steps",), "", scope)

    def _check_clients(self) -> None:
        """A client that was flooded, or sent what no client takes, fails the play even if no step waits for it."""
        for name, client in self._scene.clients.items():
            if client.ending is not None and client.ending.problem:
                raise Failed(f"{name}: {client.ending.problem}")

    async def _steps(self, steps: Sequence[Step], loc: Loc, rounds: str, scope: Scope) -> None:
        for index, step in enumerate(steps):
            await self._step(step, (*loc, index), f"{rounds}[{index}]", scope)

    async def _step(self, step: Step, loc: Loc, path: str, scope: Scope) -> None:
        """One step; _Stopped once it has failed and that is told."""
        place = Place(f"steps{path}", self._part.file, self._part.line(loc), title_of(step))
        began_ms = self._recorder.now_ms()
        try:
            told = await self._do(step, loc, path, scope)
        except asyncio.CancelledError:
            self._recorder.stopped_at = self._recorder.stopped_at or place
            self._recorder.done(place, "stopped", began_ms)
            raise
        except (StepFailed, Failed) as error:
            self._recorder.fail(place, error if isinstance(error, StepFailed) else StepFailed(error.message, details=error.details))
            self._recorder.done(place, "failed", began_ms)
            raise _Stopped from error
        except RecursionError as error:
            self._recorder.fail(place, StepFailed("a value is nested too deep to be compared"))
            self._recorder.done(place, "failed", began_ms)
            raise _Stopped from error
        except _Stopped:
            self._recorder.done(place, "failed", began_ms)
            raise
        if not scope.is_repeated:
            self._recorder.done(place, "passed", began_ms, told)

    async def _do(self, step: Step, loc: Loc, path: str, scope: Scope) -> str:
        match step:
            case Repeat():
                return await self._repeat(step, loc, path, scope)
            case Parallel():
                return await self._parallel(step, loc, path, scope)
            case _:
                return await DOING[kind_name(step)](self._scene, step, scope)

    async def _repeat(self, step: Repeat, loc: Loc, path: str, scope: Scope) -> str:
        """Round after round."""
        was_repeated, scope.is_repeated = scope.is_repeated, True
        for number in range(1, step.repeat + 1):
            scope.values.save({step.as_: number})
            await self._steps(step.steps, (*loc, "steps"), f"{path}#{number}.steps", scope)
            await asyncio.sleep(0)
        scope.is_repeated = was_repeated
        return ""

    async def _parallel(self, step: Parallel, loc: Loc, path: str, scope: Scope) -> str:
        """All groups at once; the first that fails ends the others. What they saved is known afterwards."""
        scopes = [Scope(scope.values.copy(), scope.sent_at, scope.is_repeated) for _ in step.parallel]
        groups = [
            asyncio.create_task(self._steps(group, (*loc, "parallel", index), f"{path}.parallel[{index}]", scopes[index]))
            for index, group in enumerate(step.parallel)
        ]
        try:
            done, _ = await asyncio.wait(groups, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for group in groups:
                group.cancel()
            await asyncio.gather(*groups, return_exceptions=True)
        for group in done:
            group.result()
        for own in scopes:
            scope.values.save(own.values.saved)
        scope.sent_at = max((own.sent_at for own in scopes if own.sent_at is not None), default=None)
        return ""
