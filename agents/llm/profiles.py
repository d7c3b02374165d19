"""Which language model an agent asks, where, and how: the settings of everybody, with the agent's own in their place."""

from dataclasses import dataclass, field

from django.conf import settings

from project.agent_settings import AgentBudget, AgentSettings, Price

_NOTHING = AgentSettings()


@dataclass(frozen=True)
class Profile:
    """A model at an OpenAI-compatible address. `price` None means that its cost is known only where the provider sends it."""

    model: str
    base_url: str
    api_key: str = field(default="", repr=False)
    temperature: float | None = None
    max_tokens: int | None = None
    effort: str = ""
    window: int = 32_000
    price: Price | None = None


def profile_of(agent: str) -> Profile | None:
    """The model that this agent asks; None when no language model is configured for it. An empty name means everybody's."""
    own = agent_settings(agent)
    model, base_url = own.model or settings.WORKROOM_MODEL, own.base_url or settings.WORKROOM_MODEL_BASE_URL
    if not model or not base_url:
        return None
    return Profile(
        model=model,
        base_url=base_url,
        # A key belongs to the address it was given for, and is never sent to another.
        api_key=own.key or ("" if own.base_url else settings.WORKROOM_MODEL_API_KEY),
        temperature=own.temperature,
        max_tokens=own.max_tokens,
        effort=own.reasoning_effort,
        window=window_of(agent),
        price=settings.WORKROOM_MODEL_PRICES.get(model),
    )


def agent_settings(agent: str) -> AgentSettings:
    """What the configuration says about this agent."""
    found: AgentSettings = settings.WORKROOM_AGENTS.get(agent, _NOTHING)
    return found


def budget_of(agent: str) -> AgentBudget:
    """What the configuration allows a run of this agent."""
    return agent_settings(agent).budget


def window_of(agent: str) -> int:
    """How many tokens the agent's model reads at most."""
    everybodys: int = settings.WORKROOM_MODEL_CONTEXT_TOKENS
    return agent_settings(agent).context_tokens or everybodys
