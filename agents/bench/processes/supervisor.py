"""Starts, watches and ends declared services. Nothing of them is left when it ends, however it ends."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from agents.bench.errors import BenchError, Refused
from agents.bench.processes import plan
from agents.bench.processes.declared import Service, check_together
from agents.bench.processes.doors import Door
from agents.bench.processes.folders import resolve_inside
from agents.bench.processes.instance import Instance
from agents.bench.processes.ports import HOST
from agents.bench.processes.proxy import Cut
from agents.bench.processes.status import State, Status

__all__ = ["State", "Status", "Supervisor"]

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_-]*(?:\.[a-z]+)?)\}")


class Supervisor:
    """The services of one project. `folder` is where their folders start from; `allowed` are those they may be in (else: `folder` alone).

    Used by `async with`: leaving it stops everything. `on_change` gets the name and status of a service with every new state, and
    must not raise. Refused: a folder outside, a declaration that can't work, or (by `start`) a port that is taken.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        folder: Path,
        *,
        allowed: Sequence[Path] | None = None,
        on_change: Callable[[str, Status], None] = lambda _name, _status: None,
    ) -> None:
        try:
            check_together(services)
        except ValueError as error:
            raise Refused(f"These services can't be started: {error}.") from error
        self._services = dict(services)
        self._folder = folder.resolve()
        inside = allowed if allowed is not None else [self._folder]
        self._folders = {name: resolve_inside(service.folder, self._folder, inside) for name, service in services.items()}
        self._graph = {name: service.depends_on for name, service in services.items()}
        self._on_change = on_change
        self._instances: dict[str, Instance] = {}

    async def __aenter__(self) -> "Supervisor":
        for name, service in self._services.items():
            door = Door(service.port, is_proxied=service.proxied) if service.port is not None else None
            self._instances[name] = Instance(name, service, self._folders[name], door, self._teller(name))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            await self.stop()
        finally:
            for instance in self._instances.values():
                if instance.door:
                    await instance.door.close()

    async def start(self, *names: str) -> None:
        """Start these (without names: all) and what they depend on, and wait until they are healthy.

        What doesn't depend on each other starts at once. Failed, with the log's tail, if one can't be started or doesn't get
        healthy in time; those that this call started are stopped then. What has ended well after the line it is healthy by
        counts as healthy, and isn't run again for those that depend on it.
        """
        chosen = self._known(names)
        needed = plan.needed_by(self._graph, chosen)
        wanted = [name for name in needed if name in chosen or not self._instances[name].has_done_its_job]
        idle = [name for name in wanted if self._instances[name].state != "healthy"]
        try:
            await _each(wanted, self._graph, self._start)
        except BaseException:
            await self.stop(*idle)
            raise

    async def stop(self, *names: str) -> None:
        """Stop these (without names: all), dependents first: SIGTERM, and SIGKILL to whatever is left after `stop_within`."""
        problems: list[BenchError] = []

        async def stop(name: str) -> None:
            try:
                await self._instances[name].stop()
            except BenchError as error:  # the others are stopped all the same
                problems.append(error)

        await _each(self._known(names), plan.turned(self._graph), stop)
        if problems:
            raise problems[0]

    async def restart(self, name: str) -> None:
        """Stop and start one service, and no other, on the same port; wait until it is healthy."""
        await self.stop(name)
        await self._start(name)

    async def kill(self, name: str) -> None:
        """SIGKILL to all processes of a service, without a warning, as a fault."""
        await self._get(name).kill()

    async def cut(self, name: str, how: Cut = "reset") -> None:
        """Cut the network of a service that is declared `proxied`: connections are reset, or nothing comes through any more."""
        await self._door(name).cut(how)

    async def mend(self, name: str) -> None:
        """End the cut. After a silence, held-back bytes go on their way."""
        self._door(name).mend()

    def port(self, name: str) -> int:
        """The port that clients of a service use, known before it is started. Refused where it has none."""
        return self._door(name).public

    def address(self, name: str) -> str:
        """`127.0.0.1:port` of a service."""
        return f"{HOST}:{self.port(name)}"

    @property
    def urls(self) -> dict[str, str]:
        """The URL of each service that has a port, by its name as scenarios have names: with `_` for `-`."""
        ports = {name: instance.door.public for name, instance in self._instances.items() if instance.door}
        return {name.replace("-", "_"): f"http://{HOST}:{port}" for name, port in ports.items()}

    def fill(self, text: str) -> str:
        """`text` with {NAME.port}, {NAME.address}, {python} and {folder} (the project's) put in; other braces stay.

        {port} and {address} are those of the only service that has a port, if there is only one.
        """
        values = self._values()
        ports = [value for name, value in values.items() if name.endswith(".port")]
        if len(ports) == 1:
            values |= {"port": ports[0], "address": f"{HOST}:{ports[0]}"}
        return _fill(text, values)

    def change(self, change: Callable[[str, Service], Service]) -> None:
        """Let each service be as `change` makes it from its next start on, in the same folder and on the same port."""
        for name, instance in self._instances.items():
            instance.service = change(name, instance.service)

    def tail(self, name: str, lines: int = 50) -> list[str]:
        """The last lines of a service's output, those before its last restart included."""
        return self._get(name).tail(lines)

    def status(self) -> dict[str, Status]:
        """Every declared service, JSON-able."""
        return {name: instance.status() for name, instance in self._instances.items()}

    async def _start(self, name: str) -> None:
        instance = self._instances[name]
        values = {**self._values(), "folder": str(self._folders[name])}
        if instance.door:
            values |= {"port": str(instance.door.inner), "address": f"{HOST}:{instance.door.inner}"}
        await instance.start(lambda text: _fill(text, values))

    def _values(self) -> dict[str, str]:
        doors = {name: instance.door.public for name, instance in self._instances.items() if instance.door}
        ports = {f"{name}.port": str(port) for name, port in doors.items()}
        addresses = {f"{name}.address": f"{HOST}:{port}" for name, port in doors.items()}
        return {"python": sys.executable, "folder": str(self._folder), **ports, **addresses}

    def _known(self, names: Sequence[str]) -> list[str]:
        for name in names:
            self._get(name)
        return list(names) or list(self._instances)

    def _get(self, name: str) -> Instance:
        if name not in self._instances:
            known = ", ".join(self._services) or "none"
            raise Refused(f"There is no service {name}. Declared: {known}." if self._instances else "The supervisor isn't entered.")
        return self._instances[name]

    def _door(self, name: str) -> Door:
        door = self._get(name).door
        if not door:
            raise Refused(f"{name} has no port.")
        return door

    def _teller(self, name: str) -> Callable[[], None]:
        return lambda: self._on_change(name, self._instances[name].status())


async def _each(names: Sequence[str], after: plan.Graph, act: Callable[[str], Awaitable[None]]) -> None:
    """Do something with each name, after those that it comes after and together with the rest. The first failure ends all."""
    done = {name: asyncio.Event() for name in names}

    async def go(name: str) -> None:
        for other in after[name]:
            if other in done:
                await done[other].wait()
        await act(name)
        done[name].set()

    failures: Sequence[Exception] = ()
    try:
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(go(name))
    except ExceptionGroup as several:
        failures = several.exceptions
    if failures:
        raise failures[0]


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
