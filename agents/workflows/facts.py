"""What a run is about, read once per attempt: the request, the card, earlier results."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agents.llm.port import ToolSpec
from agents.llm.profiles import agent_settings, window_of
from agents.llm.rules.sections import is_card_request
from agents.models import AgentOutput, Request, Run
from agents.services.reach import PATCH_PREFIX
from agents.staff import grant_of
from boards.models import Card
from sessions.models import WorkSession
from sessions.selectors import find_card

_COMMENTS = 20


@dataclass(frozen=True)
class Finding:
    """A stored output, as later work is told of it."""

    title: str
    content: str
    kind: str


@dataclass(frozen=True)
class ClientTool(ToolSpec):
    """A tool that the client runs; `result` is the JSON Schema of what it sends back, if it declared one."""

    result: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Facts:
    """Everything a workflow has to know before it begins."""

    workflow: str
    is_refinement: bool
    request: str
    asked_by: str
    instructions: str
    card: str
    board: str
    board_name: str
    window: int
    kept: tuple[Finding, ...]
    tool_names: tuple[str, ...] | None
    client_tools: tuple[ClientTool, ...]
    review_plan: bool

    @property
    def said(self) -> str:
        """The request in the words of whoever asked; nothing where they handed over a card, which anybody may have written."""
        return "" if is_card_request(self.request) else self.request

    def client_tool(self, name: str) -> ClientTool | None:
        """The client's tool of that name."""
        return next((tool for tool in self.client_tools if tool.name == name), None)


def load_facts(run: Run) -> Facts:
    """The facts of `run`."""
    session = run.session
    card = find_card(session)
    grant = grant_of(run.agent)
    told = (session.instructions, agent_settings(run.agent.username).instructions, grant.instructions, *_notes(run))
    return Facts(
        workflow=run.workflow,
        is_refinement=_refined(run) is not None,
        request=run.message.content,
        asked_by=run.started_by.username,
        instructions="\n\n".join(text for text in map(str.strip, told) if text),
        card=describe_card(card) if card else "",
        board=_describe_board(session),
        board_name=session.board.name if session.board else "",
        window=window_of(run.agent.username),
        kept=tuple(_kept(run)),
        tool_names=grant.tools,
        client_tools=tuple(ClientTool(tool["name"], tool["description"], tool["parameters"], tool.get("result")) for tool in session.tools),
        review_plan=session.review_plan,
    )


def _notes(run: Run) -> Iterator[str]:
    """What people said along with the approval of the plan, of a patch, or of a larger budget. Notes on a tool's call are told with its
    result.
    """
    approved = Request.objects.select_related("answered_by").filter(run=run, status=Request.Status.APPROVED, tool_name="")
    for request in approved.exclude(note="").order_by("created", "id"):
        who = request.answered_by.username if request.answered_by else "somebody"
        yield f"Note of {who} on the {_subject(request)}: {request.note}"


def _subject(request: Request) -> str:
    if request.kind == Request.Kind.PLAN_REVIEW:
        return "plan"
    return "patch" if request.key.startswith(PATCH_PREFIX) else "budget"


def describe_card(card: Card) -> str:
    """The card as a model reads it."""
    lines = [f"#{card.number} {card.title}", "", card.description.strip(), ""]
    lines += [f"- [{'x' if item['done'] else ' '}] {item['text']}" for item in card.checklist]
    comments = card.comments.select_related("author").order_by("-created", "-id")[:_COMMENTS]
    lines += [f"{comment.author.username}: {comment.content}" for comment in reversed(comments)]
    return "\n".join(lines).strip()


def findings_of(run: Run) -> list[Finding]:
    """The run's stored outputs, oldest first."""
    outputs = AgentOutput.objects.filter(run=run).order_by("created", "id")
    return [Finding(each.title, each.content, each.kind) for each in outputs]


def _kept(run: Run) -> list[Finding]:
    """For a refinement: what the runs it refines have found, and the newest report of them."""
    kept: list[Finding] = []
    parent = _refined(run)
    while parent is not None:
        found = findings_of(parent)
        has_report = any(each.kind == AgentOutput.Kind.REPORT for each in kept)
        wanted = {AgentOutput.Kind.SUBTASK} if has_report else {AgentOutput.Kind.SUBTASK, AgentOutput.Kind.REPORT}
        kept = [each for each in found if each.kind in wanted] + kept
        parent = _refined(parent)
    return kept


def _refined(run: Run) -> Run | None:
    """The run whose report this one refines; a retry refines what the run did that it repeats."""
    while run.relation == "retry" and run.parent is not None:
        run = run.parent
    return run.parent if run.relation == "refinement" else None


def _describe_board(session: WorkSession) -> str:
    if session.board is None:
        return ""
    columns = ", ".join(session.board.columns.order_by("rank", "id").values_list("name", flat=True))
    return f"{session.board.name}\nColumns: {columns}"
