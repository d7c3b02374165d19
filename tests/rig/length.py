"""How often the suite's trials are repeated: a few times each in `make test`, as often as RELIABILITY asks in `make rig`."""

import os
from typing import TypeVar

T = TypeVar("T")

VARIABLE = "WORKROOM_TEST_LONG"


def at_length(usual: T, long: T) -> T:
    """`long` where the rig plays this test, else `usual`."""
    return long if os.environ.get(VARIABLE) else usual
