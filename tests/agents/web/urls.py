"""Ways into what must not be reached, by class, each with its own trick: hosts in hosts.txt, the rest of a URL below.

`{port}` is where the sentinel listens.
"""

from collections.abc import Mapping
from pathlib import Path

_LINES = (Path(__file__).parent / "hosts.txt").read_text(encoding="utf-8").splitlines()
_HOSTS = {f"host {host}": f"http://{host}:{{port}}/" for host in _LINES if host and not host.startswith("# ")}

_WRITTEN: Mapping[str, str] = {
    "user": "http://user@127.0.0.1:{port}/",
    "user and password": "http://user:pass@127.0.0.1:{port}/",
    "host as user": "http://a.example@127.0.0.1:{port}/",
    "host and port as user": "http://a.example:80@127.0.0.1:{port}/",
    "two ats": "http://a.example@b.example@127.0.0.1:{port}/",
    "empty user": "http://@127.0.0.1:{port}/",
    "user of a good host": "http://127.0.0.1@a.example/",
    "packed at": "http://a.example%40127.0.0.1:{port}/",
    "backslash": "http://a.example\\@127.0.0.1:{port}/",
    "backslash in the host": "http://127.0.0.1:{port}\\.a.example/",
    "backslashes for slashes": "http:\\\\127.0.0.1:{port}\\",
    "one slash": "http:/127.0.0.1:{port}/",
    "no slash": "http:127.0.0.1:{port}/",
    "three slashes": "http:///127.0.0.1:{port}/",
    "no scheme": "//127.0.0.1:{port}/",
    "nothing but a host": "127.0.0.1:{port}",
    "space first": " http://127.0.0.1:{port}/",
    "tab in the scheme": "ht\ttp://127.0.0.1:{port}/",
    "line in the host": "http://127.0.0.1\n.a.example:{port}/",
    "header in the path": "http://a.example/\r\nHost: 127.0.0.1",
    "header in the host": "http://a.example\r\nX: y/",
    "line separator": "http://a.example\u2028/",
    "zero-width space": "http://127.0.0.1\u200b:{port}/",
    "right to left": "http://\u202e1.0.0.721:{port}/",
    "NUL": "http://127.0.0.1\0.a.example:{port}/",
    "next line": "http://a.example/\x85",
    "fragment hides a host": "http://127.0.0.1:{port}#@a.example/",
    "query hides a host": "http://127.0.0.1:{port}?@a.example/",
    "file": "file:///etc/passwd",
    "file on a host": "file://127.0.0.1/etc/passwd",
    "ftp": "ftp://127.0.0.1:{port}/",
    "gopher": "gopher://127.0.0.1:{port}/_INFO",
    "data": "data:text/html,<h1>x</h1>",
    "dict": "dict://127.0.0.1:{port}/info",
    "ldap": "ldap://127.0.0.1:{port}/",
    "javascript": "javascript:alert(1)",
    "WebSocket": "ws://127.0.0.1:{port}/",
    "WebSocket over TLS": "wss://127.0.0.1:{port}/",
    "jar": "jar:http://127.0.0.1:{port}!/",
    "unix": "http+unix://%2fvar%2frun%2fdocker.sock/info",
    "about": "about:blank",
    "empty": "",
    "only a scheme": "http://",
    "brackets without an address": "http://[]:{port}/",
    "brackets with a name": "http://[localhost]:{port}/",
    "open bracket": "http://[::1:{port}/",
    "too long": "http://a.example/" + "x" * 2_000,
    "long label": "http://" + "a" * 64 + ".example/",
    "two dots": "http://a..example/",
    "single label": "http://database/",
    "hyphen": "http://-a.example/",
}

_PORTS = {
    f"port {port}": f"http://a.example:{port}/"
    for port in (0, 1, 21, 22, 25, 53, 81, 442, 5432, 6379, 8000, 8080, 9200, 11211, 27017, 65535)
}
_ODD_PORTS = {f"port {port!r}": f"http://a.example:{port}/" for port in ("65536", "99999", "-1", "80x", "0x50", " 80", "٨٠")}

REFUSED: Mapping[str, str] = {**_HOSTS, **_WRITTEN, **_PORTS, **_ODD_PORTS}

NAMES: Mapping[str, tuple[str, ...]] = {
    "loopback.example": ("127.0.0.1",),
    "private.example": ("10.1.2.3",),
    "metadata.example": ("169.254.169.254",),
    "carrier.example": ("100.64.0.1",),
    "zero.example": ("0.0.0.0",),  # noqa: S104 - an address to refuse, not to listen on
    "multicast.example": ("224.0.0.1",),
    "six.example": ("::1",),
    "mapped.example": ("::ffff:127.0.0.1",),
    "nat.example": ("64:ff9b::7f00:1",),
    "sixtofour.example": ("2002:7f00:1::1",),
    "unique.example": ("fd00::1",),
    "link.example": ("fe80::1%lo",),
    "mixed.example": ("93.184.216.34", "127.0.0.1"),
    "mixed-first.example": ("127.0.0.1", "93.184.216.34"),
    "mixed-six.example": ("93.184.216.34", "::1"),
    "nowhere.example": (),
}
"""Names whose addresses lead inside, whole or in part."""
