"""What judges a project is out of reach of patches, whatever its `change` covers."""

import json
from pathlib import Path

import pytest

from agents.bench.errors import BadFile, Refused
from agents.bench.patches import replacing
from agents.bench.spec import load_spec
from agents.bench.stages import Site
from agents.workflows.optimise.roles import changeable, take_patch

SPEC = """\
name: Shop
scenarios: ["plays/*.yaml", "more/"]
tests: {tests}
change: ["**"]
"""
SCENARIO = "name: Plays\nsteps: [{wait: 1}]\n"
FILES = {
    "server.py": "",
    "app/views.py": "",
    "app/test_views.py": "",
    "app/tests/fixtures/cards.txt": "",
    "app/conftest.py": "",
    "checks/run.py": "",
    "checks/unit/deep.py": "",
    "judge.sh": "",
    "quality/test_all.py": "",
    "quality/helper.py": "",
    "plays/greet.yaml": "name: Greets\nbegin_with: ../shared/hello.yaml\nsteps: [{wait: 1}]\n",
    "plays/broken.yaml": "steps: [",
    "more/one.json": json.dumps({"name": "One", "steps": [{"wait": 1}]}),
    "shared/hello.yaml": SCENARIO,
    "pyproject.toml": "",
    "web/cart.test.ts": "",
}


def project(folder: Path, tests: str = "[]", files: dict[str, str] | None = None) -> Path:
    for name, text in {**FILES, "bench.yaml": SPEC.replace("{tests}", tests), **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def offer(path: str, folder: Path) -> str:
    answer = json.dumps({"about": "quick", "files": [{"path": path, "content": "quick = 1\n"}]})
    return take_patch(answer, folder, load_spec(folder)).diff


ALWAYS = ["bench.yaml", "plays/greet.yaml", "plays/broken.yaml", "plays/new.yaml", "more/one.json", "more/new.txt", "shared/hello.yaml"]
CONVENTIONAL = [
    "app/test_views.py",
    "app/tests/fixtures/cards.txt",
    "app/conftest.py",
    "tests/new.py",
    "pyproject.toml",
    "web/cart.test.ts",
]


@pytest.mark.parametrize(
    ("tests", "judges"),
    [
        ("[]", []),
        ('["{python}", -m, pytest, -q]', CONVENTIONAL),
        ('["{python}", -m, checks.run]', [*CONVENTIONAL, "checks/run.py"]),
        ("[sh, ./judge.sh]", [*CONVENTIONAL, "judge.sh"]),
        ('[sh, -c, "cd . && pytest -q quality/test_all.py::test_it"]', [*CONVENTIONAL, "quality/test_all.py"]),
        ("[pytest, quality]", [*CONVENTIONAL, "quality/test_all.py", "quality/test_new.py"]),
        ("[mypy, app]", CONVENTIONAL),
    ],
)
def test_patch_of_what_judges_it_is_refused(tmp_path: Path, tests: str, judges: list[str]) -> None:
    folder = project(tmp_path, tests)
    for path in (*ALWAYS, *judges):
        with pytest.raises(Refused, match=f"{path} may not be changed: the project is judged by it"):
            offer(path, folder)
    for path in ("server.py", "app/views.py", "app/new.py", "checks/unit/deep.py"):
        assert offer(path, folder)


def test_implementer_is_not_shown_what_no_patch_may_change(tmp_path: Path) -> None:
    folder = project(tmp_path, "[sh, judge.sh]")
    shown = set(changeable(folder, load_spec(folder)))
    assert shown == {"server.py", "app/views.py", "checks/run.py", "checks/unit/deep.py", "quality/helper.py"}


def test_stored_patch_of_a_scenario_is_not_applied(tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    site = Site(tmp_path / "copies")
    site.prepare(folder)
    with pytest.raises(Refused, match=r"plays/greet\.yaml may not be changed"):
        site.build("test-1", [replacing(folder, {"plays/greet.yaml": SCENARIO}).diff])


@pytest.mark.parametrize("judge", ["bench.yaml", "plays/greet.yaml", "shared/hello.yaml", "judge.sh"])
def test_change_that_names_a_judge_is_told_by_line_and_column(tmp_path: Path, judge: str) -> None:
    folder = project(tmp_path, "[sh, judge.sh]")
    text = (folder / "bench.yaml").read_text().replace('["**"]', f"[server.py, {judge}]")
    (folder / "bench.yaml").write_text(text)
    with pytest.raises(BadFile, match=rf"bench.yaml:4:21: change.1: .*{judge} may not be changed: the project is judged by it"):
        load_spec(folder)
