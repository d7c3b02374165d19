"""The app "realtime": the log, its hub and its sockets."""

from functools import partial
from typing import Any
from uuid import UUID

from django.apps import AppConfig
from django.db import transaction


class RealtimeConfig(AppConfig):
    name = "project.realtime"
    label = "realtime"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from project.accounts.signals import access_revoked

        access_revoked.connect(_check_sockets, dispatch_uid="realtime.check_sockets")


def _check_sockets(user_id: UUID, **_: Any) -> None:
    """Once the revocation is committed, have every hub look at this user's sockets again."""
    from project.realtime.bell import Bell
    from project.realtime.layer import ring

    transaction.on_commit(partial(ring, [Bell(access=user_id)]), robust=True)
