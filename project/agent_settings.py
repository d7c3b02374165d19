"""What the settings say about models, agents and workspaces, checked: `agents`, `model_prices` and `workspaces` in config.yaml."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, model_validator


def check_http(value: str) -> str:
    """`value` without a slash at its end, if it is empty or an http(s) address."""
    address = urlsplit(value)
    if value and (address.scheme not in {"http", "https"} or not address.hostname):
        raise ValueError("an address starts with http:// or https:// and names a host")
    if not value.isprintable() or " " in value:
        raise ValueError("an address has no spaces and no invisible characters")
    _ = address.port  # ValueError says what is wrong with it
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(check_http)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Section):
    """What a model costs, in USD per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class AgentBudget(_Section):
    """What a run of the agent may use; what is left out follows WORKROOM_LIMITS."""

    tokens: int | None = Field(default=None, ge=1)
    cost_usd: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, ge=1)
    seconds: int | None = Field(default=None, ge=1)


class AgentSettings(_Section):
    """One agent: its model where that differs from everybody's, what it is told first, and how much it may use."""

    model: str = ""
    base_url: HttpUrl = ""
    api_key: str = Field(default="", repr=False)
    api_key_file: Path | None = None
    instructions: str = ""
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    context_tokens: int | None = Field(default=None, ge=1_000)
    reasoning_effort: Literal["", "low", "medium", "high"] = ""
    budget: AgentBudget = AgentBudget()
    _key: str = PrivateAttr("")

    @model_validator(mode="after")
    def _complete(self) -> "AgentSettings":
        if self.base_url and not self.model:
            raise ValueError("base_url goes with a model: name the one to ask there")
        if self.api_key and self.api_key_file:
            raise ValueError("api_key and api_key_file exclude each other")
        self._key = self._read_key()
        return self

    @property
    def key(self) -> str:
        """The agent's own key, "" if it has none: as it was at the start, like every setting."""
        return self._key

    def _read_key(self) -> str:
        if self.api_key_file is None:
            return self.api_key
        try:
            return self.api_key_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise ValueError(f"the file of api_key_file can't be read: {error}") from error


class WorkspaceSettings(_Section):
    """A project's folder that agents may work on a copy of.

    `users` and `boards` say who may: people by name ("*": everybody), and whoever may run agents on one of these boards.
    Administrators always may. In a `sandbox` patches need nobody's approval; left out, the project's bench.yaml says so.
    `seal` says whether its commands run without network and with nothing to write to but the copy: always, where the
    system can ("preferred"), or never ("off").
    """

    path: Path
    sandbox: bool | None = None
    seal: Literal["required", "preferred", "off"] = "required"
    users: tuple[str, ...] = ()
    boards: tuple[UUID, ...] = ()

    @model_validator(mode="after")
    def _whole_path(self) -> "WorkspaceSettings":
        if not self.path.is_absolute() or self.path == Path("/"):
            raise ValueError("path is the whole path of a project's folder, such as /srv/projects/shop")
        return self


def example_workspaces(examples: Path) -> dict[str, WorkspaceSettings]:
    """The projects of this folder, for everybody to try: what development offers."""
    folders = sorted(file.parent for file in examples.glob("*/bench.yaml"))
    return {folder.name: WorkspaceSettings(path=folder, users=("*",), seal="preferred") for folder in folders}
