"""Who one is. Which model the agents use is known to a higher layer, which tells it here when it starts."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token

from project.accounts.models import User
from project.accounts.wire import MeObject, ModelInfo, UserObject

_RULES = ModelInfo(configured=False, adapter="rules", name=None)
_model_info: list[Callable[[], ModelInfo]] = [lambda: _RULES]


def register_model_info(tell: Callable[[], ModelInfo]) -> None:
    """Called by agents at start: `tell()` describes the model in use."""
    _model_info[:] = [tell]


def model_info() -> ModelInfo:
    """The model in use; the built-in rules as long as no app says more."""
    return _model_info[0]()


def me_of(user: User) -> MeObject:
    """The answer of GET me/."""
    return MeObject(id=user.id, username=user.username, kind="agent" if user.is_agent else "human", model=model_info())


def page_data(request: HttpRequest) -> dict[str, object]:
    """What every page hands to its island, whatever else it does."""
    user = request.user
    return {
        "user": UserObject.of(user).model_dump(mode="json") if isinstance(user, User) else None,
        "csrf": get_token(request),
        "model": model_info().model_dump(mode="json"),
        "debug_demo": settings.WORKROOM_IS_DEVELOPMENT,
    }
