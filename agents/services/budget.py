"""What a run may use: counted as it is used, asked for once it is used up, raised by what people allow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.models import Request, Run
from agents.services.requests import RequestDraft, hash_shown
from agents.services.scope import Scope
from agents.wire import UsageObject
from project.errors import AppError

GRACE_S = 120.0
"""How long over its time a run may finish what it is at, before it is ended without being asked about."""

_KEY = "budget"
_MOST_TIMES = 10


class OverBudget(AppError):
    """The run has used up `allowed` of `what`: an allowance of its budget, or its events."""

    code, status, default_message = "over_budget", 409, "The run has used up its budget."

    def __init__(self, what: str, allowed: float) -> None:
        self.what = what
        self.allowed = allowed
        super().__init__(f"The run reached {_in_full(what, allowed)} and stopped; what it found is kept.")

    @property
    def reason(self) -> str:
        """The code of the run's error."""
        return "cost_limit" if self.what == "cost_usd" else f"{self.what}_limit"

    def told(self, note: str) -> "OverBudget":
        """The same, with what somebody said who allowed no more."""
        self.message = f"{self.message} {note}".strip()
        return self


@dataclass(frozen=True)
class _Allowance:
    """How an allowance is written: its number, and what stands behind it, in the plural."""

    number: Callable[[float], str]
    unit: str
    label: str


def _count(value: float) -> str:
    return f"{value:,.0f}"


_ALLOWANCES: Mapping[str, _Allowance] = {
    "steps": _Allowance(_count, " steps", "More steps"),
    "tokens": _Allowance(_count, " tokens", "More tokens"),
    "seconds": _Allowance(lambda value: f"{value / 60:,.3g}", " minutes", "More seconds"),
    "cost_usd": _Allowance(lambda value: f"${value:,.2f}", "", "More USD"),
}


def begin_turn(*, scope: Scope, most_events: int) -> None:
    """Count a question to the model before it is asked, a repeated one too; OverBudget once an allowance is used up."""
    run, budget = scope.run, scope.run.budget
    check_time(run=scope.run, now=scope.ch.now)
    _check(run.turns, budget["steps"], "steps")
    _check(run.tokens, budget["tokens"], "tokens")
    _check(run.cost_usd, budget["cost_usd"], "cost_usd")
    _check(run.events, most_events, "events")
    run.turns += 1
    run.save(update_fields=["turns"])


def check_time(*, run: Run, now: datetime, grace_s: float = 0) -> None:
    """OverBudget once the run has been active for as long as it may, and `grace_s` more."""
    started = datetime.fromisoformat(run.attempts[-1]["started"])
    active_s = run.active_s + (now - started).total_seconds()
    _check(active_s - grace_s, run.budget["seconds"], "seconds")


def spend(run: Run, usage: UsageObject) -> None:
    """Hold an answer of the model, or what there was of it, against the run's budget; the caller saves `tokens` and `cost_usd`."""
    tokens = usage.input_tokens + usage.output_tokens
    # An answer that broke off names no price: it is held against the budget at what the run has paid for a token so far.
    run.cost_usd += tokens * run.cost_usd / max(1, run.tokens) if usage.cost_usd is None else usage.cost_usd
    run.tokens += tokens


def is_spent(run: Run) -> bool:
    """Whether the run's tokens or its money are used up."""
    return share_left(run) <= 0


def share_left(run: Run) -> float:
    """How much of its tokens and its money, whichever is scarcer, the run has left: 1 is all."""
    shares: list[float] = [run.tokens / max(1, run.budget["tokens"])]
    if run.budget["cost_usd"] is not None:
        shares.append(run.cost_usd / run.budget["cost_usd"])
    return 1 - max(shares)


def draft_request(run: Run, over: OverBudget) -> RequestDraft | None:
    """What to ask people for, so that the run may go on; None where there is nothing to ask for."""
    allowance = _ALLOWANCES.get(over.what)
    if allowance is None:
        return None
    more = _first_given(run, over)
    whole = over.what != "cost_usd"
    asked = {"title": allowance.label, "type": "integer" if whole else "number", "maximum": more * _MOST_TIMES}
    return RequestDraft(
        key=f"{_KEY}/{over.what}/{over.allowed!r}",
        kind=Request.Kind.APPROVAL,
        title=f"The run has used its {_in_full(over.what, over.allowed)}. Continue with another {allowance.number(more)}?",
        reason="Without more it ends here; what it found is kept.",
        parameters={over.what: more},
        schema={
            "type": "object",
            "properties": {over.what: {**asked, **({"minimum": 1} if whole else {"exclusiveMinimum": 0})}},
            "required": [over.what],
            "additionalProperties": False,
        },
    )


def apply_grants(run: Run) -> bool:
    """Raise the run's budget by what people have allowed, each once; whether that was anything. The caller saves the run."""
    before = run.budget
    for request in _asked(run).filter(status=Request.Status.APPROVED).order_by("created", "id"):
        what, at = request.key.split("/")[1:]
        # The key names the allowance that was used up: once it has been raised, the request is spent.
        if repr(run.budget[what]) == at and request.hash == hash_shown(request):
            run.budget = {**run.budget, what: run.budget[what] + _given(request, what)}
    return run.budget != before


def _asked(run: Run) -> Any:
    return Request.objects.filter(run=run, kind=Request.Kind.APPROVAL, tool_name="", key__startswith=f"{_KEY}/")


def _given(request: Request, what: str) -> float:
    more = (request.answer.get("arguments") or request.parameters or {})[what]
    return float(more) if what == "cost_usd" else int(more)


def _first_given(run: Run, over: OverBudget) -> float:
    """As much as the run was given at its beginning."""
    first = _asked(run).filter(key__startswith=f"{_KEY}/{over.what}/").order_by("created", "id").first()
    more: float = first.parameters[over.what] if first and first.parameters else over.allowed
    return more or 1


def _in_full(what: str, value: float) -> str:
    allowance = _ALLOWANCES.get(what)
    number, unit = (allowance.number(value), allowance.unit) if allowance else (_count(value), f" {what}")
    return f"{number}{unit.removesuffix('s') if number == '1' else unit}"


def _check(used: float, allowed: float | None, what: str) -> None:
    if allowed is not None and used >= allowed:
        raise OverBudget(what, allowed)
