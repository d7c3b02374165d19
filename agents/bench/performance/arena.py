"""Where measurements are taken: a spec's services while they run, with what was prepared there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.bench.performance.declared import Broadcast, Function, Http, Measurement
from agents.bench.performance.function import load_function
from agents.bench.performance.load import Job
from agents.bench.performance.loaded import Loader, OnWarm
from agents.bench.performance.prepare import prepare, prepare_clients
from agents.bench.performance.samples import Samples
from agents.bench.processes.supervisor import Supervisor
from agents.bench.scripts.values import Values
from agents.bench.spec import Spec

Tell = Callable[[str], None]

_KB = 1000 * 1000 / 1024


@dataclass
class Arena:
    """`begin` first. `values` are what the spec's `prepare` has saved, and the addresses of its services."""

    spec: Spec
    supervisor: Supervisor
    loader: Loader
    values: dict[str, Any] = field(default_factory=dict)

    async def begin(self) -> None:
        """Start the services unless they run, and go through the spec's `prepare`."""
        await self.supervisor.start()
        self.values = await prepare(self.spec.prepare, addresses=self.supervisor.urls, folder=self.spec.folder, given={}, name="prepare")

    async def sample(self, plan: Measurement, tell: Tell = lambda _: None, *, on_warm: OnWarm | None = None) -> Samples:
        """What one measurement gives; `tell` hears each of its rounds, `on_warm` is done between the warm-up and the first."""
        if isinstance(plan, Function):
            return await load_function(plan, self.spec.folder)
        job = await self._job(plan)
        before: list[float] = []

        async def begin() -> None:
            before.append(self._memory_kb())
            if on_warm is not None:
                await on_warm()

        samples = await self.loader.run(job, tell, begin)
        if before and before[0]:
            samples.growth_kb = self._memory_kb() - before[0]
        return samples

    async def _job(self, plan: Http | Broadcast) -> Job:
        given = {**self.supervisor.urls, **self.values}
        if isinstance(plan, Http):
            return Job(plan=self._filled(plan, {**given, "n": "{n}"}, "url", "headers", "body"))
        addressed = self._filled(plan, None, "url", "headers", "send", "marker", "only", "cycle")
        prepared = await prepare_clients(plan, addresses=self.supervisor.urls, folder=self.spec.folder, given=self.values)
        # Steps before the connection are done; what is left is each client's own.
        return Job(plan=addressed.model_copy(update={"before": [], "deal": {}}), clients=[{**given, **values} for values in prepared])

    def _filled(self, plan: Measurement, values: Mapping[str, Any] | None, *names: str) -> Any:
        """The plan with addresses put in, and these values."""
        found = {name: _deep(getattr(plan, name), self.supervisor.fill) for name in names}
        return plan.model_copy(update=found if values is None else Values(values).fill(found))

    def _memory_kb(self) -> float:
        """What the services' processes hold; 0 where there are none."""
        return sum(status["rss_mb"] or 0.0 for status in self.supervisor.status().values()) * _KB


def _deep(value: Any, fill: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, dict):
        return {key: _deep(each, fill) for key, each in value.items()}
    return [_deep(each, fill) for each in value] if isinstance(value, list) else value
