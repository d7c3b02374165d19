"""S12 and S13: whatever Markdown says, nothing in the HTML runs, and nothing in it is fetched."""

import re
from html.parser import HTMLParser

import pytest

from project.text import render_markdown
from tests.hostile import read_payloads

PAYLOADS = read_payloads()
TAGS = frozenset(
    "p br hr h1 h2 h3 h4 h5 h6 blockquote ul ol li pre code em strong s a table thead tbody tr th td".split()  # noqa: SIM905 - a list of words
)
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}
# As a browser reads an address: without the characters it leaves out.
_LEFT_OUT = re.compile(r"[\x00-\x20\u200b]")


class Checker(HTMLParser):
    """Collects what HTML must not have."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, set()):
                self.faults.append(f"attribute {name} of {tag}")
            if name == "href":
                self._check_link(value or "")
        if tag == "a" and dict(attrs).get("rel") != "noopener noreferrer nofollow":
            self.faults.append("link without rel")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")

    def _check_link(self, href: str) -> None:
        scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", _LEFT_OUT.sub("", href))
        if scheme and scheme[1].lower() not in ("http", "https", "mailto"):
            self.faults.append(f"link to {href}")


def faults(html: str) -> list[str]:
    checker = Checker()
    checker.feed(html)
    checker.close()
    return checker.faults


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 250


@pytest.mark.parametrize("together", [1, 7, 40])
def test_nothing_runs_and_nothing_is_fetched(together: int) -> None:
    """Alone, and in company: what one leaves open another may close."""
    for start in range(0, len(PAYLOADS), together):
        source = "\n\n".join(PAYLOADS[start : start + together])
        assert faults(render_markdown(source)) == [], source


def test_inside_other_markup_too() -> None:
    for payload in PAYLOADS:
        for frame in ("> {}", "- {}", "**{}**", "# {}", "[{}](https://a.example)", "| {} |\n|---|\n| {} |", "`{}`"):
            source = frame.replace("{}", payload)
            assert faults(render_markdown(source)) == [], source


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=https://evil.example>",
        "<p onclick=alert(1)>x</p>",
        "<p style='x'>x</p>",
        '<a rel="noopener noreferrer nofollow" href="java&#10;script:alert(1)">x</a>',
        '<a href="https://a.example">x</a>',
        "<!-- x -->",
        "<svg/onload=alert(1)>",
    ],
)
def test_the_check_finds_what_it_looks_for(html: str) -> None:
    assert faults(html)
