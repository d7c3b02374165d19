"""What to measure, as a command line says it: a project's bench file, or one bare address."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.bench.errors import BadFile
from agents.bench.performance.budgets import bind_all
from agents.bench.spec import Spec, load_spec

NAME = "target"
"""What the measurement of a bare address is called, in budgets too."""


@dataclass(frozen=True)
class Target:
    """`what` is a folder, a file or a URL. `address`: fields of a URL's measurement. `budgets`: more than the file's."""

    what: str
    budgets: list[str] = field(default_factory=list)
    address: dict[str, Any] = field(default_factory=dict)

    def to_spec(self) -> Spec:
        """The spec, its budgets and these. BadFile or UnreadableBudget where it can't be measured."""
        spec = self._bare() if "://" in self.what else self._from_file()
        bind_all(self.budgets, spec.measure, has_servers=bool(spec.services))
        return spec.model_copy(update={"budgets": [*spec.budgets, *self.budgets]})

    def _from_file(self) -> Spec:
        if self.address:
            raise BadFile(f"{', '.join(self.address)} go with an address; {self.what} is a file, which says them itself.")
        return load_spec(Path(self.what))

    def _bare(self) -> Spec:
        scheme = self.what.partition("://")[0]
        kinds = {"http": "http", "https": "http", "ws": "broadcast", "wss": "broadcast"}
        if scheme not in kinds:
            raise BadFile(f"{self.what} can't be measured: an address begins with http://, https://, ws:// or wss://.")
        given: dict[str, Any] = {"send": '{"id": "{id}"}', "marker": "{id}"} if kinds[scheme] == "broadcast" else {}
        given |= self.address | {"kind": kinds[scheme], "url": self.what}
        try:
            return Spec.model_validate({"name": self.what[:100], "measure": {NAME: given}})
        except ValidationError as error:
            raise BadFile(f"{self.what} can't be measured: {_told(error)}.") from error


def _told(error: ValidationError) -> str:
    """The mistakes of options, by the options' names."""
    told = []
    for each in error.errors():
        name = str(each["loc"][-1]) if each["loc"] and each["loc"][-1] not in ("http", "broadcast", NAME) else ""
        said = "doesn't go with this address" if each["type"] == "extra_forbidden" else each["msg"].removeprefix("Value error, ")
        told.append(f"{name}: {said}" if name else said)
    return "; ".join(told)
