"""What a file may say of services: how they are started, and when they are well."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from agents.bench.files import Section
from agents.bench.processes import plan

Seconds = Annotated[float, Field(gt=0, le=600)]
Network = Literal["host", "none"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]

OTHER = re.compile(r"\{([a-z][a-z0-9_-]*)\.(port|address)\}")
"""What another service is reached by, in a text."""


class Health(Section):
    """When a service counts as healthy: exactly one of an HTTP path that answers 2xx, an open TCP port, or a line in its log."""

    http: Annotated[str, Field(pattern=r"^/[!-~]*$")] | None = None
    tcp: bool = False
    log: str | None = Field(default=None, description="A regular expression that some line of its output matches.")
    within: Seconds = 30

    @model_validator(mode="after")
    def _one(self) -> "Health":
        if (self.http is not None) + self.tcp + (self.log is not None) != 1:
            raise ValueError("say exactly one of http, tcp and log")
        if self.log is not None:
            try:
                re.compile(self.log)
            except re.error as error:
                raise ValueError(f"log isn't a regular expression: {error}") from error
        return self


class Limits(Section):
    """What the service's processes may use together: one that goes over it is ended with all of them.

    The kernel holds `files` for each process, and `memory_mb` (of data) and `cpu_s` as well. `disk_mb` is what they may add to their
    working folder, HOME and TMPDIR; no single file gets larger than that.
    """

    memory_mb: int | None = Field(default=None, ge=16)
    cpu_s: int | None = Field(default=None, ge=1)
    files: int | None = Field(default=None, ge=16)
    processes: int | None = Field(default=None, ge=1)
    disk_mb: int | None = Field(default=None, ge=1)


class Service(Section):
    """One service. Texts may use {port}, {NAME.port} and {NAME.address} of another, {folder} (its working folder) and {python}.

    `proxied`: others reach it through a proxy of the bench, which can cut its network. `network: none` shuts it off from
    everything, other services included. Without `healthy`, one with a port is healthy when that is open, any other at once.
    """

    command: Annotated[list[str], Field(min_length=1)]
    folder: Path = Path()
    environment: dict[str, str] = Field(default_factory=dict)
    port: Literal["auto"] | Annotated[int, Field(ge=1, le=65535)] | None = None
    healthy: Health | None = None
    depends_on: list[Name] = Field(default_factory=list)
    limits: Limits = Limits()
    network: Network = "host"
    proxied: bool = False
    stop_within: Seconds = 5

    @property
    def texts(self) -> list[str]:
        """All that placeholders may stand in."""
        return [*self.command, *self.environment.values()]

    @model_validator(mode="after")
    def _possible(self) -> "Service":
        if not self.command[0].strip():
            raise ValueError("command is empty")
        if self.port is not None and self.network == "none":
            raise ValueError("nobody could reach its port: say network: host, or leave port out")
        if self.port is None:
            self._refuse_port()
        return self

    def _refuse_port(self) -> None:
        needs = {
            "healthy.http": self.healthy and self.healthy.http is not None,
            "healthy.tcp": self.healthy and self.healthy.tcp,
            "proxied": self.proxied,
            "{port}": any("{port}" in text for text in self.texts),
        }
        for what, is_said in needs.items():
            if is_said:
                raise ValueError(f"{what} needs a port: say port: auto")


def check_together(services: Mapping[str, Service]) -> Mapping[str, Service]:
    """The same services. ValueError: they can't be started together as they are declared."""
    problem = plan.problem({name: service.depends_on for name, service in services.items()})
    if problem:
        raise ValueError(problem)
    ports: dict[int, str] = {}
    for name, service in services.items():
        for other, what in (found for text in service.texts for found in OTHER.findall(text)):
            if other not in services or services[other].port is None:
                raise ValueError(f"{name} uses {{{other}.{what}}}, but no service {other} with a port is declared")
        if isinstance(service.port, int) and ports.setdefault(service.port, name) != name:
            raise ValueError(f"{ports[service.port]} and {name} have the same port, {service.port}")
    return services


Together = Annotated[dict[Name, Service], AfterValidator(check_together)]


class Services(Section):
    """A file of services, by name."""

    services: Together
