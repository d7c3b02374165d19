"""Markdown to HTML that is safe to insert: raw HTML off in the parser, then an allow-list sanitiser."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"]).disable("image")


def render_markdown(source: str) -> str:
    """HTML for `source`: no images, no raw HTML, links to http, https and mailto only, with rel set."""
    html = _markdown.render(source)
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow")


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
