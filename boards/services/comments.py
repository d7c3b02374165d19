"""Comments on cards."""

from uuid import UUID

from django.db.models import F

from boards.access import get_card
from boards.events import CommentAdded, CommentDeleted, CommentEdited
from boards.models import Card, Comment
from boards.services.checks import check_unarchived
from boards.statements import Standing, store_comment
from boards.wire import CommentObject
from project.realtime.change import Change
from project.realtime.streams import StreamKey


def comment_card(*, ch: Change, found: Standing, content: str, html: str) -> Comment:
    """The new comment, by who acts."""
    if found.is_archived:
        check_unarchived(get_card(found.card_id))
    comment = Comment(card_id=found.card_id, author=ch.actor, content=content, html=html, created=ch.now, updated=ch.now)
    store_comment(comment)
    _tell(ch, found.board_id, CommentAdded(comment=CommentObject.of(comment)))
    return comment


def edit_comment(*, ch: Change, comment: Comment, content: str, html: str) -> Comment:
    """The comment with its new content; nothing told when it is the same."""
    check_unarchived(comment.card)
    if comment.content == content:
        return comment
    comment.content, comment.html, comment.updated = content, html, ch.now
    comment.save(update_fields=["content", "html", "updated"])
    _tell(ch, comment.card.board_id, CommentEdited(comment=CommentObject.of(comment)))
    return comment


def delete_comment(*, ch: Change, comment: Comment) -> None:
    """Delete the comment for good."""
    check_unarchived(comment.card)
    _tell(ch, comment.card.board_id, CommentDeleted(comment=CommentObject.of(comment)))
    Card.objects.filter(id=comment.card_id).update(comment_count=F("comment_count") - 1)
    comment.delete()


def _tell(ch: Change, board_id: UUID, event: CommentAdded | CommentEdited | CommentDeleted) -> None:
    ch.append(event, StreamKey.board(board_id), subject=event.comment.card)
