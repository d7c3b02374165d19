"""The app "agents": runs and everything they produce."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agents import events  # noqa: F401 - registers the event types of runs
