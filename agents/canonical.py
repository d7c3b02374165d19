"""JSON values as every database gives them back, so that a hash over them is the same before and after they were stored."""

from collections.abc import Mapping
from typing import Any

_LARGE = 1e16
"""From here on Python writes a float as 1e+16, and PostgreSQL, which keeps decimals, gives back an integer."""


def canonical(value: Any) -> Any:
    """The same value, equal to what it was: large floats as the integers they are, and zero without a sign."""
    match value:
        case float():
            return int(value) if abs(value) >= _LARGE else value or 0.0
        case list():
            return [canonical(each) for each in value]
        case Mapping():
            return {name: canonical(each) for name, each in value.items()}
        case _:
            return value
