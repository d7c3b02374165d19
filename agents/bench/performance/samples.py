"""What one measuring collects before figures are made of it. Times in seconds."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict, Field

Tell = Callable[[str], Awaitable[None]]
"""Hears "warm" when the warm-up is over, and of each round; measuring waits for it."""


async def unheard(line: str) -> None:
    """Tells nobody."""
    del line


class Samples(BaseModel):
    """`took` are latencies in the order they ended, each with `at`, seconds since the measuring began; `blocks` are how many of them
    belong together, in order (a message to all clients, a stretch of requests). A failure is a sample as long as the time-out;
    `shown` is what the first of its kind said.

    Of broadcasts also, for each message in order: `to_all`, from send to the last receipt, and `deliveries`, to each client in
    the order they connected (None: never). `sizes` are bytes received, `sent_bytes` what a message or request took.
    `busy` is the share of one core that measuring took: near 1, the figures are partly its own.
    """

    model_config = ConfigDict(extra="forbid")

    took: list[float] = Field(default_factory=list)
    at: list[float] = Field(default_factory=list)
    blocks: list[int] = Field(default_factory=list)
    failed: dict[str, int] = Field(default_factory=dict)
    shown: dict[str, str] = Field(default_factory=dict)
    seconds: float = 0.0
    done: int = 0
    to_all: list[float] = Field(default_factory=list)
    deliveries: list[list[float | None]] = Field(default_factory=list)
    sizes: list[int] = Field(default_factory=list)
    sent_bytes: int = 0
    busy: float = 0.0
    growth_kb: float | None = None

    def add(self, took: float, at: float) -> None:
        """One more that was done."""
        self.took.append(took)
        self.at.append(at)
        self.done += 1

    def fail(self, kind: str, at: float, timeout_s: float, *, said: str = "") -> None:
        """One more that failed: it counts as the whole time-out, or a fast error would make the figures better."""
        self.failed[kind] = self.failed.get(kind, 0) + 1
        if said:
            self.shown.setdefault(kind, said)
        self.took.append(timeout_s)
        self.at.append(at)

    @property
    def in_blocks(self) -> list[list[float]]:
        """The latencies by block."""
        found, start = [], 0
        for count in self.blocks:
            found.append(self.took[start : start + count])
            start += count
        return found
