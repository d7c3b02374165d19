"""Addresses of boards: the API (mounted at /api/) and the pages (mounted at /)."""

from django.urls import URLPattern, path

from boards import api, cards_api, pages
from project.realtime.api import EventsView
from project.realtime.sse import event_stream

api_urlpatterns: list[URLPattern] = [
    path("users/", api.UsersView.as_view()),
    path("boards/", api.BoardListView.as_view()),
    path("boards/<uuid:board_id>/", api.BoardView.as_view()),
    path("boards/<uuid:board_id>/snapshot/", api.SnapshotView.as_view()),
    path("boards/<uuid:stream_id>/events/", EventsView.as_view()),
    path("boards/<uuid:stream_id>/stream/", event_stream, {"kind": "board"}),
    path("boards/<uuid:board_id>/members/", api.MemberListView.as_view()),
    path("boards/<uuid:board_id>/members/<uuid:user_id>/", api.MemberView.as_view()),
    path("boards/<uuid:board_id>/columns/", api.ColumnListView.as_view()),
    path("boards/<uuid:board_id>/cards/", cards_api.CardListView.as_view()),
    path("columns/<uuid:column_id>/", api.ColumnView.as_view()),
    path("columns/<uuid:column_id>/move/", api.MoveColumnView.as_view()),
    path("cards/<uuid:card_id>/", cards_api.CardView.as_view()),
    path("cards/<uuid:card_id>/move/", cards_api.MoveCardView.as_view()),
    path("cards/<uuid:card_id>/archive/", cards_api.ArchiveCardView.as_view()),
    path("cards/<uuid:card_id>/restore/", cards_api.RestoreCardView.as_view()),
    path("cards/<uuid:card_id>/activity/", cards_api.ActivityView.as_view()),
    path("cards/<uuid:card_id>/comments/", cards_api.CommentListView.as_view()),
    path("comments/<uuid:comment_id>/", cards_api.CommentView.as_view()),
]

page_urlpatterns: list[URLPattern] = [
    path("", pages.BoardsPage.as_view(), name="boards"),
    path("boards/<uuid:board_id>/", pages.BoardPage.as_view(), name="board"),
    path("boards/<uuid:board_id>/cards/<int:number>/", pages.BoardPage.as_view(), name="card"),
]
