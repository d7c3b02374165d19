"""When the probe looks: it follows a file that names the phase, and writes what it saw of each to another."""

import atexit
import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .calls import Calls
from .loops import Loops
from .places import Places
from .statements import Statements

IDLE, ENDED = "idle", "ended"
_EVERY_S = 0.005


class Probe:
    """Phases are `idle`, `watch NAME` and `calls NAME`. What was seen of one is written when the next begins, or the program ends."""

    def __init__(self, out: Path, root: Path) -> None:
        self._out = out
        self._wanted = Path(f"{out}.phase")
        self._loops = Loops(places := Places(root))
        self._statements = Statements(places)
        self._calls = Calls(places)
        self._phase = ""
        self._changing = threading.Lock()
        self._began = 0.0
        self._seen: dict[str, Any] = {}

    def run(self) -> None:
        """Look until the program ends."""
        while self._phase != ENDED:
            phase = self._read()
            if phase != self._phase:
                with self._changing:
                    self._change(phase)
            if self._phase.startswith("watch "):
                self._loops.look()
            time.sleep(_EVERY_S)

    def _read(self) -> str:
        try:
            return self._wanted.read_text(encoding="utf-8").strip() or IDLE
        except OSError:
            return IDLE

    def _change(self, phase: str) -> None:
        """End one phase, tell what was seen, begin the next."""
        self._statements.is_counting = self._calls.is_counting = False
        self._profile(None)
        if self._phase.startswith(("watch ", "calls ")):
            self._seen[self._phase] = self._end()
        self._loops.reset()
        self._statements.reset()
        self._calls.reset()
        self._phase, self._began = phase, time.monotonic()
        if phase.startswith("calls "):
            self._profile(self._calls.profile)
        self._statements.is_counting = phase.startswith("watch ")
        self._calls.is_counting = phase.startswith("calls ")
        self._write()

    def finish(self) -> None:
        """The program ends: tell what was seen until now."""
        with self._changing:
            self._change(ENDED)

    def _end(self) -> dict[str, Any]:
        seen = {"seconds": time.monotonic() - self._began}
        return seen | (self._calls.seen() if self._phase.startswith("calls ") else {**self._loops.seen(), **self._statements.seen()})

    def _profile(self, function: Any) -> None:
        """Each thread can profile but itself, so the loops are asked to."""
        for heart in self._loops.running:
            with contextlib.suppress(RuntimeError):
                heart.loop.call_soon_threadsafe(sys.setprofile, function)

    def _write(self) -> None:
        half = f"{self._out}.part"
        with open(half, "w", encoding="utf-8") as file:
            json.dump({"pid": os.getpid(), "phase": self._phase, "seen": self._seen}, file)
        os.replace(half, self._out)


def start(out: Path, root: Path) -> None:
    """Begin to look, in a thread of its own that ends with the program."""
    probe = Probe(out, root)
    atexit.register(probe.finish)
    threading.Thread(target=probe.run, name="bench probe", daemon=True).start()
