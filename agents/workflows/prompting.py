"""Writing prompts: what the model is told first (files in prompts/), and the sections it is given."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from agents.llm.port import ModelMessage, Purpose
from agents.llm.rules.sections import Result, write_results, write_sections
from agents.workflows.facts import Facts, Finding

_PROMPTS = Path(__file__).parent / "prompts"


@cache
def read_prompt_file(purpose: Purpose) -> str:
    """What the model is told first for `purpose`."""
    return (_PROMPTS / f"{purpose}.md").read_text(encoding="utf-8").strip()


def ask(facts: Facts, purpose: Purpose, *, subtask: str = "", results: Sequence[Finding] = (), live: str = "") -> list[ModelMessage]:
    """The messages that ask the model for `purpose`."""
    sections = {
        "Board": facts.board,
        "Card": facts.card,
        "Results": write_results(_results(results)),
        "Live state": live,
        "Subtask": subtask,
        "Request": facts.request,
    }
    return [system(facts, purpose), ModelMessage("user", write_sections(sections))]


def ask_in_conversation(facts: Facts) -> list[ModelMessage]:
    """The messages of a chat: what was said before, then the newest message."""
    earlier = [ModelMessage("assistant" if role == "assistant" else "user", content) for role, content in facts.history]
    now = ModelMessage("user", write_sections({"Board": facts.board, "Card": facts.card, "Request": facts.request}))
    return [system(facts, "chat"), *earlier, now]


def system(facts: Facts, purpose: Purpose) -> ModelMessage:
    """The session's instructions first, then what the purpose asks."""
    return ModelMessage("system", "\n\n".join(text for text in (facts.instructions, read_prompt_file(purpose)) if text))


def _results(findings: Sequence[Finding]) -> Iterable[Result]:
    return [Result(finding.title, finding.content) for finding in findings]
