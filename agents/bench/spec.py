"""A project's bench file, `bench.yaml`: its services, scenarios, measurements and budgets, and what may be changed to meet them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo

from agents.bench.documents import read_document
from agents.bench.files import Problem, Section, refuse, shaped
from agents.bench.inside import matches
from agents.bench.judges import FILE_NAME, judges_of
from agents.bench.performance.budgets import bind, read_budget
from agents.bench.performance.declared import Measurement
from agents.bench.processes.declared import Name, Together
from agents.bench.scripts.steps import Step


def _check_budget(sentence: str, info: ValidationInfo) -> str:
    """Refuse a budget that can't be judged where it stands in the file."""
    budget = read_budget(sentence)
    if "measure" in info.data and "services" in info.data:  # else they are wrong themselves, and told
        bind(budget, info.data["measure"], has_servers=bool(info.data["services"]))
    return sentence


class Spec(Section):
    """What is to hold. `budgets` are sentences such as "moves p95 < 100 ms" (agents/bench/performance/budgets.py).

    `prepare` are scenario steps (agents/bench/scripts) that are played once before anything is measured; what they save is known
    to every measurement by name.
    `scenarios` and `change` are patterns of files inside the project's folder: what is played, and what a patch may touch, but for what
    judges it.
    `tests` is a command that must pass as well. Where `is_sandbox`, patches need nobody's approval.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    goal: str = ""
    services: Together = Field(default_factory=dict)
    scenarios: list[str] = Field(default_factory=list)
    tests: list[str] = Field(default_factory=list)
    prepare: list[Step] = Field(default_factory=list)
    measure: dict[Name, Measurement] = Field(default_factory=dict)
    budgets: list[Annotated[str, AfterValidator(_check_budget)]] = Field(default_factory=list)
    change: list[str] = Field(default_factory=list)
    rounds: Annotated[int, Field(ge=1, le=20)] = 5
    is_sandbox: Annotated[bool, Field(alias="sandbox")] = False
    _folder: Path = PrivateAttr(Path())

    @property
    def folder(self) -> Path:
        """The folder that all its paths start from: the one the file is in."""
        return self._folder

    @property
    def judges(self) -> list[str]:
        """Patterns of the files that a patch may not touch whatever `change` says, for the project is judged by them."""
        return judges_of(self._folder, self.scenarios, self.tests)


def load_spec(path: Path) -> Spec:
    """The spec in this file, or in this folder's `bench.yaml`. BadFile says where it is wrong."""
    file = path / FILE_NAME if path.is_dir() else path
    document = read_document(file)
    spec = shaped(document, Spec)
    spec._folder = file.resolve().parent
    if problems := list(_named_judges(spec)):
        raise refuse(document, problems)
    return spec


def _named_judges(spec: Spec) -> Iterator[Problem]:
    """Files under `change` that no patch may change; patterns may cover them, for they mean the others."""
    named = [(place, path) for place, path in enumerate(spec.change) if not ("*" in path or "?" in path)]
    judges = spec.judges if named else []
    for place, path in named:
        if matches(path, judges):
            yield Problem(("change", place), f"{path} may not be changed: the project is judged by it")
