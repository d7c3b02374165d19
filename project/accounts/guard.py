"""The guard at the sign-in: so many tries a minute per account and address, whoever is right or wrong, known or unknown."""

import threading
import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from django.conf import settings
from django.http import HttpRequest

from project.errors import RateLimited
from project.limits import limits

_WINDOW_S = 60.0


class SlidingWindow:
    """At most so many events within the last `window_s` seconds per key, exactly.

    A token bucket lets twice its burst through in its first minute, which is too much for guesses at a password.
    """

    def __init__(self, *, window_s: float, most_keys: int = 20_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s = window_s
        self._most_keys = most_keys
        self._clock = clock
        self._times: OrderedDict[object, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: object, most: int) -> float:
        """Count one more: 0.0 when it is within the limit, else the seconds until one is."""
        with self._lock:
            now = self._clock()
            self._forget_before(now - self._window_s)
            times = self._times.setdefault(key, deque())
            while times and times[0] <= now - self._window_s:
                times.popleft()
            if len(times) >= most:
                return times[0] + self._window_s - now
            times.append(now)
            self._times.move_to_end(key)
            return 0.0

    def clear(self) -> None:
        with self._lock:
            self._times.clear()

    def _forget_before(self, then: float) -> None:
        """Drop the keys whose newest event is too old to count, longest unused first, and some more when there are too many."""
        while self._times:
            oldest = next(iter(self._times.values()))
            if oldest and oldest[-1] > then and len(self._times) < self._most_keys:
                return
            self._times.popitem(last=False)


tries = SlidingWindow(window_s=_WINDOW_S)


def check_try(request: HttpRequest, username: str) -> None:
    """Count a try to sign in as `username`; RateLimited when there were too many from this address."""
    account = unicodedata.normalize("NFKC", username).casefold()
    wait_s = tries.take((account, client_address(request)), limits().logins_per_min)
    if wait_s:
        raise RateLimited(f"Too many tries. Try again in {_in_words(ceil(wait_s))}.", retry_after_s=ceil(wait_s))


def _in_words(seconds: int) -> str:
    number, unit = (seconds, "second") if seconds < 100 else (ceil(seconds / 60), "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def client_address(request: HttpRequest) -> str:
    """Where a request comes from: what the outermost trusted proxy saw; of IPv6 the /64, which is one household's."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.WORKROOM_TRUSTED_PROXIES
    if proxies and len(hops) >= proxies:
        address = hops[-proxies]
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return ":".join(parsed.exploded.split(":")[:4]) if isinstance(parsed, IPv6Address) else str(parsed)
