"""Rate limits: token buckets and tallies in the memory of the process."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable


class TokenBucket:
    """Lets `burst` through at once and `per_s` a second after that."""

    def __init__(self, *, per_s: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    def take(self) -> float:
        """Take one token: 0.0 when there was one, else the seconds until there is."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_s)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._per_s


class Tally:
    """Counts what happens within a sliding time, to tell too often from now and then."""

    def __init__(self, *, most: int, within_s: float) -> None:
        self._most = most
        self._within_s = within_s
        self._times: deque[float] = deque()

    def note(self) -> bool:
        """Count one more; whether that is more than allowed."""
        now = time.monotonic()
        self._times.append(now)
        while self._times[0] < now - self._within_s:
            self._times.popleft()
        return len(self._times) > self._most


class Buckets:
    """One bucket per key, thread-safe; of more than `most` keys the longest unused are forgotten (they have refilled by then)."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._buckets: OrderedDict[object, TokenBucket] = OrderedDict()
        self._guard = threading.Lock()

    def take(self, key: object, *, per_s: float, burst: float) -> float:
        """As TokenBucket.take, from the bucket of `key`."""
        with self._guard:
            bucket = self._buckets.get(key) or TokenBucket(per_s=per_s, burst=burst)
            self._buckets[key] = bucket
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
            return bucket.take()

    def clear(self) -> None:
        with self._guard:
            self._buckets.clear()
