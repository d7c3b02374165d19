"""Configuration from the environment and an optional config.yaml, checked once; a wrong value stops the start and names itself."""

import os
import secrets
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError, YamlConfigSettingsSource
from yaml import YAMLError

from project.agent_settings import AgentSettings, HttpUrl, Price, WorkspaceSettings, example_workspaces
from project.limits import Limits

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ROOT = Path(__file__).resolve().parent.parent

_PLAIN = {"DATABASE_URL", "REDIS_URL"}


class Config(BaseSettings):
    """Every setting of Workroom. `NAME_FILE` in the environment reads the value of `NAME` from a file."""

    model_config = SettingsConfigDict(env_prefix="WORKROOM_", extra="forbid", yaml_file=os.environ.get("WORKROOM_CONFIG", "config.yaml"))

    debug: bool = False
    data_dir: Path = ROOT / "var"
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    secret_key: str = ""
    allowed_hosts: str = ""
    origins: str = ""
    trusted_proxies: int = Field(default=0, ge=0)
    launcher: Literal["embedded", "none"] = "embedded"
    model_base_url: HttpUrl = ""
    model_api_key: str = Field(default="", repr=False)
    model: str = ""
    model_context_tokens: int = Field(default=32_000, ge=1_000)
    model_prices: dict[str, Price] = Field(default_factory=dict)
    agents: dict[str, AgentSettings] = Field(default_factory=dict)
    workspaces: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")], WorkspaceSettings] = Field(default_factory=dict)
    examples_path: Path | None = None
    rules_pace_ms: int = Field(default=40, ge=0, le=5_000)
    fetch_hosts: str = ""
    demo_password: str = ""
    signup: bool = True
    sqlite_synchronous: Literal["FULL", "NORMAL"] = "FULL"
    db_threads: int = Field(default=8, ge=1, le=64)
    limits: dict[str, Annotated[int | float, Field(ge=0)]] = Field(default_factory=dict)

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("a secret key has at least 32 characters")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_address(cls, value: str) -> str:
        url = urlsplit(value)
        _ = url.port  # ValueError says what is wrong with it
        if url.scheme not in {"", "sqlite", "postgres", "postgresql"} or url.query:
            raise ValueError("use postgres://user:password@host:port/name or sqlite:///path, with nothing behind it")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("use redis://host:port/number")
        return value

    @field_validator("origins")
    @classmethod
    def _exact_origins(cls, value: str) -> str:
        for origin in split(value):
            url = urlsplit(origin)
            if url.scheme not in {"http", "https"} or not url.hostname or origin != f"{url.scheme}://{url.netloc.lower()}":
                raise ValueError(f"{origin} is no exact origin: write https://board.example.org, in small letters and without a path")
        return value

    @field_validator("fetch_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        if not value.isascii() or any(character in value for character in "/:@*"):
            raise ValueError("write host names, separated by commas: example.org, docs.example.org (international ones as xn--…)")
        return value.lower()

    @field_validator("limits")
    @classmethod
    def _known_limits(cls, value: dict[str, int | float]) -> dict[str, int | float]:
        unknown = sorted(value.keys() - {field.name for field in fields(Limits)})
        if unknown:
            raise ValueError(f"there is no limit called {', '.join(unknown)} (see project/limits.py)")
        if still := sorted(name for name, limit in value.items() if name.endswith(("_per_s", "_per_min")) and not limit):
            raise ValueError(f"{', '.join(still)} must be more than 0")
        return value

    @model_validator(mode="after")
    def _whole_model(self) -> "Config":
        if bool(self.model) != bool(self.model_base_url):
            missing = "WORKROOM_MODEL" if self.model_base_url else "WORKROOM_MODEL_BASE_URL"
            raise ValueError(f"WORKROOM_MODEL and WORKROOM_MODEL_BASE_URL go together: set {missing}")
        for name, agent in self.agents.items():
            if agent.model and not agent.base_url and not self.model_base_url:
                raise ValueError(f"agents.{name}.model needs an address: set its base_url, or WORKROOM_MODEL_BASE_URL")
        return self

    @model_validator(mode="after")
    def _apart_from_data(self) -> "Config":
        for name, workspace in self.workspaces.items():
            if self.data_dir.absolute().is_relative_to(workspace.path):
                raise ValueError(f"workspaces.{name}.path holds the data folder, and would be copied into it: choose another")
        return self

    @property
    def all_workspaces(self) -> dict[str, WorkspaceSettings]:
        """The workspaces there are: in development the examples, too."""
        return {**(example_workspaces(ROOT / "examples") if self.debug else {}), **self.workspaces}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)


