"""The workspaces of the settings: which there are, who may use one, and which of them a text means."""

import contextlib
import math
import re
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from agents.bench.errors import BenchError
from agents.bench.removal import remove_tree
from agents.bench.stages import Seal, Site
from agents.models import Run
from project.accounts.models import User
from project.agent_settings import WorkspaceSettings
from project.errors import AppError, NotFound
from project.realtime.streams import StreamKey, access_stream

_MENTION = re.compile(r"\bworkspace\b\W{0,4}([a-z][\w-]*)", re.IGNORECASE)
_NAMED = re.compile(r"\bworkspace\s*[:=]\s*[\"'`“]?([\w./-]+)", re.IGNORECASE)
_ROUNDS = re.compile(r"\brounds\s*[:=]\s*(\d{1,4})\b|\b(\d{1,4}) rounds?\b", re.IGNORECASE)
_MOST_ROUNDS = 20
_DAY_S = 24 * 3600


@dataclass(frozen=True)
class Workspace:
    """A project's folder that may be copied and worked on. `is_sandbox` None: the project's bench file says so."""

    name: str
    path: Path
    is_sandbox: bool | None = None
    seal: Seal = "required"

    def site(self, work: str, *, timeout_s: float = 1_200, wait_s: float = math.inf) -> Site:
        """Where the copies for this piece of work are: a folder in the data folder. The time-outs are those of Site."""
        return Site(copies() / work, self.seal, timeout_s, wait_s)


def copies() -> Path:
    """The folder that all copies are in, one folder for each piece of work: the id of a run, or of a tool's call."""
    return Path(settings.WORKROOM_DATA_DIR).absolute() / "workspaces"


def remove_leftovers() -> None:
    """Remove the copies of runs that have ended without removing their own, and those of calls and commands that are a day old."""
    for folder in copies().glob("*/"):
        if _is_leftover(folder):
            remove_tree(folder)


def _is_leftover(folder: Path) -> bool:
    try:
        run_id = UUID(folder.name)
    except ValueError:
        return time.time() - folder.stat().st_mtime > _DAY_S
    return not Run.objects.filter(id=run_id, status__in=Run.UNFINISHED).exists()


def list_workspaces(user: User, board_id: UUID | None) -> list[Workspace]:
    """The workspaces this person may use, working on this board if on any, by name."""
    declared: dict[str, WorkspaceSettings] = settings.WORKROOM_WORKSPACES
    return [
        Workspace(name, each.path, each.sandbox, each.seal) for name, each in sorted(declared.items()) if _may_use(user, board_id, each)
    ]


def access_workspace(user: User, board_id: UUID | None, name: str) -> Workspace:
    """The workspace of this name; NoWorkspace when there is none, or none for this person."""
    found = list_workspaces(user, board_id)
    for each in found:
        if each.name == name:
            return each
    raise NoWorkspace(user.username, name, [each.name for each in found])


def is_of_board(name: str, board_id: UUID) -> bool:
    """Whether a workspace is there for everybody who may run agents on this board, and what comes of it is no secret there."""
    declared: WorkspaceSettings | None = settings.WORKROOM_WORKSPACES.get(name)
    return declared is None or "*" in declared.users or board_id in declared.boards


class NoWorkspace(NotFound):
    """There is no such workspace for this person; says which there are."""

    def __init__(self, username: str, name: str = "", known: Sequence[str] = ()) -> None:
        what = f"no workspace called {name}" if name else "no workspace"
        offer = f"There are: {', '.join(known)}." if known else "An administrator names the folders in the setting `workspaces`."
        super().__init__(f"There is {what} for {username}. {offer}")


def find_mention(text: str, names: Collection[str]) -> str | None:
    """The workspace that a text means: named after the word "workspace", else the only name that occurs in it.

    Case, spaces, dashes and underscores make no difference. Where one is named that isn't there, no other is meant.
    """
    by_plain = {_plain(name): name for name in names}
    for mention in _MENTION.findall(text):
        if (found := by_plain.get(_plain(mention))) is not None:
            return found
    if named_after(text):
        return None
    said = f" {_plain(text)} "
    # The longest first: "shop" is no mention of its own where "shop api" is meant.
    occurring = [plain for plain in sorted(by_plain, key=len, reverse=True) if f" {plain} " in said]
    whole = [plain for plain in occurring if not any(plain != other and f" {plain} " in f" {other} " for other in occurring)]
    return by_plain[whole[0]] if len(whole) == 1 else None


def find_rounds(text: str) -> int | None:
    """How many rounds at most a text asks for ("rounds: 3", "3 rounds"), if it says so."""
    found = _ROUNDS.search(text)
    return min(_MOST_ROUNDS, max(1, int(found[1] or found[2]))) if found else None


def named_after(text: str) -> str:
    """What a text names as a workspace in so many words ("workspace: shop"), whether there is one or not; else nothing."""
    found = _NAMED.search(text)
    return found[1] if found else ""


class BenchFailed(AppError):
    """What the bench refuses or fails at: a folder, a file, a service, a copy that changed."""

    code, status, default_message = "bench_failed", 409, "The test bench failed."


@contextlib.contextmanager
def as_app_error() -> Iterator[None]:
    """Whatever the bench refuses inside is told as BenchFailed."""
    try:
        yield
    except BenchError as error:
        raise BenchFailed("\n".join([error.message, *error.details])) from error


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _may_use(user: User, board_id: UUID | None, declared: WorkspaceSettings) -> bool:
    if user.is_agent or not user.is_active:
        return False
    if user.is_superuser or {"*", user.username} & set(declared.users):
        return True
    return board_id is not None and board_id in declared.boards and _may_run_agents(user, board_id)


def _may_run_agents(user: User, board_id: UUID) -> bool:
    with contextlib.suppress(NotFound):
        return access_stream(user, StreamKey.board(board_id)) != "viewer"
    return False
