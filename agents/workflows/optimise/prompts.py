"""What the four roles of optimise are told: their prompt files with the project's budgets put in, and the sections they are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.bench.goals import goals_of
from agents.bench.loop import Next, Round
from agents.bench.spec import Spec
from agents.llm.port import ModelMessage, Purpose
from agents.llm.rules.material import write_decision, write_files, write_rounds
from agents.llm.rules.sections import write_sections
from agents.workflows.prompting import read_prompt_file


@dataclass(frozen=True)
class Brief:
    """What everybody at the bench knows: the project's spec, what was asked, what was said to agents first, and the rounds so far."""

    spec: Spec
    request: str = ""
    instructions: str = ""
    rounds: Sequence[Round] = ()


def to_implement(brief: Brief, change_request: str, texts: Mapping[str, str]) -> list[ModelMessage]:
    """The messages that ask for a patch of these files."""
    return _ask(brief, "implement", {"Change request": change_request, "Files": write_files(texts)})


def to_test(brief: Brief, scenarios: Mapping[str, str]) -> list[ModelMessage]:
    """The messages that ask for further scenarios."""
    return _ask(brief, "test", {"Scenarios": write_files(scenarios)})


def to_measure(brief: Brief) -> list[ModelMessage]:
    """The messages that ask what the newest measuring says."""
    return _ask(brief, "measure", {})


def to_criticise(brief: Brief, decided: Next) -> list[ModelMessage]:
    """The messages that ask for a judgement of the newest round, and for a change request if another follows."""
    return _ask(brief, "critique", {"Decided": write_decision(decided)})


def again(prompt: Sequence[ModelMessage], answer: str, problem: str) -> list[ModelMessage]:
    """The same question after an answer that can't be used."""
    said = ModelMessage("assistant", answer)
    return [*prompt, said, ModelMessage("user", f"That can't be used. {problem}\nAnswer again, with one JSON object and nothing else.")]


def _ask(brief: Brief, purpose: Purpose, more: Mapping[str, str]) -> list[ModelMessage]:
    project = f"{brief.spec.name}\n{brief.spec.goal}".strip()
    sections = {"Project": project, "Rounds": write_rounds(brief.rounds) if brief.rounds else "", **more, "Request": brief.request}
    goals = "\n".join(f"- {goal}" for goal in goals_of(brief.spec)) or "- (none)"
    told = read_prompt_file(purpose).replace("{goals}", goals)
    system = "\n\n".join(text for text in (brief.instructions, told) if text)
    return [ModelMessage("system", system), ModelMessage("user", write_sections(sections))]
