"""The agents there are, what each may do, and which one takes a run."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

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
    profile = Agent.objects.filter(user=user).first()
    if profile is None:
        return Grant(user, WORKFLOWS, None, "")
    tools = None if profile.tools is None else tuple(profile.tools)
    return Grant(user, tuple(profile.workflows) or WORKFLOWS, tools, profile.instructions)


def list_grants() -> list[Grant]:
    """All active agents, by name."""
    return [grant_of(user) for user in User.objects.filter(kind=User.Kind.AGENT, is_active=True).order_by("username")]


def choose_agent(workflow: str, agent_id: UUID | None = None) -> User:
    """The agent asked for, or the first that offers the workflow; Invalid when there is none.

    An installation without any agent gets its first one here, so that a session works before anybody has set one up.
    """
    grants = list_grants()
    if not grants:
        grants = [grant_of(_first_agent())]
    for grant in grants:
        if agent_id in (None, grant.user.id) and workflow in grant.workflows:
            return grant.user
    if agent_id is not None and agent_id not in {grant.user.id for grant in grants}:
        raise Invalid("There is no such agent.", fields={"agent": ["Choose one of GET /api/agents/."]})
    raise Invalid(f"No agent offers the workflow {workflow}.", fields={"workflow": ["Choose another workflow or agent."]})


def _first_agent() -> User:
    user = User(username=DEFAULT_NAME, kind=User.Kind.AGENT)
    user.set_unusable_password()
    return User.objects.get_or_create(username=DEFAULT_NAME, kind=User.Kind.AGENT, defaults={"password": user.password})[0]


def availability() -> tuple[bool, str | None]:
    """Whether runs are taken here, and if not, why."""
    if settings.WORKROOM_LAUNCHER == "none":
        return False, "No launcher takes runs here. Set WORKROOM_LAUNCHER=embedded and restart."
    return True, None


def agents_to_wire() -> list[dict[str, object]]:
    """The rows of GET agents/."""
    info = model_info()
    available, reason = availability()
    model = {"adapter": info["adapter"], "name": info["name"]}
    return [
        {
            "id": str(grant.user.id),
            "username": grant.user.username,
            "workflows": list(grant.workflows),
            "model": model,
            "available": available,
            "reason": reason,
        }
        for grant in list_grants()
    ]
