"""A bare WebSocket server that sends every message back: for scenarios about clients rather than about a product.

python echo_server.py PORT
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, serve


async def echo(socket: ServerConnection) -> None:
    """Whatever comes goes back."""
    async for message in socket:
        await socket.send(message)


async def main(port: int) -> None:
    """Serve until the process is ended."""
    async with serve(echo, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
