"""Boards themselves: create, edit, delete."""

from boards.events import BoardDeleted, BoardEdited, ColumnCreated, MemberAdded
from boards.models import Board, Column, Membership
from boards.ordering import GAP
from boards.payloads import CreateBoard, EditBoard
from boards.wire import BoardObject, ColumnObject, MemberObject
from project.realtime.change import Change
from project.realtime.streams import StreamKey

DEFAULT_COLUMNS = ("To do", "In progress", "Review", "Done")


def create_board(*, ch: Change, new: CreateBoard) -> Board:
    """The new board, owned by who asks, with its stream opened and complete: its events alone give the snapshot."""
    board = Board.objects.create(name=new.name, description=new.description or "", created=ch.now, updated=ch.now)
    key = StreamKey.board(board.id)
    ch.open_stream(key)
    ch.append(BoardEdited(board=BoardObject.of(board)), key)
    owner = Membership.objects.create(board=board, user=ch.principal, role="owner", created=ch.now)
    ch.append(MemberAdded(member=MemberObject.of(owner)), key)
    names = DEFAULT_COLUMNS if new.columns is None else new.columns
    columns = [Column(board=board, name=name, rank=GAP * number) for number, name in enumerate(names, start=1)]
    for column in Column.objects.bulk_create(columns):
        ch.append(ColumnCreated(column=ColumnObject.of(column)), key)
    return board


def edit_board(*, ch: Change, board: Board, edit: EditBoard) -> Board:
    """The board with what `edit` names changed; nothing is told when nothing differs."""
    wanted: dict[str, str] = {}
    if edit.name is not None:
        wanted["name"] = edit.name
    if "description" in edit.model_fields_set:
        wanted["description"] = edit.description or ""
    if all(getattr(board, name) == value for name, value in wanted.items()):
        return board
    for name, value in wanted.items():
        setattr(board, name, value)
    board.updated = ch.now
    board.save(update_fields=[*wanted, "updated"])
    ch.append(BoardEdited(board=BoardObject.of(board)), StreamKey.board(board.id))
    return board


def delete_board(*, ch: Change, board: Board) -> None:
    """Delete the board softly: this is its last event, and whoever follows it is sent away."""
    key = StreamKey.board(board.id)
    board.deleted = ch.now
    board.save(update_fields=["deleted"])
    ch.append(BoardDeleted(board=board.id), key)
    ch.access_changed(stream=key)
