"""Ids that are the same whenever a piece of work is repeated."""

from uuid import UUID

from project.ids import derived_id


def step_id(run_id: UUID, name: str) -> UUID:
    """The id of the step called `name` in a run."""
    return derived_id(run_id, "step", name)


def call_id(step: UUID, turn: int, index: int) -> UUID:
    """The id of the tool call number `index` that the model asked for in its answer number `turn` in a step."""
    return derived_id(step, "call", turn, index)


def reply_id(message: UUID) -> UUID:
    """The id of the message by which the clarifier answers `message`."""
    return derived_id(message, "reply")
