"""Where this machine's PostgreSQL, Redis and Chromium are, for tests that want the real thing."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

import psycopg

POSTGRES_URL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/15"
PROBE_TIMEOUT_S = 2


def find_postgres(environ: Mapping[str, str] = os.environ) -> str | None:
    """The URL of a PostgreSQL that lets us in: WORKROOM_TEST_DATABASE_URL, else the standard local port; None without one."""
    url = environ.get("WORKROOM_TEST_DATABASE_URL") or POSTGRES_URL
    try:
        psycopg.connect(url, connect_timeout=PROBE_TIMEOUT_S).close()
    except psycopg.OperationalError:
        return None
    return url


def find_redis(environ: Mapping[str, str] = os.environ) -> str | None:
    """The URL of a Redis that answers: WORKROOM_TEST_REDIS_URL, else the standard local port; None without one."""
    url = environ.get("WORKROOM_TEST_REDIS_URL") or REDIS_URL
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), PROBE_TIMEOUT_S) as link:
            link.sendall(b"PING\r\n")
            # A Redis that wants a password answers -NOAUTH: it is there, and the URL carries the password.
            return url if link.recv(16).startswith((b"+PONG", b"-NOAUTH")) else None
    except OSError:
        return None


def find_chromium(environ: Mapping[str, str] = os.environ) -> str | None:
    """The path of a Chromium or Chrome: WORKROOM_TEST_CHROMIUM, else the first one on PATH; None without one."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return environ.get("WORKROOM_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


FINDERS = {"postgres": find_postgres, "redis": find_redis, "chromium": find_chromium}

if __name__ == "__main__":
    raise SystemExit(FINDERS[sys.argv[1]]() is None)
