"""What the recipes answer: a patch and why, or why there is none."""

from pydantic import BaseModel, ConfigDict

from agents.bench.patches import Patch


class Proposal(BaseModel):
    """The patch of one recipe, or none (`patch` is None, `recipe` is ""). `reasons` say why recipes that were tried before don't fit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    patch: Patch | None = None
    recipe: str = ""
    why: str = ""
    reasons: tuple[str, ...] = ()
