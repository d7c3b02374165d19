"""Database work of asynchronous code: one bounded thread pool, so that a slow query delays only who asked for it."""

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


async def run_db(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function`'s result, computed on the bounded pool with a database connection of its own."""
    call = partial(contextvars.copy_context().run, with_connection, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool, call)


def with_connection(call: Callable[[], T]) -> T:
    """The result of `call` on a thread of a pool, which leaves no connection open that is worth closing."""
    try:
        return call()
    finally:
        # A SQLite connection is costly to open and free to keep; one of PostgreSQL goes back to its pool.
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close()
