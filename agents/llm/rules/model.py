"""The rules model: answers by built-in rules, offline, the same input always with the same output."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from django.conf import settings

from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec, Usage
from agents.llm.rules.asking import Asker, make_asker
from agents.llm.rules.clarifier import clarify
from agents.llm.rules.executor import do
from agents.llm.rules.intents import Intent
from agents.llm.rules.named import do_named
from agents.llm.rules.planner import find_step, make_plan, plan_thoughts, read_request
from agents.llm.rules.refiner import refine
from agents.llm.rules.reporter import report
from agents.llm.rules.sections import Prompt, read_prompt, read_results
from agents.llm.rules.summariser import sum_up
from agents.llm.rules.text import chunks, count, inline, shorten

_REQUEST_CHARS = 200
# Rules cost nothing and use no tokens.
_NOTHING = Usage(input_tokens=0, output_tokens=0, cost_usd=0.0)
_AT_THE_BENCH: frozenset[Purpose] = frozenset({"implement", "test", "measure", "critique"})


@dataclass(frozen=True)
class _Answer:
    thoughts: Sequence[str] = field(default_factory=list)
    text: str = ""
    calls: Sequence[ToolCallDelta] = field(default_factory=list)


class RulesModel:
    """Stands in for a language model. `pace_ms` is the pause between pieces of a few words; None takes the setting."""

    name = "built-in rules"
    adapter = "rules"

    def __init__(self, *, pace_ms: int | None = None) -> None:
        self._pace_s = (settings.WORKROOM_RULES_PACE_MS if pace_ms is None else pace_ms) / 1000

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        """Thoughts, then text, then tool calls; the first piece at once, the others at the pace."""
        prompt = read_prompt(messages)
        is_at_bench = purpose in _AT_THE_BENCH
        if is_at_bench:  # reading source code takes the processor for long
            answer = _Answer(text=await asyncio.to_thread(_answer_at_bench, purpose, prompt.sections))
        else:
            answer = _ANSWERS[purpose](prompt, make_asker(messages, prompt.since, tools))
        # Who asks how far the run is wants to know at once; nobody watches what is written at the bench.
        pause_s = 0.0 if purpose == "clarify" or is_at_bench else self._pace_s
        is_first = True
        for delta in _pieces(answer):
            if not is_first:
                await asyncio.sleep(pause_s)
            is_first = False
            yield delta
        yield Finish("tool_calls" if answer.calls else "stop", _NOTHING)


def _pieces(answer: _Answer) -> Sequence[Delta]:
    thoughts = [ThoughtDelta(piece) for thought in answer.thoughts for piece in chunks(thought)]
    return [*thoughts, *(TextDelta(piece) for piece in chunks(answer.text)), *answer.calls]


def _answer_at_bench(purpose: Purpose, sections: Mapping[str, str]) -> str:
    # Loaded when it is first needed: what parses Python takes half a second to import.
    answer: str = import_module("agents.llm.rules.bench").ANSWERS[purpose](sections)
    return answer


def _plan(prompt: Prompt, ask: Asker) -> _Answer:
    del ask
    plan = make_plan(prompt.sections)
    return _Answer(plan_thoughts(plan), plan.to_json())


def _work(prompt: Prompt, ask: Asker, intents: Sequence[Intent], asked_for: str) -> _Answer:
    work = do_named(ask, asked_for) or do(ask, intents)
    thoughts = list(work.thoughts)
    if not work.calls and ask.known:
        thoughts.append(f"I have what I need from {count(len(ask.known), 'tool call')}. ")
    text = f"{_who_asked(prompt)} {work.text}" if work.calls and work.text else work.text
    return _Answer(thoughts, text, work.calls)


def _who_asked(prompt: Prompt) -> str:
    """Why people are asked about a call: rules do what they are told, and nothing of their own."""
    who, said = prompt.sections.get("Asked by", ""), inline(shorten(prompt.request, _REQUEST_CHARS))
    stop = "" if said.endswith((".", "!", "?", "…")) else "."
    return f"{inline(who)} asked: {said}{stop}" if who else f"Asked for: {said}{stop}"


def _execute(prompt: Prompt, ask: Asker) -> _Answer:
    intents = find_step(prompt.sections)
    # A plan knows no tools: all it can't do may be to run one.
    is_all = [step.intent for step in make_plan(prompt.sections).steps] == intents and intents[0].kind.name == "unable"
    return _work(prompt, ask, intents, prompt.request if is_all else prompt.sections.get("Subtask", ""))


def _chat(prompt: Prompt, ask: Asker) -> _Answer:
    return _work(prompt, ask, read_request(prompt.sections), prompt.request)


def _aggregate(prompt: Prompt, ask: Asker) -> _Answer:
    del ask
    found = len(read_results(prompt.sections.get("Results", "")))
    return _Answer([f"I put {count(found, 'result')} together. "], report(prompt.sections))


def _clarify(prompt: Prompt, ask: Asker) -> _Answer:
    del ask
    return _Answer(text=clarify(prompt.sections))


def _refine(prompt: Prompt, ask: Asker) -> _Answer:
    del ask
    return _Answer(["I go through the stored results; no tool is needed. "], refine(prompt.sections))


def _summarise(prompt: Prompt, ask: Asker) -> _Answer:
    del ask
    return _Answer(text=sum_up(prompt.sections))


_ANSWERS: Mapping[Purpose, Callable[[Prompt, Asker], _Answer]] = {
    "plan": _plan,
    "execute": _execute,
    "chat": _chat,
    "aggregate": _aggregate,
    "clarify": _clarify,
    "refine": _refine,
    "summarise": _summarise,
}
