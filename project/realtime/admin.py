"""The log in the admin: streams, events and commands, to be read and never changed."""

import json

from django.contrib import admin
from django.utils.html import format_html

from project.realtime.logged import LoggedAdmin, link_to, link_to_list
from project.realtime.models import Command, Event, Stream


@admin.register(Stream)
class StreamAdmin(LoggedAdmin):
    list_display = ("__str__", "head", "epoch", "created", "contents")
    list_filter = ("kind", "created")
    search_fields = ("id",)
    readonly_fields = ("contents",)

    @admin.display(description="contents")
    def contents(self, stream: Stream) -> str:
        """A link to the stream's events."""
        return link_to_list("events", "realtime_event", stream__id__exact=stream.id)


@admin.register(Event)
class EventAdmin(LoggedAdmin):
    list_display = ("seq", "type", "actor", "stream_link", "created")
    list_filter = ("type", "created")
    list_select_related = ("actor", "stream")
    search_fields = ("id", "subject", "stream__id", "ref")
    fields = ("stream_link", "seq", "type", "actor", "ref", "subject", "key", "created", "envelope")
    readonly_fields = ("stream_link", "envelope")

    @admin.display(description="stream", ordering="stream")
    def stream_link(self, event: Event) -> str:
        return link_to(event.stream)

    @admin.display(description="envelope")
    def envelope(self, event: Event) -> str:
        """The event as it was sent, laid out to be read."""
        return format_html("<pre>{}</pre>", json.dumps(json.loads(event.text), indent=2, ensure_ascii=False))


@admin.register(Command)
class CommandAdmin(LoggedAdmin):
    list_display = ("name", "user", "ref", "stream", "created")
    list_filter = ("name", "created")
    list_select_related = ("user", "stream")
    search_fields = ("ref", "user__username", "stream__id")
