"""Comments on cards."""

from django.db.models import F

from boards.events import CommentAdded, CommentDeleted, CommentEdited
from boards.models import Card, Comment
from boards.services.checks import check_unarchived
from boards.wire import CommentObject
from project.realtime.change import Change
from project.realtime.events import EventData
from project.realtime.streams import StreamKey


def comment_card(*, ch: Change, card: Card, content: str, html: str) -> Comment:
    """The new comment, by who acts."""
    check_unarchived(card)
    comment = Comment.objects.create(card=card, author=ch.actor, content=content, html=html, created=ch.now, updated=ch.now)
    Card.objects.filter(id=card.id).update(comment_count=F("comment_count") + 1)
    _tell(ch, comment, CommentAdded(comment=CommentObject.of(comment)))
    return comment


def edit_comment(*, ch: Change, comment: Comment, content: str, html: str) -> Comment:
    """The comment with its new content; nothing told when it is the same."""
    check_unarchived(comment.card)
    if comment.content == content:
        return comment
    comment.content, comment.html, comment.updated = content, html, ch.now
    comment.save(update_fields=["content", "html", "updated"])
    _tell(ch, comment, CommentEdited(comment=CommentObject.of(comment)))
    return comment


def delete_comment(*, ch: Change, comment: Comment) -> None:
    """Delete the comment for good."""
    check_unarchived(comment.card)
    _tell(ch, comment, CommentDeleted(comment=CommentObject.of(comment)))
    Card.objects.filter(id=comment.card_id).update(comment_count=F("comment_count") - 1)
    comment.delete()


def _tell(ch: Change, comment: Comment, event: EventData) -> None:
    ch.append(event, StreamKey.board(comment.card.board_id), subject=comment.card_id)
