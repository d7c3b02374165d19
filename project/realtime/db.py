"""Database work of asynchronous code: bounded thread pools, so that a slow query delays only who asked for it."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")

_pool = ThreadPoolExecutor(max_workers=settings.WORKROOM_DB_THREADS, thread_name_prefix="database")
# More of them: whole requests do other things, too, and those that find no connection free are to be told so.
_requests = ThreadPoolExecutor(max_workers=4 * settings.WORKROOM_DB_THREADS, thread_name_prefix="request")


async def run_db(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function`'s result, computed on the bounded pool with a database connection of its own."""
    return await _run_on(_pool, partial(function, *args, **kwargs))


async def run_request(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `run_db`, for whole HTTP requests, on threads of their own: however many come, sockets and agents aren't held up."""
    return await _run_on(_requests, partial(function, *args, **kwargs))


async def _run_on(pool: ThreadPoolExecutor, function: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, contextvars.copy_context().run, with_connection, function)


def with_connection(call: Callable[[], T]) -> T:
    """The result of `call` on a thread of a pool, which leaves no connection open that is worth closing."""
    try:
        return call()
    except StopIteration as stop:
        raise RuntimeError("StopIteration left a function: no future takes it, and whoever awaits this would for ever") from stop
    finally:
        # A SQLite connection is costly to open and free to keep; one of PostgreSQL goes back to its pool.
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close()
