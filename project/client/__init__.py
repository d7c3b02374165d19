"""A client of Workroom's own public protocol (docs/PROTOCOL.md): REST by token, streams over sockets that come back by themselves.

It imports nothing else of Workroom, so it sees what any other client sees:

    async with await Account.sign_in(url, "alice", password) as alice:
        async with alice.follow(f"sessions/{session_id}", after=0) as stream:
            await stream.command("send_user_message", content="What is overdue?")
            async for item in stream:  # Event, Notice, Joined, Lost, Snapshot
                ...
"""

from project.client.account import Account
from project.client.errors import ClientError, Closed, NoReply, Refused, Unreachable
from project.client.frames import Event, Hello, Item, Joined, Json, Lost, Notice, Snapshot, User
from project.client.stream import Stream

__all__ = [
    "Account",
    "ClientError",
    "Closed",
    "Event",
    "Hello",
    "Item",
    "Joined",
    "Json",
    "Lost",
    "NoReply",
    "Notice",
    "Refused",
    "Snapshot",
    "Stream",
    "Unreachable",
    "User",
]
