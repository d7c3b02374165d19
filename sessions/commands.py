"""The commands of work sessions that concern no run: start and edit. Those about runs are in agents.commands."""

from uuid import UUID

from boards.access import access_card, require_board
from boards.models import Card
from boards.services.runs import report_run
from project.accounts.models import User
from project.errors import Invalid
from project.realtime.change import Change
from project.realtime.commands import CommandSpec, CommandTable, Reply
from project.realtime.streams import StreamKey
from sessions import services
from sessions.access import access_session
from sessions.payloads import EditSession, StartSession
from sessions.selectors import count_card_sessions
from sessions.services import SessionDraft
from sessions.wire import SessionObject, dump

NEW_TITLE = "New session"


def _authorise_start(user: User, scope: UUID, payload: StartSession) -> tuple[StreamKey, ...]:
    del scope
    if payload.card is not None:
        board_id = access_card(user, payload.card, "editor").board_id
        if payload.board not in (None, board_id):
            raise Invalid("The card is on another board.", fields={"card": ["This card isn't on that board."]})
        return (StreamKey.board(board_id),)
    if payload.board is not None:
        require_board(user, payload.board, "editor")
    return ()


def _start(ch: Change, scope: UUID, payload: StartSession) -> Reply:
    del scope
    card = Card.objects.filter(id=payload.card).first() if payload.card else None
    draft = SessionDraft(
        title=payload.title or (card.title if card else NEW_TITLE),
        board_id=card.board_id if card else payload.board,
        card=card,
        workflow=payload.workflow or "chat",
        instructions=payload.instructions or "",
        review_plan=payload.review_plan,
        tools=tuple(tool.model_dump(mode="json", exclude_unset=True) for tool in payload.tools),
    )
    session = services.start_session(ch=ch, draft=draft)
    if card:
        report_run(ch=ch, card_id=card.id, run=card.run, session_count=count_card_sessions(card.id))
    return {"session": dump(SessionObject.of(session))}


def _authorise_edit(user: User, scope: UUID, payload: EditSession) -> tuple[StreamKey, ...]:
    del payload
    return (StreamKey.session(access_session(user, scope, "editor").id),)


def _edit(ch: Change, scope: UUID, payload: EditSession) -> Reply:
    session = access_session(ch.principal, scope, "editor")
    services.rename_session(ch=ch, session=session, title=payload.title)
    return {"session": dump(SessionObject.of(session))}


START_SESSION = CommandSpec("start_session", StartSession, _authorise_start, _start, opens=True)
EDIT_SESSION = CommandSpec("edit_session", EditSession, _authorise_edit, _edit, is_scoped=True)

SESSION_COMMANDS: CommandTable = {spec.name: spec for spec in (EDIT_SESSION,)}
