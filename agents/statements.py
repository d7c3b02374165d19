"""The read that every write of a run begins with, as SQL (see project/sql.py)."""

from collections.abc import Sequence
from uuid import UUID

from agents.models import Run
from project.accounts.models import User
from project.sql import Columns, fetch_all, fetch_one
from sessions.models import WorkSession

_run = Columns(Run, "r")
_session = Columns(WorkSession, "s")
_agent, _starter, _owner = (Columns(User, alias) for alias in ("a", "u", "o"))
_RUNS = f"SELECT {_run.sql} FROM agents_run r WHERE r.id IN"  # noqa: S608 - column names of our own models; every value is a parameter
_RUN_WITH_NAMES = (
    f"SELECT {_run.sql}, {_session.sql}, {_agent.sql}, {_starter.sql}, {_owner.sql} FROM agents_run r"  # noqa: S608 - column names of our own models; every value is a parameter
    " JOIN work_sessions_worksession s ON s.id = r.session_id JOIN accounts_user a ON a.id = r.agent_id"
    " JOIN accounts_user u ON u.id = r.started_by_id JOIN accounts_user o ON o.id = s.owner_id WHERE r.id = %s"
)


def get_runs(run_ids: Sequence[UUID]) -> list[Run]:
    """Those of the runs that are there, without any of those they name, for who only looks at them."""
    if not run_ids:
        return []
    places = ", ".join(["%s"] * len(run_ids))
    return [_run.instance(row) for row in fetch_all(f"{_RUNS} ({places})", *run_ids)]


def get_run_with_names(run_id: UUID) -> Run:
    """As agents.access.runs_with_names gives it: with everything its object on the wire names."""
    if (row := fetch_one(_RUN_WITH_NAMES, run_id)) is None:
        raise Run.DoesNotExist
    run = _run.instance(row)
    rest = row[len(_run) :]
    run.session = _session.instance(rest)
    rest = rest[len(_session) :]
    run.agent = _agent.instance(rest)
    run.started_by = _starter.instance(rest[len(_agent) :])
    run.session.owner = _owner.instance(rest[len(_agent) + len(_starter) :])
    return run
