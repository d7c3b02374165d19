"""Keys that a provider has refused, until it answers to them again. Each process knows what it was told itself, while it lives."""

import httpx2

from agents.llm.profiles import Profile

_refused: set[tuple[str, str]] = set()


def note_refused(profile: Profile) -> None:
    """The provider has refused this key."""
    _refused.add(_key(profile))


def note_taken(profile: Profile) -> None:
    """The provider has answered to this key."""
    _refused.discard(_key(profile))


def refusal_of(profile: Profile | None) -> str | None:
    """Why nothing can be asked of this model now, for people who choose an agent; None where nothing is known against it."""
    if profile is None or _key(profile) not in _refused:
        return None
    host = httpx2.URL(profile.base_url).host
    return f"{host} refuses the key. Set WORKROOM_MODEL_API_KEY (or the agent's api_key) to a valid one and restart."


def _key(profile: Profile) -> tuple[str, str]:
    return profile.base_url, profile.api_key
