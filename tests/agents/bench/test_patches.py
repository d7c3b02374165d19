"""Patches change what they may, whole or not at all, and are taken back exactly."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from agents.bench import patches
from agents.bench.errors import Refused
from agents.bench.inside import files_of, matches, read_inside, write_inside
from agents.bench.patches import Change, Patch, apply, replacing, roll_back

ANY = ["**"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "app").mkdir(parents=True)
    (project / "server.py").write_bytes(b"one\ntwo\nthree\n")
    (project / "app/logic.py").write_bytes(b"x = 1\n")
    (project / "bench.yaml").write_text("name: it\n")
    (tmp_path / "outside.py").write_text("secret\n")
    return project


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_patch_gives_files_their_new_texts(folder: Path) -> None:
    patch = replacing(folder, {"server.py": "one\nTWO\nthree\n", "app/logic.py": "x = 2\n"})
    apply(patch, folder, allowed=["*.py", "app/*.py"])
    assert contents(folder) == {"server.py": b"one\nTWO\nthree\n", "app/logic.py": b"x = 2\n", "bench.yaml": b"name: it\n"}


def test_what_changes_nothing_is_no_patch(folder: Path) -> None:
    assert not replacing(folder, {"server.py": "one\ntwo\nthree\n"})


def test_a_patch_survives_being_stored(folder: Path) -> None:
    patch = replacing(folder, {"server.py": "ein\r\nzwei\n", "new.py": "ö"})
    assert Patch.model_validate_json(patch.model_dump_json()) == patch


def test_rolling_back_gives_every_byte_and_mode_back(folder: Path) -> None:
    (folder / "server.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo\n\x0cthree")
    (folder / "server.py").chmod(0o755)
    (folder / "app/empty").mkdir()
    before = contents(folder)
    applied = apply(replacing(folder, {"server.py": "", "app/new/deep/file.py": "new"}), folder, allowed=ANY)
    assert (folder / "server.py").read_bytes() == b""
    assert stat.S_IMODE((folder / "server.py").stat().st_mode) == 0o755
    roll_back(applied, folder)
    assert contents(folder) == before
    assert stat.S_IMODE((folder / "server.py").stat().st_mode) == 0o755
    assert (folder / "app/empty").is_dir()
    assert not (folder / "app/new").exists()


def test_rolling_back_keeps_folders_that_others_use_by_now(folder: Path) -> None:
    applied = apply(replacing(folder, {"app/new/file.py": "new"}), folder, allowed=ANY)
    (folder / "app/new/other.py").write_text("somebody else's")
    roll_back(applied, folder)
    assert [path.name for path in (folder / "app/new").iterdir()] == ["other.py"]


def test_rolling_back_is_refused_where_a_file_was_changed_since(folder: Path) -> None:
    applied = apply(replacing(folder, {"server.py": "new\n", "app/logic.py": "y = 1\n"}), folder, allowed=ANY)
    (folder / "server.py").write_text("newer\n")
    with pytest.raises(Refused, match=r"server\.py changed after the patch was applied"):
        roll_back(applied, folder)
    assert (folder / "app/logic.py").read_text() == "y = 1\n"


def test_a_file_that_changed_meanwhile_stops_the_whole_patch(folder: Path) -> None:
    patch = replacing(folder, {"app/logic.py": "x = 2\n", "server.py": "new\n"})
    (folder / "server.py").write_text("somebody's work\n")
    with pytest.raises(Refused, match=r"server\.py changed after the patch was made"):
        apply(patch, folder, allowed=ANY)
    assert (folder / "app/logic.py").read_text() == "x = 1\n"


def test_a_file_that_is_there_by_now_is_not_made_anew(folder: Path) -> None:
    patch = replacing(folder, {"new.py": "mine\n"})
    (folder / "new.py").write_text("somebody's\n")
    with pytest.raises(Refused, match=r"new\.py changed"):
        apply(patch, folder, allowed=ANY)
    assert (folder / "new.py").read_text() == "somebody's\n"


def test_a_failing_write_takes_back_those_before_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = replacing(folder, {"app/logic.py": "x = 2\n", "deep/new.py": "new\n", "server.py": "new\n"})
    before = contents(folder)

    def full(folder: Path, path: str, text: str) -> None:
        if path == "server.py":
            raise OSError(28, "No space left on device")
        write_inside(folder, path, text)

    monkeypatch.setattr(patches, "write_inside", full)
    with pytest.raises(Refused, match=r"nothing was changed.*No space left"):
        apply(patch, folder, allowed=ANY)
    assert contents(folder) == before
    assert not (folder / "deep").exists()


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/passwd", "app/../../outside.py", "app//logic.py", "./server.py", "", "app\\logic.py", "a\0b"]
)
def test_paths_that_leave_the_folder_or_hide_where_they_lead_are_refused(folder: Path, path: str) -> None:
    with pytest.raises(Refused, match="isn't the path of a file inside"):
        replacing(folder, {path: "x"})
    with pytest.raises(Refused):
        apply(Patch(changes=(Change(path=path, before=None, after="x"),)), folder, allowed=ANY)


def test_links_are_refused_wherever_they_stand_and_lead(folder: Path, tmp_path: Path) -> None:
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    (folder / "inner.py").symlink_to("server.py")
    (folder / "out").symlink_to(tmp_path, target_is_directory=True)
    for path in ("link.py", "inner.py", "out/outside.py", "out/new.py", "out/new/new.py"):
        with pytest.raises(Refused, match="is a link, or not what it should be"):
            apply(Patch(changes=(Change(path=path, before=None, after="x"),)), folder, allowed=ANY)
    assert (tmp_path / "outside.py").read_text() == "secret\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside.py", "project"]


def test_a_hard_link_to_a_file_outside_leaves_that_as_it_is(folder: Path, tmp_path: Path) -> None:
    os.link(tmp_path / "outside.py", folder / "hard.py")
    apply(replacing(folder, {"hard.py": "new\n"}), folder, allowed=ANY)
    assert (folder / "hard.py").read_text() == "new\n"
    assert (tmp_path / "outside.py").read_text() == "secret\n"


def test_what_is_no_plain_text_file_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    (folder / "image.py").write_bytes(b"\xff\xfe\x00")
    (folder / "large.py").write_bytes(b"x" * 1_000_001)
    for path, reason in (
        ("pipe.py", "isn't a file"),
        ("app", "isn't a file|not what it should be"),
        ("image.py", "UTF-8"),
        ("large.py", "longer"),
    ):
        with pytest.raises(Refused, match=reason):
            read_inside(folder, path)


def test_only_files_that_the_patterns_cover_may_be_changed(folder: Path) -> None:
    patch = replacing(folder, {"app/logic.py": "x = 2\n", "server.py": "new\n"})
    with pytest.raises(Refused, match=r"server\.py may not be changed\. These may: app/\*\.py"):
        apply(patch, folder, allowed=["app/*.py"])
    assert (folder / "app/logic.py").read_text() == "x = 1\n"


@pytest.mark.parametrize(
    "path", ["bench.yaml", "scenarios/move.ws.yaml", ".git/hooks/pre-commit", "app/.env", "move.ws.json", "in.part.yaml"]
)
def test_what_is_measured_with_and_what_is_hidden_is_never_changed(folder: Path, path: str) -> None:
    with pytest.raises(Refused, match="may not be changed"):
        apply(replacing(folder, {path: "x"}), folder, allowed=ANY)


def test_a_patch_beyond_all_measure_is_refused(folder: Path) -> None:
    with pytest.raises(Refused, match="may change 50 files"):
        apply(replacing(folder, {f"file{number}.py": "x" for number in range(51)}), folder, allowed=ANY)
    with pytest.raises(Refused, match="longer than 1,000,000 bytes"):
        apply(replacing(folder, {"file.py": "ö" * 500_001}), folder, allowed=ANY)
    twice = Change(path="file.py", before=None, after="x")
    with pytest.raises(Refused, match="changes a file twice"):
        apply(Patch(changes=(twice, twice)), folder, allowed=ANY)
    with pytest.raises(Refused, match="nothing was changed"):
        apply(Patch(changes=(Change(path="file.py", before=None, after="\ud800"),)), folder, allowed=ANY)
    assert not (folder / "file.py").exists()


def test_nothing_but_the_files_is_left_behind(folder: Path) -> None:
    applied = apply(replacing(folder, {"server.py": "new\n"}), folder, allowed=ANY)
    roll_back(applied, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["app", "bench.yaml", "server.py"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("one\ntwo\n", "one\n2\n"), ("one", "two"), ("one\n", "one"), ("a\x0cb\r\nc\x85\n", "a\x0cB\r\nc\x85\n"), ("", "x\n"), ("x\n", "")],
)
def test_the_diff_means_to_git_what_the_patch_does(folder: Path, before: str, after: str) -> None:
    write_inside(folder, "file.py", before)
    patch = replacing(folder, {"file.py": after, "new.py": "new\n"})
    (folder / "the.diff").write_bytes(patch.diff.encode())
    subprocess.run(["git", "apply", "the.diff"], cwd=folder, check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)})
    assert read_inside(folder, "file.py") == after
    assert read_inside(folder, "new.py") == "new\n"


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("*.py", ["a.py"], ["b/a.py", "a.pyc", "apy"]),
        ("**/*.py", ["a.py", "b/a.py", "b/c/a.py"], ["a.txt"]),
        ("src/", ["src/a.py", "src/b/c.txt"], ["src", "other/src/a.py"]),
        ("src/**", ["src/a.py", "src/b/c.txt"], ["src"]),
        ("a?.py", ["ab.py"], ["a/.py", "a.py"]),
        ("a[1].py", ["a[1].py"], ["a1.py"]),
    ],
)
def test_patterns_cover_what_they_say(pattern: str, covered: list[str], not_covered: list[str]) -> None:
    assert [path for path in covered if not matches(path, [pattern])] == []
    assert [path for path in not_covered if matches(path, [pattern])] == []


def test_files_of_patterns_are_plain_visible_and_in_order(folder: Path) -> None:
    (folder / ".hidden").mkdir()
    (folder / ".hidden/x.py").write_text("")
    (folder / ".y.py").write_text("")
    (folder / "link.py").symlink_to("server.py")
    assert files_of(folder, ["**/*.py"]) == [Path("app/logic.py"), Path("server.py")]
