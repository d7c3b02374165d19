"""The only way in from outside to runs and what belongs to them: whoever may see the work session may see these."""

from uuid import UUID

from django.db.models import QuerySet

from agents.models import AgentOutput, Request, Run, ToolCall
from project.accounts.models import User
from project.errors import NotFound
from project.realtime.streams import Role
from sessions.access import access_session, visible_sessions


def runs_with_names() -> QuerySet[Run]:
    """Runs with everything their objects on the wire name."""
    return Run.objects.select_related("agent", "started_by", "session", "session__owner")


def requests_with_names() -> QuerySet[Request]:
    """Requests with everything their objects on the wire name."""
    return Request.objects.select_related("run__agent", "session__owner", "answered_by")


def access_run(user: User, run_id: UUID, need: Role = "viewer") -> Run:
    """The run, for a user with the role `need` or more in its session."""
    run = runs_with_names().filter(id=run_id).first()
    if run is None:
        raise NotFound
    access_session(user, run.session_id, need)
    return run


def access_request(user: User, request_id: UUID, need: Role = "viewer") -> Request:
    """The request, for a user with the role `need` or more in its session."""
    request = requests_with_names().filter(id=request_id).first()
    if request is None:
        raise NotFound
    access_session(user, request.session_id, need)
    return request


def access_output(user: User, output_id: UUID) -> AgentOutput:
    """The output, for whoever may see its session."""
    output = AgentOutput.objects.select_related("run__agent").filter(id=output_id).first()
    if output is None:
        raise NotFound
    access_session(user, output.run.session_id)
    return output


def access_tool_call(user: User, call_id: UUID) -> ToolCall:
    """The tool call, for whoever may see its session."""
    call = ToolCall.objects.select_related("run__agent").filter(id=call_id).first()
    if call is None:
        raise NotFound
    access_session(user, call.run.session_id)
    return call


def visible_runs(user: User) -> QuerySet[Run]:
    """Every run this user may see."""
    return runs_with_names().filter(session__in=visible_sessions(user))


def visible_requests(user: User) -> QuerySet[Request]:
    """Every request this user may see."""
    return requests_with_names().filter(session__in=visible_sessions(user))


def answerable_requests(user: User) -> QuerySet[Request]:
    """The open requests that wait for this user: an agent answers none."""
    waiting = requests_with_names().filter(status=Request.Status.OPEN, session__in=visible_sessions(user, "editor"))
    return waiting.none() if user.is_agent else waiting
