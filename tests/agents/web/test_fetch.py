"""S14: an agent can fetch from the open internet and reach nothing else, whatever the address, its names and its pages are made to do."""

import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from agents.web import addresses, client
from agents.web.addresses import AddressRefused, is_public, literal, parse_address
from agents.web.client import MOST_BYTES, MOST_REDIRECTS, Fetcher, FetchFailed, Page
from agents.web.pages import MOST_CHARS, read_page
from project.errors import AppError
from tests.agents.web.servers import HTML, PUBLIC, PUBLIC_2, PUBLIC_6, Web, serving, settle
from tests.agents.web.urls import NAMES, REFUSED


class Anywhere(frozenset[str]):
    """Hosts that redirects may lead to: all, so that only the addresses decide."""

    def __contains__(self, host: object) -> bool:
        return True


@pytest.fixture(scope="module")
def serving_web() -> Iterator[Web]:
    with serving() as web:
        yield web


@pytest.fixture
def web(serving_web: Web) -> Web:
    serving_web.names = {name: [list(found)] for name, found in NAMES.items()}
    serving_web.site.seen.clear()
    serving_web.asked.clear()
    serving_web.connected.clear()
    serving_web.dead.clear()
    return serving_web


def fetch(web: Web, url: str, *, deadline_s: float = 10.0) -> Page:
    return Fetcher(web.resolve, web.transport, deadline_s).fetch(parse_address(url), Anywhere())


def refused(web: Web, url: str, error: type[AppError] = AppError) -> str:
    with pytest.raises(error) as caught:
        fetch(web, url)
    return caught.value.message


def untouched(web: Web) -> bool:
    settle()
    return (web.sentinel.reached, web.sentinel.received) == (0, 0)


# --- what must not be reached ----------------------------------------------------------------------------------------------


def test_there_are_enough_ways_in() -> None:
    assert len(REFUSED) + len(NAMES) >= 120


def test_no_way_in_reaches_anything(web: Web) -> None:
    for url in REFUSED.values():
        refused(web, url.format(port=80))
    for name in NAMES:
        refused(web, f"http://{name}/")
    assert web.connected == []
    assert untouched(web)


