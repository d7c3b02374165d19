"""Source transformations that make a slow service faster, chosen by what was found, refused where they don't fit for sure."""

from agents.bench.recipes.choose import propose
from agents.bench.recipes.proposal import Proposal

__all__ = ["Proposal", "propose"]
