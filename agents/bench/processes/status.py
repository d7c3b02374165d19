"""What is told of a service."""

import signal
from typing import Literal, TypedDict

from agents.bench.processes.orders import News

State = Literal["stopped", "starting", "healthy", "stopping", "exited", "failed"]


class Status(TypedDict):
    """One service as JSON. "exited": it ended by itself or was killed; "failed": it never got healthy.

    `pid` is its first process; `cpu_s`, `rss_mb` and `processes` are those of all its processes. What doesn't run has none of these,
    and no `log` (a file); `exit_code` (negative: by that signal) and `why` are of the last run. `since`: ISO 8601, UTC.
    """

    state: State
    since: str
    pid: int | None
    port: int | None
    address: str | None
    exit_code: int | None
    why: str
    cpu_s: float | None
    rss_mb: float | None
    processes: int | None
    log: str | None


def tell_end(news: News) -> str:
    """How a command ended, in words: its exit code, a signal, a limit."""
    if news.left:
        return f"processes {', '.join(map(str, news.left))} outlived SIGKILL: they wait for the system"
    if news.text or news.code is None:
        return news.text.rstrip(".") or "killed"
    return f"exit code {news.code}" if news.code >= 0 else f"ended by {signal.Signals(-news.code).name}"
