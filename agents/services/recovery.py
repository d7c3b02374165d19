"""What is put right when an attempt takes over a run that another left in the middle."""

from agents.models import Run, ToolCall
from agents.services.calls import finish_call
from agents.services.closing import Rendered, close_messages
from agents.services.scope import Scope
from agents.wire import ErrorObject
from project.realtime.change import Change

OUTCOME_UNKNOWN = "outcome_unknown"
_UNKNOWN = ErrorObject(
    code=OUTCOME_UNKNOWN, message="The server stopped while this was under way; nobody knows whether it happened.", hint="Look, and say."
)


def recover(*, ch: Change, run: Run, rendered: Rendered) -> None:
    """Complete open messages as interrupted and end unsafe calls whose outcome is unknown.

    Read and idempotent calls stay open: they are made again under the same id when their step is repeated.
    """
    close_messages(ch=ch, run=run, rendered=rendered)
    scope = Scope(ch=ch, run=run)
    for call in ToolCall.objects.filter(run=run, status=ToolCall.Status.EXECUTING, tool_class="unsafe"):
        finish_call(scope=scope, call=call, status="failed", summary=_UNKNOWN.message, error=_UNKNOWN)
