"""The app "realtime": the log, its hub and its sockets."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "project.realtime"
    label = "realtime"
    default_auto_field = "django.db.models.BigAutoField"
