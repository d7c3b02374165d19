"""optimise at a terminal: what `manage.py optimise` does and shows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from agents.bench.album import Album
from agents.bench.errors import Refused
from agents.bench.files import check_writable
from agents.bench.goals import with_goals
from agents.bench.loop import Round
from agents.bench.scripts.recorder import printable
from agents.bench.spec import load_spec
from agents.bench.words import FATES, tell_end, tell_report
from agents.llm.port import Model
from agents.llm.registry import get_model
from agents.llm.rules.model import RulesModel
from agents.workflows.optimise.alone import Alone, Course
from agents.workspaces import Workspace
from project.ids import new_id

Write = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What was asked for: a workspace by name or folder, at most so many rounds (None: the spec's), a folder for what is kept of it.

    `is_by_rules`: the built-in rules do the work, whatever model is set up.
    """

    workspace: str
    rounds: int | None = None
    out: Path | None = None
    is_by_rules: bool = False


def find_workspace(wanted: str) -> Workspace:
    """The workspace of this name, or the one whose folder this is; Refused for any other folder: nothing runs that isn't declared."""
    declared = {name: Workspace(name, each.path, each.sandbox, each.seal) for name, each in settings.WORKROOM_WORKSPACES.items()}
    if wanted in declared:
        return declared[wanted]
    folder = Path(wanted).expanduser().resolve()
    for workspace in declared.values():
        if workspace.path.resolve() == folder:
            return workspace
    names = ", ".join(declared) or "none"
    raise Refused(
        f"{wanted} is no workspace. Known: {names}.",
        details=[
            "Declare the folder in config.yaml (docs/TEST_BENCH.md), as in",
            f"workspaces: {{{_name_for(folder)}: {{path: {folder}}}}}",
        ],
    )


def run(wish: Wish, terminal: Write) -> bool:
    """Optimise a copy of the workspace, tell all of it, keep what is asked for; whether every budget is met at the end.

    What is measured and a model say much of it: nothing of that controls the terminal. BenchError when it can't be run at all.
    Nothing of it is left running, and the copies are removed, however it ends.
    """

    def write(text: str) -> None:
        terminal("\n".join(map(printable, text.split("\n"))))

    check_writable(folder=wish.out)
    workspace = find_workspace(wish.workspace)
    site = workspace.site(f"terminal-{new_id().hex}")
    try:
        site.prepare(workspace.path)
        spec = with_goals(load_spec(site.base))
        model: Model = RulesModel(pace_ms=0) if wish.is_by_rules else get_model()
        write(f"{spec.name}: {spec.goal}".rstrip(": "))
        write("\n".join([f"Budgets: {'; '.join(spec.budgets)}.", f"Changes are made by {model.name}, in a copy of {workspace.path}.", ""]))
        alone = Alone(site, spec, model, lambda line: write(f"  … {line}"), lambda each, words: write(_tell_round(each, words)))
        course = asyncio.run(alone.go(wish.rounds or spec.rounds))
        write(tell_end(spec.name, course.rounds, course.decided, ""))
        if wish.out is not None:
            _keep(spec.name, course, wish.out, write)
    finally:
        site.remove()
    return course.decided.verb == "met"


def _keep(name: str, course: Course, folder: Path, write: Write) -> None:
    files = Album(name, course.rounds, course.critiques, course.decided, course.diff).write(folder)
    write(f"Kept in {folder}: {', '.join(file.name for file in files)}.")


def _tell_round(each: Round, words: str) -> str:
    parts = ["", f"=== Round {each.number}: {FATES[each.fate]} ==="]
    if each.patch:
        parts += [each.about, "", each.patch.rstrip(), ""]
    if each.checks is not None:
        parts += [f"{'passed' if one.passed else 'FAILED'}: {one.name} {one.about}".rstrip() for one in each.checks.played]
    if each.report is not None:
        parts += ["", tell_report(each.report), *(f"Note: {note}" for note in each.report.notes)]
    return "\n".join([*parts, "", "--- The critic ---", words, ""])


def _name_for(folder: Path) -> str:
    name = "".join(character if character.isalnum() else "_" for character in folder.name.lower()).strip("_")
    return name if name[:1].isalpha() else f"project_{name}".rstrip("_")
