"""How much of a time mark a machine can be held to."""

import os

_BUSY_FACTOR = 5.0


def allowed(mark_s: float) -> float:
    """The mark itself on a machine with a core to spare, five times that on one that is busy with other things."""
    is_busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    return mark_s * _BUSY_FACTOR if is_busy else mark_s
