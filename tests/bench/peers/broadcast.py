"""Competitor: the bare `websockets` library, which broadcasts to whoever is connected. Nothing is stored, nobody is protected."""

import asyncio
import json
import sys
import time
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from tests.bench.peers.payload import event_text

_connections: set[ServerConnection] = set()


async def stay(connection: ServerConnection) -> None:
    """Keep a client until it goes."""
    _connections.add(connection)
    try:
        await connection.wait_closed()
    finally:
        _connections.discard(connection)


async def control(connection: ServerConnection, request: Request) -> Response | None:
    """Answer /emit and /healthz; everything else becomes a socket."""
    url = urlsplit(request.path)
    if url.path == "/healthz":
        return connection.respond(HTTPStatus.OK, "{}")
    if url.path != "/emit":
        return None
    began = time.monotonic()
    for number in range(int(parse_qs(url.query)["count"][0])):
        broadcast(_connections, event_text(number))
        await asyncio.sleep(0)
    return connection.respond(HTTPStatus.OK, json.dumps({"at": began}))


async def main(port: int) -> None:
    async with serve(stay, "127.0.0.1", port, process_request=control, compression=None, ping_interval=None, backlog=2048):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
