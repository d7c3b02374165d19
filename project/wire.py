"""Bases and field types of everything that crosses the wire: commands in (`Payload`), objects out (`WireObject`)."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from project.limits import limits

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


class Payload(BaseModel):
    """A command's data: unknown fields refused, no coercion. Absent and null differ: see `model_fields_set`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WireObject(BaseModel):
    """An object of PROTOCOL §5: all keys always sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _canonical(value: object) -> object:
    if isinstance(value, str):
        if not _CANONICAL_UUID.fullmatch(value):
            raise ValueError("This must be a lower-case UUID.")
        return UUID(value)
    return value


def _title(value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise ValueError("This must not be empty.")
    return _at_most(stripped, limits().title_chars)


def _text(value: str) -> str:
    return _at_most(value, limits().text_chars)


def null_means(default: object) -> BeforeValidator:
    """For an optional field that has no empty value of its own: null says the same as leaving it out."""
    return BeforeValidator(lambda value: default if value is None else value)


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("This must not be empty.")
    return _text(value)


def _at_most(value: str, most: int) -> str:
    if len(value) > most:
        raise ValueError(f"That's too long: {len(value):,} of {most:,} characters.")
    return value


def parse_id(value: str) -> UUID | None:
    """The UUID in canonical form `value`, else None."""
    return UUID(value) if _CANONICAL_UUID.fullmatch(value) else None


Id = Annotated[UUID, BeforeValidator(_canonical)]
Title = Annotated[str, AfterValidator(_title)]
"""1 to 300 code points after trimming."""
Text = Annotated[str, AfterValidator(_text)]
"""Up to 16,000 code points, may be empty."""
Said = Annotated[str, AfterValidator(_said)]
"""1 to 16,000 code points, not only white space."""
Time = AwareDatetime
