"""The process that measures: reused, ended, and never left behind."""

import asyncio
import subprocess
import sys

import httpx2
import psutil
import pytest

from agents.bench.errors import Failed
from agents.bench.performance.declared import Broadcast, Http
from agents.bench.performance.load import Job
from agents.bench.performance.loaded import Loader
from agents.bench.processes.environment import ROOT
from tests.agents.bench.performance.servers import serving

pytestmark = pytest.mark.process

FAST = {"repeats": 1, "warm_up": 0}


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "agents.bench.performance.load" in child.cmdline()}


async def test_one_process_does_job_after_job_and_ends_with_the_block() -> None:
    with serving("shop.py") as shop:
        async with Loader() as loader:
            told: list[str] = []
            plan = Http.model_validate({"url": f"{shop.http}/fine", "requests": 4, **FAST})
            assert (await loader.run(Job(plan=plan), told.append)).done == 4
            pids = children()
            assert (await loader.run(Job(plan=plan), told.append)).done == 4
            assert children() == pids
            assert told == ["round 1 of 1"] * 2
        assert children() == set()


async def test_nothing_is_asked_between_the_warm_up_and_the_first_round() -> None:
    with serving("shop.py") as shop:
        counts = []

        async def look() -> None:
            counts.append(count())
            await asyncio.sleep(0.2)
            counts.append(count())

        def count() -> int:
            return int(httpx2.get(f"{shop.http}/leaking").text)

        async with Loader() as loader:
            plan = Http.model_validate({"url": f"{shop.http}/leaking", "requests": 4, "repeats": 1, "warm_up": 3})
            await loader.run(Job(plan=plan), lambda _: None, look)
        assert [*counts, count()] == [4, 5, 10]


async def test_what_cannot_be_measured_is_told_and_the_next_job_is_done() -> None:
    with serving("shop.py") as shop:
        async with Loader() as loader:
            with pytest.raises(Failed, match="Client 1 was not let in"):
                await loader.run(Job(plan=Broadcast(url=f"{shop.ws}/fine", send="{n}", marker="{n}")), lambda _: None)
            plan = Http.model_validate({"url": f"{shop.http}/fine", "requests": 3, **FAST})
            assert (await loader.run(Job(plan=plan), lambda _: None)).done == 3


async def test_process_that_breaks_down_is_told_with_its_last_words() -> None:
    async with Loader() as loader:
        plan = Http(url="http://127.0.0.1:1/").model_copy(update={"requests": 0})
        with pytest.raises(Failed, match="ended with 1 and no figures") as caught:
            await loader.run(Job.model_construct(plan=plan, clients=[]), lambda _: None)
    assert any("requests" in line for line in caught.value.details)


async def test_cancelled_measuring_leaves_no_process() -> None:
    with serving("shop.py") as shop:
        async with Loader() as loader:
            plan = Http.model_validate({"url": f"{shop.http}/hanging", "requests": 4, **FAST})
            measuring = asyncio.create_task(loader.run(Job(plan=plan), lambda _: None))
            while not children():
                await asyncio.sleep(0.01)
            measuring.cancel()
            with pytest.raises(asyncio.CancelledError):
                await measuring
            assert children() == set()


def test_process_ends_when_whoever_started_it_does() -> None:
    with serving("shop.py") as shop:
        plan = Http.model_validate({"url": f"{shop.http}/hanging", "requests": 4, **FAST})
        command = [sys.executable, "-m", "agents.bench.performance.load"]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            process.stdin.write(Job(plan=plan).to_line().encode() + b"\n")
            process.stdin.flush()
            assert process.stdout is not None
            assert b"warm" in process.stdout.readline()
            process.stdin.close()
            assert process.wait(10) == 0
