"""A WebSocket client that costs little: thousands of sockets on one loop, frames counted and not decoded."""

import asyncio
import base64
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from socket import SO_RCVBUF, SOL_SOCKET
from urllib.parse import urlsplit

EVENT = b'"type":"card_moved"'
"""What every event of every peer contains once."""

_SEQ = re.compile(rb'"card_moved","seq":(\d+)')
_ACK_EVERY = 64
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_BATCH = 50


@dataclass
class Crowd:
    """All sockets of one measurement and when they got what: `arrivals` are (monotonic seconds, events, socket number)."""

    arrivals: list[tuple[float, int, int]] = field(default_factory=list)
    total: int = 0
    sockets: list["Socket"] = field(default_factory=list)
    lost: int = 0
    on_event: Callable[["Socket", bytes, float], None] | None = None
    _target: int = 0
    _reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, count: int, url: str, *, headers: dict[str, str] | None = None, is_socketio: bool = False) -> None:
        """Add `count` sockets, some at a time."""
        parts = urlsplit(url)
        for first in range(0, count, _BATCH):
            batch = [Socket(self, url, headers or {}, is_socketio=is_socketio) for _ in range(min(_BATCH, count - first))]
            for socket in batch:
                socket.number = len(self.sockets)
                self.sockets.append(socket)
            loop, host, port = asyncio.get_running_loop(), parts.hostname or "", parts.port or 80
            await asyncio.gather(*(loop.create_connection(partial(_itself, socket), host, port) for socket in batch))
            await asyncio.wait_for(asyncio.gather(*(socket.ready for socket in batch)), 60)

    def expect(self, deliveries: int) -> None:
        """Start afresh and wait (`reached`) for so many."""
        self.arrivals.clear()
        self.total, self._target = 0, deliveries
        self._reached.clear()

    async def reached(self, timeout_s: float = 60.0) -> None:
        """Return once all that was expected is there."""
        await asyncio.wait_for(self._reached.wait(), timeout_s)

    def note(self, socket: "Socket", events: int, now: float) -> None:
        self.arrivals.append((now, events, socket.number))
        self.total += events
        if self.total >= self._target:
            self._reached.set()

    def close(self) -> None:
        for socket in self.sockets:
            socket.close()


def _itself(socket: "Socket") -> "Socket":
    return socket


class Socket(asyncio.Protocol):
    """One client. Sockets of Workroom acknowledge, those of socket.io answer its pings."""

    def __init__(self, crowd: Crowd, url: str, headers: dict[str, str], *, is_socketio: bool) -> None:
        self.crowd = crowd
        self.number = 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.hello_at = 0.0
        self._url = urlsplit(url)
        self._headers = headers
        self._is_socketio = is_socketio
        self._acks = "/ws/boards/" in url
        self._acked = 0
        self._rest = b""
        self._is_open = self._is_closing = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {
            "Host": self._url.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            **self._headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        transport.write(f"GET {self._url.path}?{self._url.query} HTTP/1.1\r\n{head}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        data = self._rest + data if self._rest else data
        place = 0 if self._is_open else self._read_head(data)
        while self._is_open and (frame := _frame(data, place)):
            opcode, start, place = frame
            self._take(opcode, data, start, place, now)
        self._rest = data[place:]

    def _read_head(self, data: bytes) -> int:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self.ready.set_exception(ConnectionError(data[:200].decode(errors="replace")))
            self._transport.close()
            return len(data)
        self._is_open = True
        if not self._is_socketio and not self._acks:
            self.ready.set_result(None)
        return end + 4

    def _take(self, opcode: int, data: bytes, start: int, end: int, now: float) -> None:
        if opcode == _TEXT:
            events = data.count(EVENT, start, end)
            if events:
                self._take_events(events, data[start:end], now)
            else:
                self._take_control(data[start:end], now)
        elif opcode == _PING:
            self._write(_PONG, data[start:end])
        elif opcode == _CLOSE:
            self._transport.close()

    def _take_events(self, events: int, text: bytes, now: float) -> None:
        self.crowd.note(self, events, now)
        if self.crowd.on_event:
            self.crowd.on_event(self, text, now)
        if self._acks:
            seq = int(_SEQ.findall(text)[-1])
            if seq - self._acked >= _ACK_EVERY:
                self._acked = seq
                self.send(f'{{"type":"ack","data":{{"seq":{seq}}}}}')

    def _take_control(self, text: bytes, now: float) -> None:
        if self._is_socketio:
            if text.startswith(b"0"):
                self.send("40")
            elif text == b"2":
                self.send("3")
        is_ready = text.startswith(b'{"type":"hello"') if self._acks else text.startswith(b"40")
        if is_ready and not self.ready.done():
            self.hello_at = now
            self.ready.set_result(None)

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._write(_TEXT, text.encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else bytes([128 | 126]) + size.to_bytes(2, "big")
        # A mask of zeros is allowed, and leaves the payload as it is.
        self._transport.write(bytes([128 | opcode]) + length + b"\0\0\0\0" + payload)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_closing:
            self.crowd.lost += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"closed before it was ready: {exc}"))

    def stop_reading(self) -> None:
        """Take nothing more, with little room for what is on its way."""
        self._transport.pause_reading()
        self._transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)

    def close(self) -> None:
        self._is_closing = True
        self._transport.abort()


def _frame(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Opcode, start and end of the unmasked frame at `place`, None when it isn't whole yet."""
    have = len(data) - place
    if have < 2:
        return None
    size, start = data[place + 1], place + 2
    if size == 126:
        size, start = int.from_bytes(data[place + 2 : place + 4], "big"), place + 4
    elif size == 127:
        size, start = int.from_bytes(data[place + 2 : place + 10], "big"), place + 10
    end = start + size
    return None if end > len(data) else (data[place] & 15, start, end)


def command(name: str, ref: str, **data: object) -> str:
    """A command of Workroom's as text."""
    return json.dumps({"type": name, "ref": ref, "data": data})
