"""The base of REST views: the query is judged by what the view declares for the method, unknown parameters refused."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from rest_framework.request import Request
from rest_framework.views import APIView

from project.accounts.describe import Operation
from project.realtime.api import read_query
from project.wire import Payload

Query = TypeVar("Query", bound=Payload)


class NoQuery(Payload):
    """No parameters at all."""


class StrictView(APIView):
    operations: ClassVar[Mapping[str, Operation]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._check_query(request)

    def _check_query(self, request: Request) -> None:
        operation = self.operations.get("GET" if request.method == "HEAD" else request.method or "")
        if operation is None or operation.query is None:
            read_query(request, NoQuery)

    def query_as(self, model: type[Query]) -> Query:
        """The query parameters as a `model`."""
        return read_query(self.request, model)
