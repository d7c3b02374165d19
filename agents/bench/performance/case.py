"""One measurement with all that is known of it: what causes are looked for in."""

from dataclasses import dataclass, field

from agents.bench.performance.declared import Measurement
from agents.bench.performance.evidence import Place, Seen
from agents.bench.performance.report import Finding
from agents.bench.performance.samples import Samples
from agents.bench.performance.sources import Sources
from agents.bench.scripts.recorder import printable


@dataclass(frozen=True)
class Case:
    """All that is known of one measurement. `samples` are those that count; the others were taken with the probe in the services.

    `watched`: event loops, waiting tasks, statements, texts. `called`: calls of functions. `healthy`: without clients that read nothing.
    """

    name: str
    plan: Measurement
    samples: Samples
    sources: Sources
    watched: Seen = field(default_factory=Seen)
    watched_samples: Samples = field(default_factory=Samples)
    called: Seen = field(default_factory=Seen)
    called_samples: Samples = field(default_factory=Samples)
    healthy: Samples | None = None

    def finding(self, kind: str, evidence: str, action: str, place: Place | None) -> Finding:
        """A finding about this measurement. Its evidence may quote code and statements: nothing of them reaches a terminal as it is."""
        where = {"file": place[0], "line": place[1], "function": place[2].rsplit("<locals>.", 1)[-1]} if place else {}
        return Finding.model_validate({"kind": kind, "measurement": self.name, "evidence": printable(evidence), "action": action, **where})

    @property
    def what(self) -> str:
        """What there were so many of."""
        return {"http": "requests", "broadcast": "messages", "function": "calls"}[self.plan.kind]

    @property
    def messages_watched(self) -> int:
        """How many requests or messages there were while loops and statements were watched."""
        return _count(self.watched_samples)

    @property
    def messages_called(self) -> int:
        """The same while calls were counted."""
        return _count(self.called_samples)


def _count(samples: Samples) -> int:
    return len(samples.deliveries) or len(samples.took)
