"""Plain data that goes between processes, into files and into the log."""

from pydantic import BaseModel, ConfigDict


class Plain(BaseModel):
    """A shape of such data: it isn't changed, and nothing unknown is in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
