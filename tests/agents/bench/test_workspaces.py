"""Copies of project folders: whole, bounded, and without a way out."""

import os
from pathlib import Path

import pytest

from agents.bench.errors import Refused
from agents.bench.workspaces import Most, check_project, copy_project, measure_copy


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "projects" / "shop"
    for name, text in {"bench.yaml": "name: shop", "shop/app.py": "x = 1\n", "tests/run.sh": "exit 0\n"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "tests/run.sh").chmod(0o755)
    return folder


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_copy_holds_the_projects_files_and_leaves_the_rest_out(project: Path, tmp_path: Path) -> None:
    for left_out in (".git/config", ".venv/bin/python", "shop/__pycache__/app.pyc", "node_modules/a/b.js", ".mypy_cache/x"):
        (project / left_out).parent.mkdir(parents=True, exist_ok=True)
        (project / left_out).write_text("no")
    (project / "my_cache").mkdir()
    (project / "my_cache/kept.txt").write_text("yes")
    os.mkfifo(project / "pipe")
    copied = copy_project(project, tmp_path / "copy")
    assert names(tmp_path / "copy") == {"bench.yaml", "shop/app.py", "tests/run.sh", "my_cache/kept.txt"}
    assert copied.files == 4
    assert (tmp_path / "copy/tests/run.sh").stat().st_mode & 0o111


def test_copy_is_made_once_and_known_by_its_fingerprint(project: Path, tmp_path: Path) -> None:
    first = copy_project(project, tmp_path / "copy")
    (project / "shop/app.py").write_text("x = 2\n")
    assert copy_project(project, tmp_path / "copy") == first
    assert copy_project(project, tmp_path / "other").fingerprint != first.fingerprint
    (tmp_path / "copy/new.txt").write_text("new")
    assert measure_copy(tmp_path / "copy").fingerprint != first.fingerprint


@pytest.mark.parametrize("leads_to", ["/etc", "/etc/passwd", "../../secret.txt", "shop/../../../secret.txt"])
def test_link_that_leads_out_is_refused_and_nothing_is_left(project: Path, tmp_path: Path, leads_to: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (project / "out").symlink_to(leads_to)
    with pytest.raises(Refused, match="out is a link out of the project"):
        copy_project(project, tmp_path / "copies" / "copy")
    assert list((tmp_path / "copies").iterdir()) == []


def test_link_inside_the_project_stays_a_link(project: Path, tmp_path: Path) -> None:
    (project / "latest").symlink_to("shop")
    copy_project(project, tmp_path / "copy")
    assert (tmp_path / "copy/latest").is_symlink()
    assert (tmp_path / "copy/latest/app.py").read_text() == "x = 1\n"


@pytest.mark.parametrize("most", [Most(files=2), Most(bytes=15)])
def test_project_that_is_too_large_is_refused_and_nothing_is_left(project: Path, tmp_path: Path, most: Most) -> None:
    with pytest.raises(Refused, match="too large to be copied"):
        copy_project(project, tmp_path / "copies" / "copy", most)
    assert list((tmp_path / "copies").iterdir()) == []


def test_project_outside_the_allowed_folders_is_refused(project: Path, tmp_path: Path) -> None:
    assert check_project(project, [tmp_path / "projects"]) == project
    (tmp_path / "projects/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    for outside in (tmp_path / "elsewhere", project / "../../elsewhere", tmp_path / "projects/link", Path("/etc")):
        with pytest.raises(Refused, match="outside the folders that may be worked on"):
            check_project(outside, [tmp_path / "projects"])


def test_folder_without_a_bench_file_is_refused(project: Path) -> None:
    (project / "bench.yaml").unlink()
    with pytest.raises(Refused, match=r"has no bench\.yaml"):
        check_project(project, [project])
    with pytest.raises(Refused, match="isn't a folder"):
        check_project(project / "nowhere", [project])
