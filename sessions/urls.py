"""Addresses of work sessions that concern no run. Those that start, stop or show runs are in agents.urls."""

from django.urls import URLPattern, path

from project.realtime.api import SessionEventsView
from project.realtime.sse import event_stream
from sessions import api

api_urlpatterns: list[URLPattern] = [
    path("sessions/", api.SessionListView.as_view()),
    path("sessions/<uuid:stream_id>/events/", SessionEventsView.as_view()),
    path("sessions/<uuid:stream_id>/stream/", event_stream, {"kind": "session"}),
]

page_urlpatterns: list[URLPattern] = []
