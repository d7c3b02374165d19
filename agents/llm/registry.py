"""Which model answers. The built-in rules are the only adapter of this version, so nothing here can reach a network."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypedDict

from agents.llm.port import Model
from agents.llm.rules.model import RulesModel

_ADAPTERS: Mapping[str, type[RulesModel]] = {RulesModel.adapter: RulesModel}

_replacements: list[Model] = []


class ModelInfo(TypedDict):
    """What pages and GET /api/me/ say about the model; `configured` means that a language model is set up."""

    configured: bool
    adapter: str
    name: str


def get_model() -> Model:
    """The model that answers now."""
    return _replacements[-1] if _replacements else _ADAPTERS["rules"]()


def model_info() -> ModelInfo:
    """The model that answers now, described."""
    model = get_model()
    return {"configured": model.adapter != RulesModel.adapter, "adapter": model.adapter, "name": model.name}


@contextmanager
def use_model(model: Model) -> Iterator[Model]:
    """Let `model` answer in this process while the block runs: how tests put a script in its place."""
    _replacements.append(model)
    try:
        yield model
    finally:
        _replacements.remove(model)
