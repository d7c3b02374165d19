"""Working folders stay inside what is allowed."""

from pathlib import Path

import pytest

from agents.bench.errors import Refused
from agents.bench.processes.folders import resolve_inside


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "web").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (folder / "away").symlink_to(tmp_path / "elsewhere")
    (folder / "inner").symlink_to(folder / "web")
    (folder / "file").touch()
    (folder / "loop").symlink_to(folder / "loop")
    return folder


@pytest.mark.parametrize("name", [".", "web", "inner", "web/../web"])
def test_folder_inside_is_resolved(project: Path, name: str) -> None:
    found = resolve_inside(Path(name), project, [project])
    assert found == (project / name).resolve()


@pytest.mark.parametrize("name", ["..", "../elsewhere", "away", "/", "web/../../elsewhere"])
def test_folder_outside_is_refused_wherever_links_lead(project: Path, name: str) -> None:
    with pytest.raises(Refused, match="is outside of what is allowed"):
        resolve_inside(Path(name), project, [project])


def test_sibling_whose_name_begins_alike_is_outside(project: Path) -> None:
    (project.parent / "project-2").mkdir()
    with pytest.raises(Refused, match="outside"):
        resolve_inside(Path("../project-2"), project, [project])


@pytest.mark.parametrize(("name", "said"), [("none", "No such file"), ("file", "isn't a folder"), ("loop", "can't be used")])
def test_what_is_no_folder_is_refused(project: Path, name: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        resolve_inside(Path(name), project, [project])


def test_second_allowed_folder_counts_too(project: Path) -> None:
    other = project.parent / "elsewhere"
    assert resolve_inside(Path("away"), project, [project, other]) == other
