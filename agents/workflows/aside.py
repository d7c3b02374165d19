"""Work that takes the processor for long – Markdown of a whole answer, schemas – beside the event loop.

Python gives every thread its turn, so the loop goes on meanwhile; on few threads, so that its turn comes often.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 2
_pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="aside")


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function`'s result, computed on a thread. It must not use the database: `run_db` is for that."""
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: function(*args, **kwargs))
