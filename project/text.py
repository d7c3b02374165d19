"""Markdown to HTML that is safe to insert: raw HTML off in the parser, then an allow-list sanitiser."""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

# One address that a text names a thousand times makes megabytes of it: beyond this sum, or the text's own length, references stay text.
_MOST_LINKED = 20_000


def _parser(*without: str) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"]).disable(["image", *without])


_markdown, _without_references = _parser(), _parser("reference")


def render_markdown(source: str) -> str:
    """HTML for `source`: no images, no raw HTML, links to http, https and mailto only, with rel set."""
    tokens = _markdown.parse(source)
    if _linked(tokens) > max(len(source), _MOST_LINKED):
        tokens = _without_references.parse(source)
    html = str(_markdown.renderer.render(tokens, _markdown.options, {}))
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow")


def _linked(tokens: Sequence[Token]) -> int:
    """The length of all addresses and titles of links together."""
    return sum(len(str(value)) for token in tokens for child in token.children or () for value in child.attrs.values())


def first_words(source: str, most: int) -> str:
    """The first paragraph or list item of Markdown (else a heading, else all) as one plain line of at most `most` characters."""
    heading = ""
    before = Token("", "", 0)
    for token in _markdown.parse(source):
        if token.type == "inline" and before.type == "paragraph_open":
            return _cut(_plain(token), most)
        if token.type == "inline" and before.type == "heading_open":
            heading = heading or _plain(token)
        before = token
    return _cut(heading or " ".join(source.split()), most)


def _plain(inline: Token) -> str:
    return " ".join("".join(token.content or " " * token.type.endswith("break") for token in inline.children or []).split())


def _cut(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
