"""A web of this machine's own: a server with every kind of page, a listener that counts what reaches it, and the way to both."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from agents.web.client import connect_directly

PUBLIC, PUBLIC_2, PUBLIC_6 = "93.184.216.34", "151.101.1.69", "2606:2800:220:1::1"
HTML = b"<html><head><title>A page</title><script>hidden()</script></head><body><h1>Hello</h1><p>One &amp; two</p></body></html>"
PLAIN: Mapping[str, tuple[str, bytes]] = {
    "/page": ("text/html; charset=utf-8", HTML),
    "/plain": ("text/plain", b"just words"),
    "/json": ("application/json", b'{"a": 1}'),
    "/feed": ("application/atom+xml", b"<feed>words</feed>"),
    "/latin": ("text/plain; charset=iso-8859-1", "Grüße".encode("latin-1")),
    "/meta": ("text/html", '<meta charset="windows-1252"><p>Grüße'.encode("cp1252")),
    "/odd": ("text/plain; charset=unicode_escape", b"\\x41"),
    "/picture": ("image/png", b"\x89PNG"),
    "/program": ("application/octet-stream", b"\x7fELF"),
    "/big": ("text/plain", b"x" * 3_000_000),
}
MEGABYTES = 200


class Site(BaseHTTPRequestHandler):
    """Serves by path; `server.seen` keeps what was asked for, with its Host."""

    protocol_version = "HTTP/1.1"
    server: "SiteServer"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.seen.append((self.headers["Host"], self.path))
        special = getattr(self, f"_{path.strip('/')}", None)
        if special is not None:
            special()
        else:
            kind, body = PLAIN.get(path, PLAIN["/page"])
            self._send(200, {"Content-Type": kind}, body)

    def log_message(self, *args: Any) -> None:
        del args

    def _send(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _missing(self) -> None:
        self._send(404, {"Content-Type": "text/html"}, b"gone")

    def _redirect(self) -> None:
        to = parse_qs(urlsplit(self.path).query)["to"][0]
        # Straight to the socket: the class would refuse what a hostile server sends.
        self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: " + to.encode("utf-8", "replace") + b"\r\nContent-Length: 0\r\n\r\n")

    def _hops(self) -> None:
        left = int(parse_qs(urlsplit(self.path).query)["left"][0])
        self._send(302, {"Location": f"/hops?left={left - 1}" if left > 1 else "page"})

    def _endless(self) -> None:
        self._send(302, {"Location": "/endless"})

    def _zipped(self) -> None:
        self._send(200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(HTML))

    def _deflated(self) -> None:
        self._send(200, {"Content-Type": "text/html", "Content-Encoding": "deflate"}, zlib.compress(HTML))

    def _twice(self) -> None:
        self._send(200, {"Content-Type": "text/html", "Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(HTML)))

    def _broken(self) -> None:
        self._send(200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"no gzip at all")

    def _bomb(self) -> None:
        packer = zlib.compressobj(wbits=31)
        packed = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(MEGABYTES)), packer.flush()])
        self._send(200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, packed)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        self._drip_on(b"x")

    def _headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._drip_on(b"X-More: 1\r\n")

    def _silence(self) -> None:
        self.server.may_end.wait(20)

    def _flood(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-More: 1\r\n" * 50_000 + b"\r\n")

    def _garbage(self) -> None:
        self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")

    def _drip_on(self, piece: bytes) -> None:
        with suppress(OSError):  # the client has had enough
            while not self.server.may_end.wait(0.05):
                self.wfile.write(piece)


class SiteServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Site)
        self.seen: list[tuple[str, str]] = []
        self.may_end = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these pages are for."""


class Sentinel:
    """Listens on both loopbacks under one port; `reached` counts connections, `received` bytes."""

    def __init__(self) -> None:
        self.reached = self.received = 0
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self._sockets[0].getsockname()[1]
        if socket.has_ipv6:
            with suppress(OSError):  # a machine without ::1
                self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for each in self._sockets:
            threading.Thread(target=self._listen, args=(each,), daemon=True).start()

    def close(self) -> None:
        for each in self._sockets:
            each.close()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.reached += 1
            with client:
                client.settimeout(0.2)
                try:
                    self.received += len(client.recv(1_000))
                except OSError:
                    continue


@dataclass
class Web:
    """Addresses of the open internet, all of them this machine's; whatever else is connected to is the sentinel."""

    site: SiteServer
    sentinel: Sentinel
    names: dict[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    """By host: the answers of its name server, the last one for good."""
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)

    def resolve(self, host: str) -> Sequence[str]:
        answers = self.names.get(host, [[PUBLIC]] if host.endswith(".example") else [[]])
        times = self.asked.count(host)
        self.asked.append(host)
        return answers[min(times, len(answers) - 1)]

    def transport(self) -> httpx2.AsyncBaseTransport:
        return _Way(self)


class _Way(httpx2.AsyncBaseTransport):
    def __init__(self, web: Web) -> None:
        self._web = web
        self._inner = connect_directly()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        ip = request.url.host
        self._web.connected.append(ip)
        if ip in self._web.dead:
            raise httpx2.ConnectError("nobody there")
        is_site = ip in (PUBLIC, PUBLIC_2, PUBLIC_6)
        port = self._web.site.server_address[1] if is_site else self._web.sentinel.port
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@contextmanager
def serving() -> Iterator[Web]:
    site, sentinel = SiteServer(), Sentinel()
    thread = threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Web(site, sentinel)
    finally:
        site.may_end.set()
        site.shutdown()
        site.server_close()
        sentinel.close()
        thread.join(5)


def settle() -> None:
    """Give a connection that should not have been made the time to be counted."""
    time.sleep(0.3)
