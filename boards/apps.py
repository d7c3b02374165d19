"""The app "boards": registers who may follow the stream of a board."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from boards.access import get_role
        from project.realtime.streams import register_kind

        register_kind("board", get_role)
