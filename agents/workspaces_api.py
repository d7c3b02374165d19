"""The REST view of the workspaces that a person may have measured and optimised."""

from collections.abc import Mapping
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from agents.api import memory_page
from agents.workspaces import list_workspaces
from project.accounts.describe import Operation, list_of
from project.realtime.api import ListQuery, user_of
from project.realtime.view import StrictView
from project.wire import Id, WireObject


class WorkspacesQuery(ListQuery):
    """`board` adds those of whoever may run agents on that board."""

    board: Id | None = None


class WorkspaceObject(WireObject):
    """A workspace. `measure` is what to ask of the workflow optimise so that it measures this one and changes nothing."""

    name: str
    measure: str


def order_to_measure(name: str) -> str:
    """The words that agents.workspaces reads as this workspace and one round: the first, in which nothing is changed yet."""
    return f"Workspace: {name}, rounds: 1. Measure it as it is; change nothing."


class WorkspaceListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Workspaces that I may have measured", query=WorkspacesQuery, reply=list_of(WorkspaceObject))
    }

    def get(self, request: Request) -> Response:
        query = self.query_as(WorkspacesQuery)
        found = list_workspaces(user_of(request), query.board)
        return memory_page(query, [{"name": each.name, "measure": order_to_measure(each.name)} for each in found])