def load() -> Config:
    """The configuration; ends the process with a sentence per wrong value."""
    _read_secret_files()
    try:
        config = Config()
    except ValidationError as error:
        _refuse(*(_sentence(problem) for problem in error.errors()))
    except SettingsError as error:
        _refuse(f"{error}: write its value as JSON.")
    except YAMLError as error:
        _refuse(f"WORKROOM_CONFIG: the file isn't valid YAML: {error}")
    if not config.debug and not config.secret_key:
        _refuse("WORKROOM_SECRET_KEY: set it (32 characters or more), or WORKROOM_DEBUG=1 for development.")
    return config


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    raise SystemExit(2)


def _sentence(problem: "ErrorDetails") -> str:
    """What is wrong, with the setting it is about; inside a section its whole path."""
    path = [str(part) for part in problem["loc"]]
    message = problem["msg"].removeprefix("Value error, ")
    if not path:
        return message
    where = f"{_variable(path[0])} ({'.'.join(path).lower()})" if len(path) > 1 else _variable(path[0])
    if problem["type"] == "extra_forbidden":
        return f"WORKROOM_CONFIG: there is no setting called {'.'.join(path)}"
    return f"{where}: {message}"


def _variable(field: str) -> str:
    name = field.upper()
    return name if name in _PLAIN else f"WORKROOM_{name.removeprefix('WORKROOM_')}"


def _read_secret_files() -> None:
    for name in [name for name in os.environ if name.endswith("_FILE")]:
        target = name.removesuffix("_FILE")
        if target in _PLAIN or target.startswith("WORKROOM_"):
            try:
                os.environ.setdefault(target, Path(os.environ[name]).read_text(encoding="utf-8").strip())
            except (OSError, UnicodeError) as error:
                _refuse(f"{name}: the file can't be read: {error}")


def secret_files(config: Config) -> list[Path]:
    """The files that hold secrets beside the data folder: config.yaml, what variables or agents name, and a SQLite file elsewhere."""
    named = [Path(path) for name, path in os.environ.items() if name.endswith("_FILE") and name.startswith(("WORKROOM_", *_PLAIN))]
    of_agents = [agent.api_key_file for agent in config.agents.values() if agent.api_key_file]
    url = urlsplit(config.database_url)
    sqlite = [Path(f"{url.path}{end}") for end in ("", "-wal", "-shm")] if url.scheme == "sqlite" else []
    return [Path(str(Config.model_config["yaml_file"])), *named, *of_agents, *sqlite]


def development_key(data_dir: Path) -> str:
    """The secret key kept in the data folder, made on first use: for development only."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


def split(value: str) -> list[str]:
    """The items of a comma-separated setting."""
    return [item.strip() for item in value.split(",") if item.strip()]


def database(config: Config) -> dict[str, Any]:
    """Django's database setting for DATABASE_URL, SQLite in the data folder when that is unset."""
    url = urlsplit(config.database_url)
    if url.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": 0,
            "OPTIONS": {
                "pool": {"min_size": 2, "max_size": 10, "timeout": 5},
                # Statements are prepared on their fifth use: a move takes half as long (measured 2026-11-21).
                "server_side_binding": True,
                "prepare_threshold": 5,
                "options": "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000",
            },
        }
    path = Path(url.path) if url.scheme == "sqlite" else config.data_dir / "workroom.sqlite3"
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={config.sqlite_synchronous}; PRAGMA busy_timeout=20000;",
        },
    }


def channel_layer(config: Config) -> dict[str, Any]:
    """The channel layer: Redis pub/sub for REDIS_URL, else in memory."""
    if config.redis_url:
        return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [config.redis_url], "prefix": "workroom"}}
    return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
