"""Whether events of a stream are missing, and when to ask for them."""

_EVERY_S = 1.5
"""The server counts one sync a second."""


class Healing:
    """What one stream knows of its gaps. Times are those of the event loop."""

    def __init__(self) -> None:
        self._is_needed = False
        self._asked_at = float("-inf")
        self._seq_at_beat: int | None = None

    def begin_anew(self) -> None:
        """A connection has begun: the server sends what is missing by itself."""
        self._is_needed, self._seq_at_beat = False, None

    def note_events(self, *, have_moved: bool, have_gap: bool) -> None:
        """Events have come: the stream went on with them, or some are missing before them."""
        self._is_needed = (self._is_needed and not have_moved) or have_gap

    def note_beat(self, head: int, place: int, *, is_loading: bool) -> None:
        """The second beat in a row that finds us behind at the same place: something was lost on the way."""
        self._is_needed = self._is_needed or (head > place and self._seq_at_beat == place and not is_loading)
        self._seq_at_beat = place

    def note_snapshot(self) -> None:
        """Nothing is missing any more."""
        self._is_needed = False

    def note_asked(self, now: float) -> None:
        """A sync goes out."""
        self._asked_at = now

    def is_due(self, now: float) -> bool:
        """Whether to ask now."""
        return self._is_needed and self.pause_s(now) <= 0

    def pause_s(self, now: float) -> float:
        """How long not to ask yet; negative once one may."""
        return self._asked_at + _EVERY_S - now
