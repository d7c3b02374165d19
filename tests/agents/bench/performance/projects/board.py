"""A small board over WebSocket that sends every message to everybody on the same path: `board.py PORT`. A path names the way it sends."""

import asyncio
import http
import json
import socket
import sqlite3
import sys
from uuid import UUID

import websockets
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

Clients = list[ServerConnection]

BOARDS: dict[str, Clients] = {}
PEOPLE = sqlite3.connect(":memory:")
OWED: dict[UUID, int] = {}


async def together(clients: Clients, message: str) -> None:
    await asyncio.gather(*(client.send(message) for client in clients), return_exceptions=True)


async def sequential(clients: Clients, message: str) -> None:
    for client in tuple(clients):
        await deliver(client, message)


async def deliver(client: ServerConnection, message: str) -> None:
    await asyncio.sleep(0.004)
    await client.send(message)


async def patient(clients: Clients, message: str) -> None:
    padded = message + " " * 30_000
    for client in tuple(clients):
        try:
            async with asyncio.timeout(0.06):
                await client.send(padded)
        except TimeoutError:
            continue


async def stepped(clients: Clients, message: str) -> None:
    for number, client in enumerate(tuple(clients)):
        if number == 2:
            await asyncio.sleep(0.03)
        await client.send(message)


async def apart(clients: Clients, message: str) -> None:
    websockets.broadcast(clients, message + " " * 30_000)


async def whole(clients: Clients, message: str) -> None:
    await together(clients, board_with(message))


def board_with(message: str) -> str:
    return json.dumps({**json.loads(message), "board": ["x" * 100] * 1_000})


async def strict(clients: Clients, message: str) -> None:
    await together([client for client in clients if OWED.get(client.id, 0) < 4], message[:-1] + f', "count": {len(message)}}}')
    OWED.update({client.id: OWED.get(client.id, 0) + 1 for client in clients})


async def silent(clients: Clients, message: str) -> None:
    del clients, message


async def queried(clients: Clients, message: str) -> None:
    await together(clients, message)


def look_up(client: int) -> None:
    for number in range(10):
        PEOPLE.execute("SELECT ? + ?", (client, number)).fetchone()


async def losing(clients: Clients, message: str) -> None:
    clients[-1].transport.abort()
    await together(clients, message)


async def serve_client(client: ServerConnection) -> None:
    way = client.request.path.strip("/") if client.request else ""
    clients = BOARDS.setdefault(way, [])
    clients.append(client)
    if way == "queried":
        look_up(len(clients))
    # The system would take some MB for a client that reads nothing before anybody notices.
    client.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    try:
        await client.send(json.dumps({"type": "hello", "you": len(clients)}))
        async for message in client:
            assert isinstance(message, str)
            if "seen" in message:
                OWED[client.id] = 0
            elif "echo" in message:
                await client.send(message)
            else:
                await globals()[way](clients, message)
    finally:
        clients.remove(client)


def answer_plain(connection: ServerConnection, request: Request) -> Response | None:
    is_socket = "upgrade" in request.headers.get("Connection", "").lower()
    return None if is_socket else connection.respond(http.HTTPStatus.OK, "well\n")


async def main() -> None:
    async with serve(serve_client, "127.0.0.1", int(sys.argv[1]), process_request=answer_plain, compression=None, write_limit=32_768):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main())
