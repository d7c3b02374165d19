"""What prompts of the test bench hold besides text: files and rounds, written so that models and rules read the same."""

from collections.abc import Mapping, Sequence
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from agents.bench.loop import Next, Round, Verb
from agents.bench.words import slim
from agents.llm.rules.sections import Result, read_results, write_results

_OPEN_END = "\\ No newline at end of file"
_ROUNDS = TypeAdapter(list[Round])


def write_files(texts: Mapping[str, str]) -> str:
    """The text of a Files section: each file under its path, in a block of code."""
    return write_results(Result(path, _block(text)) for path, text in sorted(texts.items()))


def read_files(section: str) -> dict[str, str]:
    """The files of a Files section, by path, exactly as they were."""
    return {each.title: _unblock(each.content) for each in read_results(section) if each.title}


def write_rounds(rounds: Sequence[Round]) -> str:
    """The text of a Rounds section: JSON without single samples."""
    return _ROUNDS.dump_json([slim(each) for each in rounds], exclude_defaults=True).decode()


def read_rounds(section: str) -> list[Round]:
    """The rounds of a Rounds section; none where it holds no such thing."""
    try:
        return _ROUNDS.validate_json(section)
    except ValidationError:
        return []


def write_decision(decided: Next) -> str:
    """The text of a Decided section."""
    return f"{decided.verb}: {decided.reason}"


def read_decision(section: str) -> Next:
    """What a Decided section says; to go on, where it says nothing."""
    verb, _, reason = section.partition(": ")
    verbs: Mapping[str, Verb] = {each: each for each in get_args(Verb)}
    return Next(verbs.get(verb, "again"), reason)


def _block(text: str) -> str:
    """The text between marks that it doesn't hold; that its last line has no end is said after the block, where no text can say it."""
    marks = "```"
    while marks in text:
        marks += "`"
    whole = text.endswith("\n")
    return "\n".join([marks, text.removesuffix("\n"), marks, *([] if whole else [_OPEN_END])])


def _unblock(block: str) -> str:
    whole = block.removesuffix(f"\n{_OPEN_END}")
    return "\n".join([*whole.split("\n")[1:-1], *([] if whole != block else [""])])
