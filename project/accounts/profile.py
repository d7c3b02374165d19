"""What other apps know about a signed-in user, told to this lower layer when they start: the model in use, and who knows whom."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q, QuerySet

from project.accounts.models import User
from project.accounts.wire import MeObject, ModelInfo

_model_info: list[Callable[[], ModelInfo]] = []
_acquaintances: list[Callable[[User], QuerySet[User]]] = []


def register_model_info(tell: Callable[[], ModelInfo]) -> None:
    """Called by agents at start: `tell()` describes the model in use."""
    _model_info[:] = [tell]


def register_acquaintances(find: Callable[[User], QuerySet[User]]) -> None:
    """Called by boards at start: `find(user)` gives the users who share a board with `user`."""
    _acquaintances[:] = [find]


def model_info() -> ModelInfo:
    """The model in use; the built-in rules as long as no app says more."""
    return _model_info[0]() if _model_info else ModelInfo(configured=False, adapter="rules", name=None)


def me_of(user: User) -> MeObject:
    """The answer of GET me/."""
    return MeObject(id=user.id, username=user.username, kind="agent" if user.is_agent else "human", model=model_info())


def findable_by(user: User, q: str = "") -> QuerySet[User]:
    """The active users `user` may find: those of their own boards whose name contains `q`, and whoever is named exactly `q`."""
    known: set[UUID] = {user.id}
    for find in _acquaintances:
        known.update(find(user).values_list("id", flat=True))
    found = Q(id__in=known, username__icontains=q)
    if q:
        found |= Q(username=q)
    return User.objects.filter(found, is_active=True)
