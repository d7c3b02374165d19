"""Fetching one page of the open internet, and nothing else, however the page, its server or its name server behave.

A name is resolved once, and only if all its addresses are public is one of them connected to: what it resolves to later is never
asked. The connection carries no cookies, no credentials and nothing from the environment.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import httpx2

from agents.web.addresses import Address, AddressRefused, is_public, literal, parse_address
from project.errors import AppError

Resolve: TypeAlias = Callable[[str], Sequence[str]]
"""The IP addresses of a host name; OSError when it has none. Called off the event loop."""

DEADLINE_S = 10.0
MOST_BYTES = 2 * 1024 * 1024
MOST_REDIRECTS = 3
_TRIED_ADDRESSES = 3
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_TEXTS = re.compile(r"text/[\w.+-]+|application/(?:(?:[\w.-]+\+)?(?:json|xml)|xhtml\+xml|yaml|x-yaml|x-ndjson)")
_HEADERS = {
    "User-Agent": "Workroom",
    "Accept": "text/html, text/*, application/json, application/xml;q=0.9",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}

# Of their own: a name server that doesn't answer can't be interrupted, and must not hold what others wait for.
_resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolver")


class FetchFailed(AppError):
    """The page could not be fetched: nobody answers, it takes too long, or it is no text."""

    code, status, default_message = "fetch_failed", 502, "The page could not be fetched."


@dataclass(frozen=True)
class Page:
    """What was fetched. `is_cut` says that there was more than is taken."""

    url: str
    status: int
    content_type: str
    charset: str
    body: bytes
    is_cut: bool


def resolve_by_system(host: str) -> Sequence[str]:
    """The addresses that the system's resolver gives."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates of the system, loaded once."""
    return httpx2.create_ssl_context(trust_env=False)


def connect_directly() -> httpx2.AsyncBaseTransport:
    """Connections to where a request says, by no proxy."""
    return httpx2.AsyncHTTPTransport(verify=_trusted(), trust_env=False)


@dataclass(frozen=True)
class Fetcher:
    """Fetches pages. `hosts` are those that redirects may lead to; `transport` makes the connection to an address that was checked."""

    resolve: Resolve = resolve_by_system
    transport: Callable[[], httpx2.AsyncBaseTransport] = connect_directly
    deadline_s: float = DEADLINE_S

    def fetch(self, address: Address, hosts: Collection[str]) -> Page:
        """The page at `address`, redirects followed within these hosts. Blocks; AddressRefused and FetchFailed say why not."""
        return asyncio.run(self._within_deadline(address, hosts))

    async def _within_deadline(self, address: Address, hosts: Collection[str]) -> Page:
        try:
            async with asyncio.timeout(self.deadline_s):
                return await self._follow(address, hosts)
        except TimeoutError as error:
            raise FetchFailed(f"{address.host} took longer than {self.deadline_s:g} s.") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError, zlib.error) as error:
            raise FetchFailed(f"{address.host} didn't answer as a web server does ({type(error).__name__}).") from error

    async def _follow(self, address: Address, hosts: Collection[str]) -> Page:
        for _ in range(MOST_REDIRECTS + 1):
            found = await self._get(address)
            if isinstance(found, Page):
                return found
            address = found
            if address.host not in hosts:
                raise AddressRefused(f"The page leads on to another host: {address.url}. Fetch that address to have it allowed.")
        raise FetchFailed(f"The page leads on more than {MOST_REDIRECTS} times.")

    async def _get(self, address: Address) -> Page | Address:
        """The page, or where it leads."""
        async with self.transport() as transport:
            response = await self._connect(transport, address, await self._public_addresses(address.host))
            try:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    return _target(address, response.headers["location"])
                return await _read(address, response)
            finally:
                await response.aclose()

    async def _public_addresses(self, host: str) -> Sequence[str]:
        """Where the host is; AddressRefused unless all of that lies on the open internet."""
        if literal(host) is not None:
            return [host]  # checked when the address was parsed
        try:
            found = await asyncio.get_running_loop().run_in_executor(_resolvers, self.resolve, host)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"There is no host called {host}.") from error
        addresses = [ipaddress.ip_address(each) for each in dict.fromkeys(found)]
        if not addresses or not all(map(is_public, addresses)):
            raise AddressRefused(f"{host} doesn't lie on the open internet.")
        return [str(each) for each in addresses[:_TRIED_ADDRESSES]]

    async def _connect(self, transport: httpx2.AsyncBaseTransport, address: Address, ips: Sequence[str]) -> httpx2.Response:
        """The answer of the first of these IP addresses that answers: asked by number, under the host's name."""
        for ip in ips[:-1]:
            try:
                return await transport.handle_async_request(_request(address, ip))
            except httpx2.ConnectError:
                continue
        return await transport.handle_async_request(_request(address, ips[-1]))


def _request(address: Address, ip: str) -> httpx2.Request:
    host = f"[{address.host}]" if ":" in address.host else address.host
    name = host if address.url.port is None else f"{host}:{address.port}"
    headers = {"Host": name, **_HEADERS}
    return httpx2.Request("GET", address.url.copy_with(host=ip), headers=headers, extensions={"sni_hostname": address.host})


def _target(address: Address, location: str) -> Address:
    try:
        return parse_address(str(address.url.join(location)))
    except (httpx2.InvalidURL, ValueError) as error:
        raise AddressRefused("The page leads on to something that isn't an address.") from error


async def _read(address: Address, response: httpx2.Response) -> Page:
    """The page's text, unpacked no further than it is taken."""
    kind, _, parameters = response.headers.get("content-type", "").partition(";")
    content_type = kind.strip().lower()
    if not _TEXTS.fullmatch(content_type):
        raise FetchFailed(f"{address.host} sent {content_type or 'something unnamed'}, which isn't text.")
    body = bytearray()
    async for piece in _unpacked(response):
        body += piece
        if len(body) > MOST_BYTES:
            break
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.IGNORECASE)
    url = str(address.url)
    return Page(
        url, response.status_code, content_type, charset[1] if charset else "", bytes(body[:MOST_BYTES]), is_cut=len(body) > MOST_BYTES
    )


async def _unpacked(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The body in pieces of bounded size, whatever it was packed into."""
    unpacker = _unpacker(response.headers.get("content-encoding", ""))
    received = 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        if unpacker is None:
            yield chunk
        else:
            packed = chunk
            while packed and not unpacker.eof:
                yield unpacker.decompress(packed, _PIECE_BYTES)
                packed = unpacker.unconsumed_tail
        if received > MOST_BYTES:
            return


_PIECE_BYTES = 64 * 1024


def _unpacker(encoding: str) -> "zlib._Decompress | None":
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name not in ("gzip", "x-gzip", "deflate"):
        raise FetchFailed(f"The page is packed as {name[:40]}, which isn't taken.")
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, as its first bytes say
