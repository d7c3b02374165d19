"""Messages in the admin. Work sessions are registered by agents.admin, whose action stops their runs."""

from django.contrib import admin

from project.realtime.logged import LoggedAdmin, link_to
from sessions.models import Message


@admin.register(Message)
class MessageAdmin(LoggedAdmin):
    list_display = ("__str__", "role", "author", "via", "handled_by", "complete", "session_link", "created")
    list_filter = ("role", "via", "complete", "interrupted", "created")
    list_select_related = ("author", "session")
    search_fields = ("content", "session__title", "session__id", "run", "id")
    date_hierarchy = "created"

    @admin.display(description="session", ordering="session__title")
    def session_link(self, message: Message) -> str:
        return link_to(message.session)
