"""The HTML pages of boards: a template, and the data its island starts from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from boards.api import boards_page
from boards.selectors import read_board_snapshot
from boards.wire import to_wire
from project.accounts.models import User
from project.accounts.profile import page_data
from project.errors import NotFound
from project.realtime.api import ListQuery

ListAgents = Callable[[User], Sequence[dict[str, Any]]]

_list_agents: list[ListAgents] = [lambda _: []]


def register_agents(tell: ListAgents) -> None:
    """Called by the app of the agents at start: `tell(user)` gives the results of GET agents/, which pages hand on."""
    _list_agents[:] = [tell]


def list_agents(user: User) -> list[dict[str, Any]]:
    """The agents that may be asked, for `page-data`."""
    return list(_list_agents[0](user))


@method_decorator(never_cache, name="dispatch")
class IslandPage(LoginRequiredMixin, TemplateView, ABC):
    """A page that mounts one island."""

    @abstractmethod
    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        """What the island is handed beyond what every page has; `kwargs` are the parameters of the address."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            data = self.island_data(signed_in(request), **kwargs)
        except NotFound as error:
            raise Http404 from error
        return self.render_to_response({"page_data": page_data(request) | data})


def signed_in(request: HttpRequest) -> User:
    """The user of a page that is shown to signed-in users only."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


class BoardsPage(IslandPage):
    """My boards."""

    template_name = "boards/list.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        del kwargs
        return {"boards": boards_page(user, ListQuery(limit=200)).data}


class BoardPage(IslandPage):
    """A board, with the card of that number open if the address names one."""

    template_name = "boards/board.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        board_id: UUID = kwargs["board_id"]
        snapshot = to_wire(read_board_snapshot(user, board_id))
        return {"snapshot": snapshot, "agents": list_agents(user), "card_number": kwargs.get("number")}
