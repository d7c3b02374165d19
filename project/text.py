"""Markdown to HTML that is safe to insert: raw HTML off in the parser, then an allow-list sanitiser."""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

# One address that a text names a thousand times makes megabytes of it: beyond this sum, or the text's own length, references stay text.
_MOST_LINKED = 20_000


# Rows are filled up to the width of their table: 16,000 characters made 300,000 cells. Beyond this sum, or what the text itself
# can hold of them, tables stay text.
_MOST_CELLS = 5_000


def _parser(*without: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"]).disable(["image", *without])
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    return parser


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless it or one before it in this text had too many cells."""
    if state.env.get("is_full") or not table(state, start, end, True):
        return False
    if silent:
        return True
    stop = next((line for line in range(start, end) if state.isEmpty(line)), end)
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
    cells = state.env.get("cells", 0) + columns * (stop - start)
    state.env.update(cells=cells, is_full=cells > max(_MOST_CELLS, len(state.src) // 2))
    return not state.env["is_full"] and table(state, start, end, False)


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
