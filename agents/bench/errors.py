"""What goes wrong at the bench and is told to who uses it. Everything else that is raised is a defect of the bench."""

from collections.abc import Sequence


class BenchError(Exception):
    """A refusal or a failure that says what to do. `details` are lines to show below it: a log's tail, a diff."""

    def __init__(self, message: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


class BadFile(BenchError):
    """A file that can't be used as it is: each problem with its line and column."""


class Refused(BenchError):
    """Something outside what was allowed: a folder, an address, a command."""


class Failed(BenchError):
    """A service, a client or a command didn't do what it was asked in time."""
