"""Which addresses of the web an agent may be led to: how a URL has to be written, and which machines count as public. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeAlias

import httpx2

from project.errors import AppError

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
_MOST_CHARS = 2_000

# White space, controls and what one reader takes for a slash and another doesn't.
_FORBIDDEN = re.compile(r"[\s\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_AUTHORITY = re.compile(r"(?i:https?)://([^/?#]*)")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")

# Everything special of the IANA registries: is_global differs between versions of Python.
_CLOSED_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
        *("192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# Global unicast only. What carries an IPv4 address inside (6to4, Teredo, NAT64, mapped) leads wherever that one leads.
_OPEN_6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)


class AddressRefused(AppError):
    """This address is none that an agent may fetch."""

    code, status, default_message = "address_refused", 403, "This address can't be fetched."


@dataclass(frozen=True)
class Address:
    """A URL that may be fetched if its machine is public. `host` is lower-case ASCII, as it is shown, asked for and resolved."""

    url: httpx2.URL
    host: str
    port: int


def parse_address(text: str) -> Address:
    """The address that `text` names; AddressRefused says what is wrong with it."""
    authority = _AUTHORITY.match(text)
    if authority is None:
        raise AddressRefused("Only http and https addresses can be fetched.")
    if len(text) > _MOST_CHARS or _FORBIDDEN.search(text):
        raise AddressRefused(f"An address has at most {_MOST_CHARS:,} characters, and no spaces, controls or backslashes.")
    if "@" in authority[1]:
        raise AddressRefused("An address must not hold a user name or password.")
    try:
        url = httpx2.URL(text)
        host = url.raw_host.decode("ascii").lower().removesuffix(".")
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise AddressRefused("This isn't an address.") from error
    port = PORTS[url.scheme] if url.port is None else url.port
    written = authority[1].rpartition(":")[2] if ":" in authority[1] else ""
    if port not in PORTS.values() or not written.isascii():  # other scripts have digits too
        raise AddressRefused("Only the ports 80 and 443 can be fetched from.")
    _check_host(host)
    return Address(url.copy_with(host=host, fragment=None), host, port)


def is_public(address: IPAddress) -> bool:
    """Whether a machine of the open internet may have this address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _CLOSED_4)
    is_open = address in _OPEN_6 and address.is_global and address.scope_id is None
    return is_open and not any(address in network for network in _CLOSED_6)


def literal(host: str) -> IPAddress | None:
    """The IP address that `host` is written as; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check_host(host: str) -> None:
    """A name with a dot that can't be read as a number, or a public IP address in its usual form."""
    address = literal(host)
    if address is not None:
        if not is_public(address):
            raise AddressRefused("This address doesn't lie on the open internet.")
        return
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise AddressRefused("This isn't the name of a host on the open internet.")
    # 127.1, 0x7f.0.0.1, 017700000001: what ends in a number, resolvers take for an IP address.
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise AddressRefused("Write an IP address as four numbers, or the name of a host.")
