"""The event validator on the log of a work session somebody may see: read, judged, shown over REST."""

import json
from collections.abc import Iterator, Mapping
from math import ceil
from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from agents.contract.entries import Item, read_value
from agents.contract.validator import EventReport, Expected, validate
from project.accounts.describe import Operation
from project.accounts.models import User
from project.errors import RateLimited
from project.limits import limits
from project.realtime.api import user_of
from project.realtime.commands import rates
from project.realtime.log import PAGE_EVENTS, read_events, read_head
from project.realtime.streams import StreamKey
from project.realtime.view import StrictView
from sessions.access import access_session
from sessions.wire import dump

MOST_EVENTS = 10_000
"""Of a longer log the newest are judged, and the report says where it begins (`first_seq`, `is_whole`)."""


def count_report(user: User) -> None:
    """Count a report that this user asks for: each folds thousands of events. RateLimited when they are too many."""
    most = limits().event_reports_per_min
    wait_s = ceil(rates.take(("event_report", user.pk), per_s=most / 60, burst=most))
    if wait_s:
        raise RateLimited(f"You have had {most} reports within a minute. Wait {wait_s} s.", retry_after_s=wait_s)


def report_on_session(user: User, session_id: UUID) -> EventReport:
    """What is wrong with the log of a work session, and its figures. NotFound for strangers, RateLimited as `count_report`."""
    access_session(user, session_id)
    count_report(user)
    head, _ = read_head(session_id)
    after = max(0, head - MOST_EVENTS)
    return validate(_items(session_id, after, head), Expected(str(StreamKey.session(session_id)), after))


def _items(session_id: UUID, after: int, head: int) -> Iterator[Item]:
    """The events of the log up to a head, page by page; `line` is an event's number."""
    while after < head:
        page = [item for item in read_events(session_id, after=after, limit=PAGE_EVENTS) if item.seq <= head]
        for item in page:
            yield from read_value(item.seq, json.loads(item.text))
        if not page:
            return
        after = page[-1].seq


class EventReportView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Whether the session's log keeps the event contract, and figures of it", reply=EventReport, errors=(RateLimited,))
    }

    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(dump(report_on_session(user_of(request), session_id)))
