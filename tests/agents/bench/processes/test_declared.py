"""Files of services: what is impossible is refused, with its place."""

from pathlib import Path

import pytest

from agents.bench.errors import BadFile
from agents.bench.files import load, parse
from agents.bench.processes.declared import Service, Services


def refusal(service: str) -> str:
    """What is told of a file with one service, whose lines are indented by four."""
    lines = "\n".join(f"    {line}" for line in service.splitlines())
    with pytest.raises(BadFile) as caught:
        parse(f"services:\n  web:\n{lines}\n", Services, name="services.yaml")
    return caught.value.message


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("command: [x]\ncomand: [x]", "services.yaml:4:5: services.web.comand: there is no such key"),
        ("command: []", "services.yaml:3:14: services.web.command: List should have at least 1 item"),
        ("command: ['']", "services.yaml:3:5: services.web: command is empty"),
        ("command: [x]\nhealthy: {http: /, tcp: true}\nport: auto", "services.yaml:4:14: services.web.healthy: say exactly one of"),
        ("command: [x]\nhealthy: {log: '('}", "services.yaml:4:14: services.web.healthy: log isn't a regular expression"),
        ("command: [x]\nhealthy: {http: /}", "services.yaml:3:5: services.web: healthy.http needs a port: say port: auto"),
        ("command: [x]\nhealthy: {tcp: true}", "services.yaml:3:5: services.web: healthy.tcp needs a port"),
        ("command: [x, '{port}']", "services.yaml:3:5: services.web: {port} needs a port"),
        ("command: [x]\nproxied: true", "services.yaml:3:5: services.web: proxied needs a port"),
        ("command: [x]\nport: auto\nnetwork: none", "services.yaml:3:5: services.web: nobody could reach its port"),
        ("command: [x]\nport: 70000", "services.yaml:4:11: services.web.port"),
        ("command: [x]\ndepends_on: [db]", "services.yaml:2:3: services: web depends on db, which isn't declared"),
        ("command: [x]\ndepends_on: [web]", "services.yaml:2:3: services: web depends on itself"),
        ("command: [x, 'http://{db.address}/']", "services.yaml:2:3: services: web uses {db.address}, but no service db with a port"),
        ("command: [x]\nlimits: {memory_mb: 1}", "services.yaml:4:25: services.web.limits.memory_mb"),
        ("command: [x]\nstop_within: 0", "services.yaml:4:18: services.web.stop_within"),
    ],
)
def test_impossible_service_is_refused_with_line_and_column(service: str, said: str) -> None:
    assert refusal(service).startswith(said)


def test_two_services_with_one_port_are_refused() -> None:
    text = "services: {a: {command: [x], port: 8000}, b: {command: [x], port: 8000}}"
    with pytest.raises(BadFile, match="a and b have the same port, 8000"):
        parse(text, Services)


def test_whole_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(
        """
services:
  db: {command: [db, --port, "{port}"], port: 5433, healthy: {tcp: true, within: 5}}
  web:
    command: ["{python}", server.py, "{port}"]
    folder: web
    environment: {DB: "{db.address}", WEB: "{web.port}"}
    port: auto
    healthy: {http: /healthz}
    depends_on: [db]
    limits: {memory_mb: 256, processes: 8}
    proxied: true
    stop_within: 2
  offline: {command: [job], network: none}
"""
    )
    services = load(file, Services).services
    assert list(services) == ["db", "web", "offline"]
    assert services["offline"].network == "none"
    assert isinstance(services["web"], Service)
    assert services["web"].texts == ["{python}", "server.py", "{port}", "{db.address}", "{web.port}"]
