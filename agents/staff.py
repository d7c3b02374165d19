"""The agents there are, what each may do, and which one takes a run."""

from dataclasses import dataclass
from itertools import chain, count
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower

from agents.llm.profiles import profile_of
from agents.llm.refusals import refusal_of
from agents.llm.registry import model_info
from agents.models import Agent
from project.accounts.models import User
from project.errors import Invalid
from sessions.models import WorkSession

DEFAULT_NAME = "robo"
WORKFLOWS: tuple[str, ...] = tuple(WorkSession.Workflow.values)


@dataclass(frozen=True)
class Grant:
    """What one agent may do; `tools` None means all."""

    user: User
    workflows: tuple[str, ...]
    tools: tuple[str, ...] | None
    instructions: str


def grant_of(user: User) -> Grant:
    """What this agent user may do; without a profile, everything."""
    return _grant(user, Agent.objects.filter(user=user).first())


def _grant(user: User, profile: Agent | None) -> Grant:
    if profile is None:
        return Grant(user, WORKFLOWS, None, "")
    tools = None if profile.tools is None else tuple(profile.tools)
    return Grant(user, tuple(profile.workflows) or WORKFLOWS, tools, profile.instructions)


def list_grants() -> list[Grant]:
    """All active agents, by name."""
    users = list(User.objects.filter(kind=User.Kind.AGENT, is_active=True).order_by("username"))
    profiles = {profile.user_id: profile for profile in Agent.objects.filter(user__in=users)}
    return [_grant(user, profiles.get(user.id)) for user in users]


def choose_agent(workflow: str, agent_id: UUID | None = None) -> User:
    """The agent asked for, or the first that offers the workflow; Invalid when there is none.

    An installation without any agent gets its first one here, so that a session works before anybody has set one up.
    """
    grants = list_grants()
    if not grants and not User.objects.filter(kind=User.Kind.AGENT).exists():
        grants = [grant_of(_first_agent())]
    for grant in grants:
        if agent_id in (None, grant.user.id) and workflow in grant.workflows:
            return grant.user
    if agent_id is not None and agent_id not in {grant.user.id for grant in grants}:
        raise Invalid("There is no such agent.", fields={"agent": ["Choose one of GET /api/agents/."]})
    raise Invalid(f"No agent offers the workflow {workflow}.", fields={"workflow": ["Choose another workflow or agent."]})


def _first_agent() -> User:
    taken = set(User.objects.filter(username__istartswith=DEFAULT_NAME).values_list(Lower("username"), flat=True))
    names = chain([DEFAULT_NAME], (f"{DEFAULT_NAME}-{number}" for number in count(2)))
    name = next(name for name in names if name not in taken)
    return User.objects.get_or_create(username=name, kind=User.Kind.AGENT, defaults={"password": make_password(None)})[0]


def unknown_agents() -> list[str]:
    """Names in the configuration's `agents` that no agent has."""
    known = set(User.objects.filter(kind=User.Kind.AGENT).values_list("username", flat=True))
    return sorted(set(settings.WORKROOM_AGENTS) - known)


def why_unavailable(agent: User) -> str | None:
    """Why this agent can't work now: nobody takes runs here, or its model's key was refused. None when it can."""
    if settings.WORKROOM_LAUNCHER == "none":
        return "No launcher takes runs here. Set WORKROOM_LAUNCHER=embedded and restart."
    return refusal_of(profile_of(agent.username))


def agents_to_wire() -> list[dict[str, object]]:
    """The rows of GET agents/."""
    return [_to_wire(grant) for grant in list_grants()]


def _to_wire(grant: Grant) -> dict[str, object]:
    reason = why_unavailable(grant.user)
    return {
        "id": str(grant.user.id),
        "username": grant.user.username,
        "workflows": list(grant.workflows),
        "model": _model_of(grant.user),
        "available": reason is None,
        "reason": reason,
    }


def _model_of(user: User) -> dict[str, object]:
    info = model_info(user.username)
    return {"adapter": info["adapter"], "name": info["name"]}
