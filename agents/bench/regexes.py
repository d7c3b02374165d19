"""Regular expressions that others wrote: searched for no longer than a bound, for some would never come to an end."""

import functools
import re
import signal
import threading

from agents.bench.errors import Failed

_MOST_CPU_S = 1.0


class _TooLong(Exception):
    """The search has had its time."""


def search(pattern: re.Pattern[str], text: str) -> bool:
    """Whether it is found anywhere in the text. Failed once the search has taken a second of processor time.

    Only the main thread, which runs the loop, can be interrupted: elsewhere there is no bound.
    """
    if threading.current_thread() is not threading.main_thread():
        return pattern.search(text) is not None
    _listen()
    try:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, _MOST_CPU_S)
            return pattern.search(text) is not None
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooLong:
        told = f"the regular expression {pattern.pattern} was searched for {_MOST_CPU_S:g} s in {len(text):,} characters and isn't done"
        raise Failed(f"{told}: let no two of its repeats match the same text") from None


@functools.cache
def _listen() -> None:
    """Processor time that is used up interrupts a search: the engine looks for signals as it goes."""
    signal.signal(signal.SIGVTALRM, _interrupt)


def _interrupt(*_: object) -> None:
    raise _TooLong
