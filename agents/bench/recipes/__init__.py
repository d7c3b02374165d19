"""Source transformations that make a slow service faster, chosen by what was found, refused where they don't fit for sure."""

from agents.bench.recipes.choose import Proposal, propose

__all__ = ["Proposal", "propose"]
