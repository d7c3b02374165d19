"""The servers that `manage.py serve` starts: daphne (default) and uvicorn, both with a drain on SIGTERM."""

import asyncio
import contextlib
import fcntl
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import daphne.server
import uvicorn
from daphne.endpoints import build_endpoint_description_strings
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, reactor

from project import lifecycle
from project.asgi import application

_GRACE_S = 25
_FLUSH_S = 0.2


class LeanProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne ships no types
    """Daphne's socket, whose frames leave at once and without Autobahn's debug lines.

    It paints their words, shown or not, which was a third of each send. Twisted tells epoll of a writer, writes in the next turn of
    the loop, and tells epoll that it is gone.
    """

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802 - Autobahn's name
        """Write to the connection; through the queues of Autobahn and Twisted where something waits in them."""
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
        elif rest := data[_send_now(self.transport, data) :]:
            self.transport.write(rest)


def _send_now(transport: Any, data: bytes) -> int:
    """How many of the bytes a connection took that had none waiting. One that is lost takes none: Twisted will see that by itself."""
    if not transport.connected or transport.disconnecting or transport.dataBuffer or transport._tempDataLen:
        return 0
    sent = transport.writeSomeData(data)
    return sent if isinstance(sent, int) else 0


class DaphneServer(daphne.server.Server):  # type: ignore[misc]  # daphne ships no types
    """Daphne that gives close reasons, starts the launcher at once, and on SIGTERM drains before it cancels applications."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Daphne's own drops the reason of a close."""
        is_open_socket = hasattr(protocol, "sendClose") and protocol.state == protocol.STATE_OPEN
        if message["type"] == "websocket.close" and is_open_socket:
            protocol.sendClose(code=message.get("code"), reason=message.get("reason") or None)
        else:
            await super().handle_reply(protocol, message)

    def listen_success(self, port: Any) -> Any:
        """The port stays what came of listening: daphne's own forgets it, and nobody could stop."""
        super().listen_success(port)
        return port

    def kill_all_applications(self) -> Any:
        """Called when the reactor is about to stop; it stops once the Deferred this returns has fired."""
        for listener in self.listeners:
            listener.addCallback(lambda port: port.stopListening())
        done = defer.Deferred.fromFuture(asyncio.ensure_future(_drain()))
        done.addBoth(lambda _: super(DaphneServer, self).kill_all_applications())
        return done


class UvicornServer(uvicorn.Server):
    """Uvicorn that drains before it closes sockets its own way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()  # or those who are told to come back come back here
        await _drain()
        await super().shutdown(sockets)


async def _drain() -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(lifecycle.drain(), _GRACE_S)
    await asyncio.sleep(_FLUSH_S)  # lets the close frames leave


def _share_time() -> None:
    """Let threads with database work give way to the event loop after 1 ms instead of 5: it has little to do, and often."""
    sys.setswitchinterval(0.001)


def serve_daphne(host: str, port: int, *, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT."""
    _share_time()

    def ready() -> None:
        # Whoever breaks WebSocket itself is told so by a close code (1002, 1007, 1009) before the line is cut.
        server.ws_factory.setProtocolOptions(failByDrop=False)
        server.ws_factory.protocol = LeanProtocol
        # Not callWhenRunning: that fires before asyncio's loop runs, and `start` makes tasks on it.
        reactor.callLater(0, lifecycle.start)  # type: ignore[arg-type]  # Twisted's interfaces are declared without self
        reactor.callLater(0, on_ready)  # type: ignore[arg-type]  # as above

    server = DaphneServer(
        application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        ready_callable=ready,
        websocket_handshake_timeout=10,
        server_name="workroom",
    )
    server.run()


def serve_uvicorn(host: str, port: int, *, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; compression stays off: it costs more throughput than it saves."""
    _share_time()
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        # Named, so that it is the same server whatever else happens to be installed.
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=1024 * 1024,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = UvicornServer(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        # Uvicorn raises the signal anew once it has shut down, for whoever had it before; an end in good order has status 0.
        signal.signal(number, lambda *_: None)
    on_ready()
    server.run()


@contextlib.contextmanager
def alone_on(folder: Path) -> Iterator[None]:
    """Hold the data folder: one server per SQLite file. Ends the process with a sentence when another holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.stderr.write(f"Another server uses {folder}. Stop it first, or set WORKROOM_DATA_DIR to another folder.\n")
            raise SystemExit(1) from None
        yield
