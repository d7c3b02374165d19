"""Ports that are handed out once, and who has one that is taken."""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.bench.errors import Refused
from agents.bench.processes.ports import claim, reserve

RESERVE_MANY = """
import sys
from agents.bench.processes.ports import reserve
ports = [reserve() for _ in range(200)]
print(*[port.number for port in ports], flush=True)
sys.stdin.read()
"""


def test_no_port_is_given_twice_while_it_is_held() -> None:
    with ThreadPoolExecutor(8) as pool:
        ports = list(pool.map(lambda _: reserve(), range(400)))
    assert len({port.number for port in ports}) == 400
    for port in ports:
        port.close()


@pytest.mark.process
def test_two_processes_at_once_never_get_the_same_port() -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", RESERVE_MANY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    given = [number for process in processes if process.stdout for number in process.stdout.readline().split()]
    for process in processes:
        process.communicate("")
    assert len(set(given)) == len(given) == 400


def test_port_can_be_listened_on_while_it_is_held() -> None:
    port = reserve()
    with socket.create_server(("127.0.0.1", port.number)), pytest.raises(Refused):
        port.check_free()
    port.check_free()
    port.close()


def test_listener_in_the_way_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        with pytest.raises(
            Refused, match=rf"Port {number} is in use by process {os.getpid()} \(.*python.*\)\. End that, or say port: auto"
        ):
            claim(number)


def test_listener_on_all_addresses_is_in_the_way_too() -> None:
    with socket.create_server(("", 0)) as server, pytest.raises(Refused, match="in use"):
        claim(server.getsockname()[1])


def test_port_that_another_supervisor_holds_is_refused() -> None:
    held = reserve()
    with pytest.raises(Refused, match=f"Port {held.number} is in use by process {os.getpid()}"):
        claim(held.number)
    held.close()
    claim(held.number).close()
