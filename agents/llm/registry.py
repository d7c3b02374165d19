"""Which model answers: the one that is configured for the agent, else the built-in rules, which reach no network."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from django.conf import settings

from agents.llm.compatible import CompatibleModel
from agents.llm.port import Model
from agents.llm.profiles import profile_of
from agents.llm.rules.model import RulesModel

_replacements: list[Model] = []


class ModelInfo(TypedDict):
    """What pages and GET /api/me/ say about the model; `configured` means that a language model is set up."""

    configured: bool
    adapter: str
    name: str


def get_model(agent: str = "", effort: str = "") -> Model:
    """The model that answers for this agent now, asked to think as hard as `effort` says."""
    if _replacements:
        return _replacements[-1]
    profile = profile_of(agent)
    return CompatibleModel(profile, effort=effort) if profile else RulesModel()


def model_info(agent: str = "") -> ModelInfo:
    """The model that answers for this agent now, described."""
    model = get_model(agent)
    return {"configured": model.adapter != RulesModel.adapter, "adapter": model.adapter, "name": model.name}


def installation_info() -> ModelInfo:
    """The model that answers here, described: everybody's, else the first that an agent has of its own."""
    infos = [model_info(name) for name in ("", *sorted(settings.WORKROOM_AGENTS))]
    return next((info for info in infos if info["configured"]), infos[0])


@contextmanager
def use_model(model: Model) -> Iterator[Model]:
    """Let `model` answer in this process while the block runs: how tests put a script in its place."""
    _replacements.append(model)
    try:
        yield model
    finally:
        _replacements.remove(model)
