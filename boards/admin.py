"""Boards in the admin: to be found and read, with links to what belongs together. Changes are commands."""

from django.contrib import admin
from django.utils.html import format_html_join

from boards.models import Board, Card, Column, Comment, Membership
from project.realtime.logged import LoggedAdmin, link_to, link_to_list


@admin.register(Board)
class BoardAdmin(LoggedAdmin):
    list_display = ("name", "created", "updated", "deleted", "contents")
    list_filter = ("created", "deleted")
    search_fields = ("name", "description", "id")
    readonly_fields = ("contents",)

    @admin.display(description="contents")
    def contents(self, board: Board) -> str:
        """Links to the lists of what is on the board."""
        return _joined(
            link_to_list("cards", "boards_card", board__id__exact=board.id),
            link_to_list("columns", "boards_column", board__id__exact=board.id),
            link_to_list("members", "boards_membership", board__id__exact=board.id),
            link_to_list("work sessions", "work_sessions_worksession", board__id__exact=board.id),
        )


@admin.register(Membership)
class MembershipAdmin(LoggedAdmin):
    list_display = ("user", "role", "board_link", "created")
    list_filter = ("role", "created")
    list_select_related = ("user", "board")
    search_fields = ("user__username", "board__name", "board__id")

    @admin.display(description="board", ordering="board__name")
    def board_link(self, member: Membership) -> str:
        return link_to(member.board)


@admin.register(Column)
class ColumnAdmin(LoggedAdmin):
    list_display = ("name", "board_link", "rank", "wip_limit", "contents")
    list_filter = ("wip_limit",)
    list_select_related = ("board",)
    search_fields = ("name", "board__name", "id")

    @admin.display(description="board", ordering="board__name")
    def board_link(self, column: Column) -> str:
        return link_to(column.board)

    @admin.display(description="contents")
    def contents(self, column: Column) -> str:
        return link_to_list("cards", "boards_card", column__id__exact=column.id)


@admin.register(Card)
class CardAdmin(LoggedAdmin):
    list_display = ("__str__", "board_link", "column_link", "assignee", "due", "run_status", "archived", "updated", "contents")
    list_filter = ("archived", "due", "updated", ("assignee", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("board", "column", "assignee")
    search_fields = ("title", "description", "board__name", "id")
    date_hierarchy = "created"
    exclude = ("search",)
    readonly_fields = ("contents",)

    @admin.display(description="board", ordering="board__name")
    def board_link(self, card: Card) -> str:
        return link_to(card.board)

    @admin.display(description="column", ordering="column__rank")
    def column_link(self, card: Card) -> str:
        return link_to(card.column)

    @admin.display(description="run")
    def run_status(self, card: Card) -> str:
        return str((card.run or {}).get("status", "–"))

    @admin.display(description="contents")
    def contents(self, card: Card) -> str:
        """Links to what belongs to the card."""
        return _joined(
            link_to_list("comments", "boards_comment", card__id__exact=card.id),
            link_to_list("work sessions", "work_sessions_worksession", card__id__exact=card.id),
            link_to_list("events", "realtime_event", subject__exact=card.id),
        )


@admin.register(Comment)
class CommentAdmin(LoggedAdmin):
    list_display = ("__str__", "author", "card_link", "created", "updated")
    list_filter = ("created", ("author", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("author", "card")
    search_fields = ("content", "author__username", "card__title", "id")

    @admin.display(description="card", ordering="card__number")
    def card_link(self, comment: Comment) -> str:
        return link_to(comment.card)


def _joined(*links: str) -> str:
    return format_html_join(" · ", "{}", ((link,) for link in links))