def test_no_way_in_reaches_anything_over_real_sockets(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's resolver, and a port that listens on this machine taken for one of the web's."""
    port = web.sentinel.port
    monkeypatch.setattr(addresses, "PORTS", {"http": port, "https": port})
    plain = Fetcher(deadline_s=3)
    for url in REFUSED.values():
        with pytest.raises(AppError):
            plain.fetch(parse_address(url.format(port=port)), Anywhere())
    assert untouched(web)


def test_sentinel_counts_what_reaches_it() -> None:
    """The tests above could find something: without the guard these addresses lead to the listener."""
    with serving() as own:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001"):
            with pytest.raises(httpx2.HTTPError), httpx2.Client(trust_env=False, timeout=2) as unguarded:
                unguarded.get(f"http://{host}:{own.sentinel.port}/")
        settle()
        assert own.sentinel.reached == 6
        assert own.sentinel.received > 0


def test_no_page_leads_inside(web: Web) -> None:
    ways = [url.format(port=80) for url in REFUSED.values()] + [f"http://{name}/" for name in NAMES]
    for url in ways:
        # What is no address of its own is taken as a path of the page's host, and stays there.
        try:
            page = fetch(web, f"http://a.example/redirect?to={quote(url, safe='', errors='replace')}")
        except AppError:
            continue
        assert httpx2.URL(page.url).host == "a.example", url
    assert set(web.connected) == {PUBLIC}
    assert untouched(web)


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_no_chain_of_pages_leads_inside(web: Web, hops: int) -> None:
    url = "http://169.254.169.254/latest/meta-data/"
    for _ in range(hops):
        url = f"http://a.example/redirect?to={quote(url, safe='')}"
    refused(web, url, AddressRefused)
    assert len(web.connected) == hops
    assert untouched(web)


def test_name_that_changes_its_mind_is_asked_once(web: Web) -> None:
    web.names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert fetch(web, "http://rebinding.example/page").status == 200
    assert (web.asked, web.connected) == (["rebinding.example"], [PUBLIC])
    # A page that leads back to its own name is looked up anew, and refused then.
    refused(web, f"http://rebinding.example/redirect?to={quote('http://rebinding.example/page')}", AddressRefused)
    web.names["turning.example"] = [[PUBLIC], ["127.0.0.1"]]
    refused(web, f"http://turning.example/redirect?to={quote('http://turning.example/page')}", AddressRefused)
    assert set(web.connected) == {PUBLIC}
    assert untouched(web)


def test_proxies_of_the_environment_are_passed_over(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the product's own transport, to a site of this machine that is taken for public."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{web.sentinel.port}")
    port = web.site.server_address[1]
    monkeypatch.setattr(addresses, "PORTS", {"http": port, "https": port})
    monkeypatch.setattr(client, "is_public", lambda address: True)
    page = Fetcher(resolve=lambda host: ["127.0.0.1"]).fetch(parse_address(f"http://a.example:{port}/page"), Anywhere())
    assert page.body == HTML
    assert web.site.seen == [(f"a.example:{port}", "/page")]
    assert untouched(web)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::200e"])
def test_machines_of_the_open_internet_are_public(address: str) -> None:
    found = literal(address)
    assert found is not None
    assert is_public(found)


# --- what may be reached ---------------------------------------------------------------------------------------------------

LEGAL = [
    ("http://a.example/page", "a.example"),
    ("http://a.example", "a.example"),
    ("http://A.Example/page", "a.example"),
    ("HTTP://a.example:80/page", "a.example"),
    ("http://a.example:443/page", "a.example:443"),
    ("http://a.example./page", "a.example"),
    ("http://a.b.c-d.example/page", "a.b.c-d.example"),
    ("http://under_score.example/page", "under_score.example"),
    ("http://münchen.example/page", "xn--mnchen-3ya.example"),
    ("http://xn--mnchen-3ya.example/page", "xn--mnchen-3ya.example"),
    ("http://a。example/page", "a.example"),
    ("http://a.example/page?q=one+two&x=%20#part", "a.example"),
    ("http://a.example/pfad/über?q=ü", "a.example"),
    ("http://a.example/%0d%0aX:%20y", "a.example"),
    ("http://a.example/a@b?c=d@e", "a.example"),
    (f"http://{PUBLIC}/page", PUBLIC),
    (f"http://[{PUBLIC_6}]/page", f"[{PUBLIC_6}]"),
    ("http://a.example/zipped", "a.example"),
    ("http://a.example/deflated", "a.example"),
    ("http://a.example/hops?left=3", "a.example"),
    ("http://a.example/redirect?to=page", "a.example"),
    ("http://a.example/redirect?to=%2F%2Fb.example%2Fpage", "b.example"),
]


@pytest.mark.parametrize(("url", "host"), LEGAL)
def test_legal_address_works(web: Web, url: str, host: str) -> None:
    page = fetch(web, url)
    assert (page.status, page.body, page.is_cut) == (200, HTML, False)
    assert web.site.seen[-1][0] == host
    assert untouched(web)


def test_machine_that_does_not_answer_is_passed_over_for_the_next(web: Web) -> None:
    web.names["two.example"] = [[PUBLIC, PUBLIC_2]]
    web.dead = {PUBLIC}
    assert fetch(web, "http://two.example/page").status == 200
    assert web.connected == [PUBLIC, PUBLIC_2]
    web.dead = {PUBLIC, PUBLIC_2}
    assert "ConnectError" in refused(web, "http://two.example/page", FetchFailed)


def test_certificate_is_that_of_the_name(web: Web, tmp_path: Path) -> None:
    """TLS to a number under a name: the name is asked for and has to be proved."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=a.example", "-addext", "subjectAltName=DNS:a.example"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", *subject]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(certificate, key)
    names: list[str | None] = []
    there.sni_callback = lambda socket, name, context: names.append(name)
    here = ssl.create_default_context(cafile=str(certificate))

    class Local(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            request.url = request.url.copy_with(host="127.0.0.1", port=port)
            return await super().handle_async_request(request)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        threading.Thread(target=_answer_over_tls, args=(listener, there, 2), daemon=True).start()
        secure = Fetcher(web.resolve, lambda: Local(verify=here, trust_env=False), 5)
        assert secure.fetch(parse_address("https://a.example/"), Anywhere()).body == b"hello"
        with pytest.raises(FetchFailed):
            secure.fetch(parse_address("https://b.example/"), Anywhere())
    assert names == ["a.example", "b.example"]


def _answer_over_tls(listener: socket.socket, context: ssl.SSLContext, times: int) -> None:
    for _ in range(times):
        accepted, _ = listener.accept()
        try:
            with context.wrap_socket(accepted, server_side=True) as secure:
                secure.recv(10_000)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        except OSError:
            accepted.close()


def test_page_may_not_lead_to_a_host_that_nobody_allowed(web: Web) -> None:
    fetcher = Fetcher(web.resolve, web.transport)
    start = parse_address(f"http://a.example/redirect?to={quote('http://b.example/page?q=1')}")
    with pytest.raises(AddressRefused, match=r"another host: http://b\.example/page\?q=1"):
        fetcher.fetch(start, {"a.example"})
    assert web.asked == ["a.example"]
    assert fetcher.fetch(start, {"a.example", "b.example"}).url == "http://b.example/page?q=1"


# --- sizes and times -------------------------------------------------------------------------------------------------------


def test_packed_bomb_is_unpacked_no_further_than_it_is_taken(web: Web) -> None:
    tracemalloc.start()
    try:
        page = fetch(web, "http://a.example/bomb", deadline_s=30)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(page.body), page.is_cut) == (MOST_BYTES, True)
    assert peak < 32 * 1024 * 1024  # of 200 MB; the server that packs them lies in this process too


def test_large_page_is_cut(web: Web) -> None:
    page = fetch(web, "http://a.example/big")
    assert (len(page.body), page.is_cut) == (MOST_BYTES, True)
    assert read_page(page) == ("", "x" * MOST_CHARS, True)


@pytest.mark.parametrize("path", ["drip", "headers", "silence"])
def test_page_that_never_ends_has_its_deadline(web: Web, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(FetchFailed, match=r"a\.example took longer than 0\.5 s"):
        fetch(web, f"http://a.example/{path}", deadline_s=0.5)
    assert time.monotonic() - began < 5


def test_name_server_that_never_answers_has_its_deadline(web: Web) -> None:
    began = time.monotonic()

    def resolve(host: str) -> list[str]:
        web.site.may_end.wait(3)
        return [PUBLIC]

    with pytest.raises(FetchFailed, match="took longer"):
        Fetcher(resolve, web.transport, 0.3).fetch(parse_address("http://a.example/"), Anywhere())
    assert time.monotonic() - began < 2.5


def test_endless_redirects_end(web: Web) -> None:
    assert "more than 3 times" in refused(web, "http://a.example/endless", FetchFailed)
    assert len(web.site.seen) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("picture", "image/png, which isn't text"),
        ("program", "application/octet-stream, which isn't text"),
        ("twice", "gzip, gzip, which isn't taken"),
        ("broken", "didn't answer as a web server does"),
        ("flood", "didn't answer as a web server does"),
        ("garbage", "didn't answer as a web server does"),
    ],
)
def test_what_is_no_page_is_refused_by_name(web: Web, path: str, words: str) -> None:
    assert words in refused(web, f"http://a.example/{path}", FetchFailed)


