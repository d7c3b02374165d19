"""The read that every write of a run begins with, as SQL (see project/sql.py)."""

from uuid import UUID

from agents.models import Run
from project.accounts.models import User
from project.sql import Columns, fetch_one
from sessions.models import WorkSession

_run = Columns(Run, "r")
_session = Columns(WorkSession, "s")
_agent, _starter, _owner = (Columns(User, alias) for alias in ("a", "u", "o"))
_RUN = f"SELECT {_run.sql} FROM agents_run r WHERE r.id = %s"  # noqa: S608 - column names of our own models; every value is a parameter
_RUN_WITH_NAMES = (
    f"SELECT {_run.sql}, {_session.sql}, {_agent.sql}, {_starter.sql}, {_owner.sql} FROM agents_run r"  # noqa: S608 - column names of our own models; every value is a parameter
    " JOIN work_sessions_worksession s ON s.id = r.session_id JOIN accounts_user a ON a.id = r.agent_id"
    " JOIN accounts_user u ON u.id = r.started_by_id JOIN accounts_user o ON o.id = s.owner_id WHERE r.id = %s"
)


def get_run(run_id: UUID) -> Run:
    """The run without any of those it names, for who only looks at it. Run.DoesNotExist when it is gone."""
    if (row := fetch_one(_RUN, run_id)) is None:
        raise Run.DoesNotExist
    return _run.instance(row)


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
