"""What a supervisor in one terminal leaves for those in others: a file with its process and the status of its services."""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from agents.bench.errors import Refused
from agents.bench.processes.status import Status

_KEYS: dict[str, Any] = {name: (hint, ...) for name, hint in get_type_hints(Status).items()}
_Status = create_model("_Status", __config__=ConfigDict(extra="forbid"), **_KEYS)


class _Said(BaseModel):
    """What stands in the file. `created`: when the process began, for its number may be another's by now."""

    model_config = ConfigDict(extra="forbid")

    file: str
    pid: Annotated[int, Field(ge=1, lt=2**31)]
    created: float
    services: dict[str, _Status]
    tails: dict[str, list[str]]


@dataclass(frozen=True)
class Up:
    """A supervisor that runs: its process, and what it last wrote. `tails` are the last lines of services that have ended."""

    process: psutil.Process
    services: dict[str, Status]
    tails: dict[str, list[str]]


class Notice:
    """The notice about one file of services, in a folder that only this user can read."""

    def __init__(self, file: Path) -> None:
        self._name = str(file.resolve())
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        base = runtime if os.access(runtime, os.W_OK | os.X_OK) else tempfile.gettempdir()  # after su or sudo it may be nobody's
        self._folder = Path(base, f"bench-services-{os.getuid()}")
        self._path = self._folder / f"{hashlib.sha256(self._name.encode()).hexdigest()[:24]}.json"

    def read(self) -> Up | None:
        """The supervisor of this file, if one runs. Refused where the notice can't be read: nobody knows what it said."""
        with contextlib.suppress(FileNotFoundError):
            self._check_folder()
            said = self._parse(self._path.read_bytes())
            process = _find(said.pid, said.created)
            if process:
                return Up(process, said.model_dump()["services"], said.tails)
            self.remove()  # it was killed, and couldn't do that itself
        return None

    def write(self, services: Mapping[str, Status], tails: Mapping[str, list[str]]) -> None:
        """Say what runs in this process."""
        said = {"pid": os.getpid(), "created": psutil.Process().create_time(), "services": services, "tails": tails}
        text = _Said.model_validate({"file": self._name, **said}).model_dump_json()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._check_folder()
        new = self._path.with_suffix(f".{os.getpid()}")
        new.write_text(text, encoding="utf-8")
        new.replace(self._path)

    def remove(self) -> None:
        """Say that nothing runs any more, and leave no folder that is empty."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _parse(self, raw: bytes) -> _Said:
        try:
            return _Said.model_validate_json(raw)
        except ValidationError as error:
            raise Refused(
                f"{self._path} is spoiled: it should say what runs of {self._name}. If something is running, it writes it anew at once,"
                " so try again. If it stays spoiled, nothing runs: remove it."
            ) from error

    def _check_folder(self) -> None:
        """Refused: somebody else has put something in the place of our folder."""
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise Refused(f"{self._folder} isn't a folder that this user alone can use. Remove it, or set XDG_RUNTIME_DIR.")


def _find(pid: int, created: float) -> psutil.Process | None:
    """The process with this number, if it is still the same one."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None
