"""Pydantic models as components of the OpenAPI document."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from drf_spectacular.drainage import warn
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import BaseModel, TypeAdapter

from project.accounts.describe import Shape

Json: TypeAlias = dict[str, Any]
Mode: TypeAlias = Literal["validation", "serialization"]
"""Validation for what comes in, serialization for what goes out; they differ where a field has a default."""

_REF = "#/components/schemas/{model}"


class Components:
    """Writes schemas and registers the models in them by their names."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self._registry = registry

    def schema(self, shape: Shape, mode: Mode) -> Json:
        """The schema of `shape`, a model by reference."""
        if isinstance(shape, Mapping):
            properties = {name: self.schema(each, mode) for name, each in shape.items()}
            return {"type": "object", "required": list(properties), "properties": properties}
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            self.register(shape.__name__, self.inline(shape, mode))
            return {"$ref": _REF.format(model=shape.__name__)}
        return self.inline(shape, mode)

    def inline(self, shape: Shape, mode: Mode) -> Json:
        """The schema of `shape` itself; the models within it by reference."""
        schema: Json = _tidy(TypeAdapter(shape).json_schema(ref_template=_REF, mode=mode))
        for name, model in schema.pop("$defs", {}).items():
            self.register(name, model)
        return schema

    def register(self, name: str, schema: Json, kind: str = ResolvedComponent.SCHEMA) -> None:
        """Make `schema` a component; two different ones of a name are a mistake that the build tells."""
        component = ResolvedComponent(name=name, type=kind, schema=schema, object=name)  # type: ignore[no-untyped-call]  # partly typed
        if component not in self._registry:
            self._registry.register(component)
        elif self._registry[component].schema != schema:
            warn(f"Two different components are named {name}.")


def without_fields(schema: Json, names: Iterable[str]) -> Json:
    """An object's schema less some of its fields."""
    gone = set(names)
    return {
        **schema,
        "properties": {name: each for name, each in schema.get("properties", {}).items() if name not in gone},
        "required": [name for name in schema.get("required", []) if name not in gone],
    }


def as_parameter(schema: Json) -> Json:
    """A field's schema as that of a query parameter, which can be absent but not null."""
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{key: value for key, value in schema.items() if key != "anyOf"}}


def _tidy(schema: Any) -> Any:
    """Without what pydantic adds and misleads: a title that is the field's own name, and null as what an absent field means."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if isinstance(schema, dict):
        return {key: _tidy(value) for key, value in schema.items() if not _is_noise(key, value)}
    return schema


def _is_noise(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)
