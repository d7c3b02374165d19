"""Folders are removed whatever was done in them."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.bench.removal import remove_tree

_NOBODY = 65_534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of a user whom rights bind, as they don't bind user 0."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    yield Path(tempfile.mkdtemp(prefix="removal-"))
    if is_root:
        os.seteuid(0)


def test_removing_what_is_gone_is_fine(folder: Path) -> None:
    (folder / "file").touch()
    remove_tree(folder)
    remove_tree(folder)
    assert not folder.exists()


def test_folders_that_are_shut_are_removed_all_the_same(folder: Path) -> None:
    for name, mode in (("shut", 0), ("read", 0o500)):
        (folder / name / "inner").mkdir(parents=True)
        (folder / name / "inner" / "file").touch()
        (folder / name / "inner").chmod(mode)
        (folder / name).chmod(mode)
    remove_tree(folder)
    assert not folder.exists()


def test_folders_nested_too_deep_to_be_named_are_removed(folder: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    for _ in range(3_000):
        os.mkdir("d")
        os.chdir("d")
    os.fchdir(here)
    os.close(here)
    remove_tree(folder)
    assert not folder.exists()


def test_links_are_removed_and_what_they_lead_to_stays(folder: Path) -> None:
    (folder / "here").mkdir()
    (folder / "there").mkdir()
    (folder / "here" / "link").symlink_to(folder / "there")
    remove_tree(folder / "here" / "link")
    assert (folder / "here" / "link").is_symlink()
    remove_tree(folder / "here")
    assert [each.name for each in folder.iterdir()] == ["there"]
    remove_tree(folder)
