"""The socket of a board: transport only."""

from typing import ClassVar

from project.realtime.consumers import StreamConsumer
from project.realtime.streams import Kind


class BoardConsumer(StreamConsumer):
    """Events of one board out, commands about it in."""

    kind: ClassVar[Kind] = "board"