# --- reading ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "title", "text"),
    [
        ("page", "A page", "Hello\n\nOne & two"),
        ("plain", "", "just words"),
        ("json", "", '{"a": 1}'),
        ("feed", "", "<feed>words</feed>"),
        ("latin", "", "Grüße"),
        ("meta", "", "Grüße"),
        ("odd", "", "\\x41"),
    ],
)
def test_page_is_read_as_people_see_it(web: Web, path: str, title: str, text: str) -> None:
    assert read_page(fetch(web, f"http://a.example/{path}")) == (title, text, False)


def html(source: str) -> tuple[str, str, bool]:
    return read_page(Page("http://a.example/", 200, "text/html", "utf-8", source.encode(), is_cut=False))


def test_lists_tables_and_what_is_hidden() -> None:
    source = (
        "<html><head><title>T &lt;x&gt;</title><style>p{}</style></head><body><script>x</script><ul><li>one<li>two</ul>"
        "<table><tr><td>a<td>b</tr></table><noscript>no</noscript><svg><text>no</text></svg>end</body>"
    )
    assert html(source) == ("T <x>", "- one\n- two\n\n| a | b\n\nend", False)


@pytest.mark.parametrize("odd", ["<![", "<![>", "<![x y>", "<![if !IE]>", "<![endif]>", "<![&[x]>", "<!x>", "<!>", "</>", "<?x>"])
def test_markup_that_is_none_hides_nothing_behind_it(odd: str) -> None:
    _, text, _ = html(f"<p>before</p>{odd}<p>after</p>")
    assert text.startswith("before")
    assert text.endswith("after") or odd == "<![", "what is not closed takes the next tag with it"


@pytest.mark.parametrize(
    "piece", ["<!--", "<!", "<a ", "<a href='", "</", "<?", "&#", "<script>", "<![CDATA[", "<![", "<div>", "<a b=", "&amp", "<p/><", "]]>"]
)
def test_hostile_markup_costs_little(piece: str) -> None:
    began = time.monotonic()
    html(piece * (MOST_BYTES // len(piece)))
    assert time.monotonic() - began < 10
