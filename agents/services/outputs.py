"""What a run's steps result in, stored and told in one change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.events import OutputAdded
from agents.models import AgentOutput
from agents.services.scope import Scope, Step
from agents.wire import OutputObject


@dataclass(frozen=True)
class OutputFacts:
    """An output before it is stored. `content` is Markdown and `html` the same rendered; `key` is the run's own name for it."""

    key: str
    kind: str
    title: str
    content: str
    html: str
    data: Mapping[str, Any] | None = None
    message_id: UUID | None = None


def store_output(*, scope: Scope, step: Step, facts: OutputFacts) -> AgentOutput:
    """The output, stored and told; under a key the run has used before, the one that is there."""
    run = scope.run
    known = AgentOutput.objects.filter(run=run, key=facts.key).first()
    if known is not None:
        return known
    output = AgentOutput(run=run, step=step.id, key=facts.key, kind=facts.kind, title=facts.title[:300], created=scope.ch.now)
    output.content, output.html = facts.content, facts.html
    output.data = dict(facts.data) if facts.data is not None else None
    output.message_id = facts.message_id
    output.save(force_insert=True)
    scope.tell(OutputAdded(output=OutputObject.of(output)))
    return output
