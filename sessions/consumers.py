"""Sockets of work sessions: on one that exists, or on none until `start_session` opens one."""

import asyncio

from project.gate import validate
from project.ids import new_id
from project.realtime import frames
from project.realtime.commands import perform
from project.realtime.consumers import StreamConsumer
from project.realtime.db import run_db
from project.realtime.frames import ClientFrame
from project.realtime.streams import StreamKey
from project.wire import parse_id
from sessions.commands import START_SESSION


class ChatConsumer(StreamConsumer):
    """One socket on one work session."""

    kind = "session"


class NewChatConsumer(ChatConsumer):
    """A socket without a session yet: takes the command start_session first and goes on as that session's socket."""

    async def enter(self) -> None:
        """Nowhere to go before the first command."""

    async def on_command(self, frame: ClientFrame) -> None:
        if self._cursor is not None or frame.type != START_SESSION.name:
            await super().on_command(frame)
            return
        ref = frame.ref or new_id()
        # Not on the event loop, for the schemas of client tools take long to check.
        payload = await asyncio.to_thread(validate, START_SESSION.payload, frame.data)
        reply = await self.outcome(ref, run_db(perform, START_SESSION, actor=self.credential.user, payload=payload, command_id=ref))
        if reply is None:
            return
        await self._tell(frames.reply_frame(ref, reply))
        session_id = parse_id(reply["session"]["id"])
        if session_id is not None:
            await self._guard(self.join(StreamKey.session(session_id), str(reply["seq"]), None), is_fatal=True)
