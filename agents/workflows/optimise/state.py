"""The state of a run of optimise: where its graph stands, nothing that people read."""

from typing import TypedDict

from agents.bench.loop import Fate


class OptimiseState(TypedDict, total=False):
    """`next` is the node that follows, `request` what the run waits for.

    `fingerprint` is that of the project as the run began with it; `fate` is the round's, where it is known before any test.
    """

    workspace: str
    fingerprint: str
    request: str
    round: int
    fate: Fate | None
    note: str
    next: str
