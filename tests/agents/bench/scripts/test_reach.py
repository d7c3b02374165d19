"""Where a scenario may connect that isn't a project's own."""

import pytest

from agents.bench.errors import Failed
from agents.bench.scripts.load import parse_script
from agents.bench.scripts.reach import Reach, applications_of

REACH = Reach(addresses=frozenset({"127.0.0.1:8001", "127.0.0.1:8002"}), applications=frozenset({"shop.asgi:app"}))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001",
        "http://127.0.0.1:8001/path?query#part",
        "ws://127.0.0.1:8002/ws",
        "wss://127.0.0.1:8002?query",
        "asgi://shop.asgi:app/path",
    ],
)
def test_services_and_named_applications_are_reached(url: str) -> None:
    REACH.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8003/",
        "http://127.0.0.1/",
        "http://127.0.0.1:80010/",
        "http://127.0.0.1:8001@192.0.2.1/",
        "http://127.0.0.1:8001:9/",
        "http://me@127.0.0.1:8001/",
        "http://192.0.2.1\\@127.0.0.1:8001/",
        "http://127.0.0.1:8001\\@192.0.2.1/",
        "http://127.0.0.1:8001.example.org/",
        "http://localhost:8001/",
        "http://[::1]:8001/",
        "http:127.0.0.1:8001/",
        "HTTP://127.0.0.1:8001/",
        " http://127.0.0.1:8001/",
        "http://127.0.0.1:8001\n/",
        "http://127.0.0.1:08001/",
        "http://127.0.0.1:８００１/",
        "https://example.org/?http://127.0.0.1:8001/",
        "asgi://os:system/",
        "ASGI://os:system/",
        "asgi://shop.asgi:app.other/",
        "asgi://shop.asgi:app@x/",
        "",
    ],
)
def test_nothing_else_is_reached(url: str) -> None:
    with pytest.raises(Failed, match=r"against: 127\.0\.0\.1:8001, 127\.0\.0\.1:8002, shop\.asgi:app"):
        REACH.check(url)


def test_applications_are_those_that_clients_and_addresses_name() -> None:
    script = parse_script(
        "name: x\naddresses: {shop: 'asgi://shop.asgi:app', web: 'http://127.0.0.1:1'}\n"
        "clients: {bob: {app: 'web:make', url: /}}\nsteps: [{wait: 1}]"
    )
    assert applications_of([script]) == {"shop.asgi:app", "web:make"}
