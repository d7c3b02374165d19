"""Whether the process lives (/healthz) and whether it should be sent work (/readyz)."""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from project import lifecycle
from project.clock import db_now
from project.realtime import connections
from project.realtime.db import run_db

log = logging.getLogger(__name__)


async def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers and reaches its database."""
    del request
    try:
        now = await run_db(db_now)
    except DatabaseError:
        log.exception("The health check found no database.")
        return JsonResponse({"status": "unavailable", "database": False}, status=503)
    return JsonResponse({"status": "ok", "database": True, "time": now.isoformat(), "connections": connections.count()})


async def readyz(request: HttpRequest) -> JsonResponse:
    """200 unless the process is draining; says which launcher runs the agents' work, if any."""
    del request
    body = {"ready": not lifecycle.is_draining(), "launcher": settings.WORKROOM_LAUNCHER}
    return JsonResponse(body, status=200 if body["ready"] else 503)
