"""Users (people and agents alike) and the single-use tickets that open a socket."""

from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from project.ids import new_id


class User(AbstractUser):
    """A person or an agent. Deactivated, never deleted: the log names its actors for good."""

    class Kind(models.TextChoices):
        HUMAN = "human"
        AGENT = "agent"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.HUMAN)
    sign_ins_revoked = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["username"]

    @property
    def is_agent(self) -> bool:
        return self.kind == self.Kind.AGENT

    def get_session_auth_hash(self) -> str:
        """What a browser session must carry to be good: another password, or one more revocation, ends all of them."""
        return self._sign_in_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._sign_in_hash(secret)

    def _sign_in_hash(self, secret: str | bytes | None) -> str:
        signed = f"{self.sign_ins_revoked}:{self.password}"
        return salted_hmac("workroom.sign_in", signed, secret=secret, algorithm="sha256").hexdigest()


class Ticket(models.Model):
    """Opens one socket within 30 seconds. `origin` is the sign-in that asked for it; the socket lives no longer than that."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tickets")
    origin = models.CharField(max_length=200)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-expires"]

    def __str__(self) -> str:
        return f"ticket of {self.user_id}, until {self.expires:%H:%M:%S}"
