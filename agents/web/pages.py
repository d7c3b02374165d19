"""What a fetched page says: its title and its text, without markup, scripts and whatever else nobody reads."""

import re
import time
from html.parser import HTMLParser

from agents.web.client import Page

MOST_CHARS = 20_000
"""Of a page's text."""

# The parser is given a page piece by piece and for a limited time: it has inputs that cost it their length squared.
_PIECE_CHARS = 8_192
_LONGEST_S = 2.0

_SILENT = frozenset(("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "select", "textarea", "head"))
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    )
)
_CHARSETS = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb(?:k|18030|2312)|big5"
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


def read_page(page: Page) -> tuple[str, str, bool]:
    """Title, text, and whether there is more than that."""
    source = _decode(page)
    if "html" not in page.content_type:
        return "", source[:MOST_CHARS], page.is_cut or len(source) > MOST_CHARS
    reader = _Reader()
    is_whole = _feed(reader, source)
    text = reader.text()
    return reader.title(), text[:MOST_CHARS], page.is_cut or not is_whole or len(text) > MOST_CHARS


def _decode(page: Page) -> str:
    named = page.charset
    if not named and "html" in page.content_type:
        meta = _META_CHARSET.search(page.body[:2_048])
        named = meta[1].decode("ascii") if meta else ""
    charset = named.lower()
    return page.body.decode(charset if _CHARSETS.fullmatch(charset) else "utf-8", "replace").lstrip("\ufeff")


def _feed(reader: "_Reader", source: str) -> bool:
    """Whether all of it was read. The end is left unclosed: what is open there was never finished."""
    until = time.monotonic() + _LONGEST_S
    for start in range(0, len(source), _PIECE_CHARS):
        if reader.size > 2 * MOST_CHARS or time.monotonic() > until:
            return False
        reader.feed(source[start : start + _PIECE_CHARS])
    return True


class _Reader(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.size = 0
        self._pieces: list[str] = []
        self._title: list[str] = []
        self._silent = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag == "title":
            self._in_title = not self._title
        elif tag in _SILENT:
            self._silent += 1
        elif tag == "body":
            self._silent = 0  # whatever the head left open
        elif tag == "br" or tag in _BLOCKS:
            self._pieces.append("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self._pieces.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self._pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """`<br/>`: opens nothing that has to be closed."""
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title.append(data)
        elif not self._silent:
            self._pieces.append(data)
            self.size += len(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """`<![x`: a comment to browsers, while the parser gives the page up."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i)

    def title(self) -> str:
        return " ".join("".join(self._title).split())[:300]

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._pieces).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line != "-")).strip()
