"""Diffs that somebody wrote become patches, or are refused with what doesn't fit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bench.diffs import read_diff
from agents.bench.errors import Refused
from agents.bench.inside import write_inside
from agents.bench.patches import apply, replacing

TEXT = "import asyncio\n\n\nasync def tell(people):\n    for each in people:\n        await each.send(1)\n\n\nasync def end():\n    pass\n"
DIFF = """\
--- a/board.py
+++ b/board.py
@@ -4,3 +4,2 @@
 async def tell(people):
-    for each in people:
-        await each.send(1)
+    await asyncio.gather(*(each.send(1) for each in people))
"""
CHANGED = TEXT.replace(
    "    for each in people:\n        await each.send(1)\n", "    await asyncio.gather(*(each.send(1) for each in people))\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "board.py").write_text(TEXT)
    return tmp_path


def applied(folder: Path, diff: str) -> str:
    apply(read_diff(folder, diff), folder, allowed=["**"])
    return (folder / "board.py").read_text()


@pytest.mark.parametrize(
    "diff",
    [
        DIFF,
        DIFF.replace("@@ -4,3 +4,2 @@", "@@ -1,9 +1,7 @@"),
        DIFF.replace("@@ -4,3 +4,2 @@", "@@ -40 +40 @@ async def tell"),
        DIFF.replace("a/board.py", "board.py").replace("b/board.py", "board.py\t2026-11-21 12:00"),
        f"diff --git a/board.py b/board.py\nindex 12..34 100644\n{DIFF}",
        f"{DIFF}\n\n",
        DIFF.replace("@@\n async", "@@\n\n\n async"),
        DIFF.replace("@@ -4,3 +4,2 @@", "@@"),
        DIFF.replace("@@ -4,3 +4,2 @@", "@@ async def tell(people): @@"),
        f"Here it is:\n```diff\n{DIFF}```\nThat sends to all at once.\n",
    ],
    ids=["exact", "wrong line", "no such line", "no prefixes", "git", "empty lines behind", "empty context", "no line", "words", "fenced"],
)
def test_diff_goes_where_its_lines_are(folder: Path, diff: str) -> None:
    assert applied(folder, diff) == CHANGED


def test_same_lines_twice_are_changed_where_the_diff_says(folder: Path) -> None:
    (folder / "board.py").write_text("a\nx\n" * 5)
    assert applied(folder, "--- a/board.py\n+++ b/board.py\n@@ -6 +6 @@\n-x\n+y\n") == "a\nx\n" * 2 + "a\ny\n" + "a\nx\n" * 2


def test_same_lines_twice_without_a_line_are_refused(folder: Path) -> None:
    (folder / "board.py").write_text("a\nx\n" * 5)
    with pytest.raises(Refused, match="fits 5 places: say the line"):
        read_diff(folder, "--- a/board.py\n+++ b/board.py\n@@\n-x\n+y\n")


@pytest.mark.parametrize("place", ["-3,0 +4,1", "-0,0 +1,1"])
def test_lines_that_are_added_beside_none_are_refused(folder: Path, place: str) -> None:
    with pytest.raises(Refused, match="shows none beside them"):
        read_diff(folder, f"--- a/board.py\n+++ b/board.py\n@@ {place} @@\n+import json\n")


def test_a_file_keeps_its_kind_of_line_ends(folder: Path) -> None:
    write_inside(folder, "board.py", TEXT.replace("\n", "\r\n"))
    apply(read_diff(folder, DIFF), folder, allowed=["**"])
    assert (folder / "board.py").read_bytes().decode() == CHANGED.replace("\n", "\r\n")


def test_files_are_made_and_several_changed_at_once(folder: Path) -> None:
    new = "--- /dev/null\n+++ b/lib/fast.py\n@@ -0,0 +1,2 @@\n+x = 1\n+y = 2\n"
    assert applied(folder, DIFF + new) == CHANGED
    assert (folder / "lib/fast.py").read_text() == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("diff", "why"),
    [
        ("I would use gather here.", "no unified diff"),
        ("--- a/board.py\n+++ b/board.py\n", "no unified diff"),
        (DIFF.replace("each in people", "each in folk"), "Change 1 of board.py doesn't fit"),
        (DIFF.replace("board.py", "other.py"), "no file other.py"),
        (DIFF.replace("--- a/board.py", "--- /dev/null"), "there already"),
        (DIFF.replace("+++ b/board.py", "+++ /dev/null"), "would be deleted"),
        (DIFF.replace("board.py", "../board.py"), "isn't the path of a file inside"),
        (DIFF.replace("a/board.py", "/etc/passwd").replace("b/board.py", "/etc/passwd"), "isn't the path of a file inside"),
    ],
)
def test_diff_that_does_not_fit_is_refused_and_changes_nothing(folder: Path, diff: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_diff(folder, diff)
    assert (folder / "board.py").read_text() == TEXT


LINES = st.lists(st.sampled_from(["a", "b", "  c", "", "-", "+ d", "@@ x", "\x0c"]), min_size=1, max_size=12).map("\n".join)


@given(before=LINES, after=LINES, ends=st.tuples(st.sampled_from(["", "\n"]), st.sampled_from(["", "\n"])))
def test_diff_of_a_patch_leads_to_the_same_texts(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str, ends: tuple[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("diff")
    write_inside(folder, "board.py", before + ends[0])
    patch = replacing(folder, {"board.py": after + ends[1]})
    if patch:
        assert read_diff(folder, patch.diff) == patch
