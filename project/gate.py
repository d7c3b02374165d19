"""The input gate: the one way in for JSON from outside (sockets, REST bodies). Strict, bounded, normalised."""

import json
import re
import unicodedata
from typing import Never, TypeVar

from pydantic import BaseModel, ValidationError

from project.errors import Invalid, TooLarge
from project.limits import limits

Model = TypeVar("Model", bound=BaseModel)

_MAX_INTEGER = 2**53
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_OPEN, _CLOSE = frozenset("[{"), frozenset("]}")


def parse_json(raw: str | bytes, *, max_bytes: int | None = None) -> object:
    """The JSON value in `raw`, strings normalised to NFC and LF; Invalid or TooLarge says what is wrong with it."""
    text = _decode(raw, max_bytes or limits().frame_bytes)
    _check_shape(text)
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_number, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"This isn't valid JSON: {error}") from error
    return _clean(value)


def validate(model: type[Model], value: object) -> Model:
    """`value` as a `model`, by pydantic's strict JSON rules; Invalid carries the messages per field path."""
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise Invalid("Some fields aren't valid.", fields=_field_messages(error)) from error


def _field_messages(error: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in problem["loc"]) or "data"
        fields.setdefault(path, []).append(problem["msg"].removeprefix("Value error, "))
    return fields


def _decode(raw: str | bytes, max_bytes: int) -> str:
    try:
        size = len(raw) if isinstance(raw, bytes) else len(raw.encode())
        if size > max_bytes:
            raise TooLarge(f"At most {max_bytes:,} bytes are taken at once.", data={"limit": max_bytes, "size": size})
        return raw.decode() if isinstance(raw, bytes) else raw
    except UnicodeError as error:
        raise Invalid("This isn't valid UTF-8.") from error


def _check_shape(text: str) -> None:
    """Count brackets and commas before parsing, so that a bomb costs one scan and no objects."""
    bare = _STRINGS.sub("", text)
    depth = deepest = 0
    for character in bare:
        if character in _OPEN:
            depth += 1
            deepest = max(deepest, depth)
        elif character in _CLOSE:
            depth -= 1
    if deepest > limits().json_depth:
        raise Invalid(f"JSON may be nested {limits().json_depth} deep at most.")
    if sum(map(bare.count, "[{,")) > limits().json_nodes:
        raise Invalid(f"JSON may have {limits().json_nodes} values at most.")


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} isn't a JSON number")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > _MAX_INTEGER:
        raise ValueError("integers must lie within ±2^53")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("numbers must be finite")
    return number


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has the same key twice")
    return result


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _clean(item) for key, item in value.items()}
    return value


def clean_text(text: str) -> str:
    """`text` normalised to NFC and LF; Invalid for characters that no text may hold."""
    if "\0" in text:
        raise Invalid("Text must not contain NUL characters.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("Text must not contain lone surrogates.")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
