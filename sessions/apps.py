"""The app "sessions", labelled work_sessions: Django owns the other name. Registers who may follow the stream of a work session."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "work_sessions"
    verbose_name = "Work sessions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from project.realtime.streams import register_kind
        from sessions.access import get_role

        register_kind("session", get_role)
