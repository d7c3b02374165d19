"""Timing requests to one HTTP address: as fast as answers come, or at a rate whoever waits."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2

from agents.bench.performance.declared import Http
from agents.bench.performance.samples import Samples, Tell, unheard
from agents.bench.performance.stats import stretches
from agents.bench.scripts.recorder import printable

_SAID = 200


async def load_http(plan: Http, tell: Tell = unheard) -> Samples:
    """Warm up, then `repeats` rounds of `requests`."""
    samples = Samples(sent_bytes=len(_content(plan, 0) or b""))
    limits = httpx2.Limits(max_connections=plan.concurrency, max_keepalive_connections=plan.concurrency, keepalive_expiry=None)
    async with httpx2.AsyncClient(limits=limits, timeout=plan.timeout_s, trust_env=False) as client:
        numbers = count(1)
        await _Round(plan, client, Samples(), numbers).go(plan.warm_up)
        await tell("warm")
        for turn in range(plan.repeats):
            began, before = time.monotonic(), len(samples.took)
            await _Round(plan, client, samples, numbers, offset=samples.seconds).go(plan.requests)
            samples.seconds += time.monotonic() - began
            samples.blocks += map(len, stretches(samples.took[before:]))
            await tell(f"round {turn + 1} of {plan.repeats}")
    return samples


def _content(plan: Http, number: int) -> bytes | None:
    if plan.body is None:
        return None
    text = plan.body if isinstance(plan.body, str) else json.dumps(plan.body)
    return _numbered(text, number).encode()


def _numbered(text: str, number: int) -> str:
    return text.replace("{n}", str(number))


@dataclass
class _Round:
    """One round: clients that take the next request as soon as they are free. `offset` is where its time begins."""

    plan: Http
    client: httpx2.AsyncClient
    samples: Samples
    numbers: Iterator[int]
    offset: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    async def go(self, requests: int) -> None:
        """Do so many requests."""
        self._began = time.monotonic()
        turns = iter(range(requests))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.plan.concurrency, requests)):
                group.create_task(self._work(turns))

    async def _work(self, turns: Iterator[int]) -> None:
        for turn in turns:
            began = await self._due(turn)
            waited = time.monotonic() - began if self.plan.rate else 0.0
            problem, said = await self._ask(next(self.numbers))
            now = time.monotonic()
            if not problem:
                self.samples.add(now - began, self.offset + now - self._began)
            else:
                self.samples.fail(problem, self.offset + now - self._began, waited + self.plan.timeout_s, said=said)

    async def _due(self, turn: int) -> float:
        """When this request's time begins. At a rate that is when it was due, so waiting for a free client counts as well."""
        now = time.monotonic()
        if self.plan.rate is None:
            return now
        due = self._began + turn / self.plan.rate
        if due <= now:
            return due
        await asyncio.sleep(due - now)
        return time.monotonic()

    async def _ask(self, number: int) -> tuple[str, str]:
        """What went wrong with one request, by kind and in its own words; nothing if nothing did."""
        plan = self.plan
        headers = {name: _numbered(value, number) for name, value in plan.headers.items()}
        content = _content(plan, number)
        if content is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "text/plain" if isinstance(plan.body, str) else "application/json"
        try:
            async with asyncio.timeout(plan.timeout_s):
                answer = await self.client.request(plan.method, _numbered(plan.url, number), headers=headers, content=content)
        except (TimeoutError, httpx2.TimeoutException):
            return "timeout", ""
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
            return _kind(error), printable(str(error)[:_SAID])
        self.samples.sizes.append(len(answer.content))
        is_right = answer.status_code == plan.status
        return ("", "") if is_right else (f"status {answer.status_code}", printable(answer.text[:_SAID]))


_KINDS: dict[type[Any], str] = {
    httpx2.ConnectError: "no connection",
    httpx2.ReadError: "connection broken",
    httpx2.WriteError: "connection broken",
    httpx2.RemoteProtocolError: "connection broken",
    httpx2.InvalidURL: "bad address",
    httpx2.UnsupportedProtocol: "bad address",
    httpx2.LocalProtocolError: "bad header",
    UnicodeEncodeError: "bad header",
}


def _kind(error: Exception) -> str:
    return _KINDS.get(type(error), type(error).__name__)
