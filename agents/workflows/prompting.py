"""Writing prompts: what the model is told first (files in prompts/), and the sections it is given."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from agents.llm.port import ModelMessage, Purpose
from agents.llm.rules.sections import Result, write_results, write_sections
from agents.workflows.facts import Facts, Finding
from agents.workflows.history import Spoken

_PROMPTS = Path(__file__).parent / "prompts"


@cache
def read_prompt_file(purpose: Purpose) -> str:
    """What the model is told first for `purpose`."""
    return (_PROMPTS / f"{purpose}.md").read_text(encoding="utf-8").strip()


def ask(
    facts: Facts, purpose: Purpose, *, subtask: str = "", results: Sequence[Finding] = (), live: str = "", now: str = ""
) -> list[ModelMessage]:
    """The messages that ask the model for `purpose`."""
    sections = {
        "Board": facts.board,
        "Card": facts.card,
        "Results": write_results(_results(results)),
        "Live state": live,
        "Board now": now,
        "Subtask": subtask,
        "Asked by": facts.asked_by,
        "Request": facts.request,
    }
    return [system(facts, purpose), ModelMessage("user", write_sections(sections))]


def ask_in_conversation(facts: Facts, summary: str, history: Sequence[Spoken]) -> list[ModelMessage]:
    """The messages of a chat: what came of the older ones, those said since, then the newest message."""
    remembered = [ModelMessage("user", f"What was said before these messages, summed up:\n\n{summary}")] if summary else []
    earlier = [ModelMessage("assistant" if each.role == "assistant" else "user", each.content) for each in history]
    now = ModelMessage(
        "user", write_sections({"Board": facts.board, "Card": facts.card, "Asked by": facts.asked_by, "Request": facts.request})
    )
    return [system(facts, "chat"), *remembered, *earlier, now]


def ask_to_sum_up(facts: Facts, summary: str, old: Sequence[Spoken]) -> list[ModelMessage]:
    """The messages that ask for a summary of the summary so far and what was said since."""
    said = write_results(Result(each.role, each.content) for each in old)
    return [system(facts, "summarise"), ModelMessage("user", write_sections({"Summary": summary, "Conversation": said}))]


def system(facts: Facts, purpose: Purpose) -> ModelMessage:
    """The session's instructions first, then what the purpose asks."""
    return ModelMessage("system", "\n\n".join(text for text in (facts.instructions, read_prompt_file(purpose)) if text))


def _results(findings: Sequence[Finding]) -> Iterable[Result]:
    return [Result(finding.title, finding.content) for finding in findings]
