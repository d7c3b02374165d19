"""The person's side: each line typed is a message, an answer to the oldest open request, or a /command."""

import asyncio
import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from project.client import ClientError, Json
from project.talk.asking import Again, Answer, arguments_of, describe, read_answer, read_edited
from project.talk.conversation import Conversation
from project.talk.lines import Lines
from project.talk.screen import Screen

HELP = """\
A line is a message to the agents; while a request is open, its answer.
/say TEXT        a message even while a request is open; during a run it is answered from the run's state
/queue TEXT      for after this run        /interrupt TEXT  stop this run and do that instead
/status          how it stands             /requests        what waits for an answer
/cancel          stop the run              /retry           do the last run again
/stop            close the session         /help            this list
/quit, Ctrl-D    leave; runs go on         Ctrl-C           stop the run, or leave when there is none"""


class Prompt:
    """Reads lines until the person leaves (`run`). `is_terminal`: somebody is there, so nothing waits for a run to end first."""

    def __init__(self, conversation: Conversation, screen: Screen, lines: Lines, *, is_terminal: bool, fields: Json) -> None:
        self._conversation = conversation
        self._screen = screen
        self._lines = lines
        self._is_terminal = is_terminal
        self._fields = fields
        self._edits: Json | None = None
        self._commands: Mapping[str, Callable[[str], Awaitable[str | None]]] = {
            "say": self._say,
            "queue": lambda text: self._say(text, during_run="queue"),
            "interrupt": lambda text: self._say(text, during_run="interrupt"),
            "status": self._status,
            "requests": self._requests,
            "cancel": self._cancel,
            "retry": self._retry,
            "stop": self._stop,
            "help": self._help,
        }

    async def run(self) -> None:
        """Until the input ends or /quit. From a pipe each line waits until what the one before began is done or asks."""
        self._lines.start()
        while (line := await self._lines.next()) is not None and line.strip() != "/quit":
            await self._take(line)
            if not self._is_terminal:
                await self._settled()

    async def _settled(self) -> None:
        await self._conversation.until(lambda: self._conversation.is_idle or bool(self._conversation.requests))

    async def _take(self, line: str) -> None:
        try:
            told = await self._act(line)
        except ClientError as error:
            self._screen.line(str(error), label="refused", style="error")
        else:
            if told:
                self._screen.line(told, label="·", style="muted")

    async def _act(self, line: str) -> str | None:
        if line.startswith("/"):
            name, _, text = line[1:].partition(" ")
            command = self._commands.get(name)
            return await command(text.strip()) if command else f"There is no /{name}. /help lists what there is."
        request = self._edits or next(iter(self._conversation.requests.values()), None)
        if request is not None:
            return await self._answer(request, line)
        return await self._say(line.strip())

    async def _answer(self, request: Json, line: str) -> str | None:
        outcome = read_edited(request, line) if self._edits else read_answer(request, line)
        self._edits = None
        if isinstance(outcome, Again) and outcome.wants_editor:
            outcome = await self._edit(request)
        if isinstance(outcome, Answer):
            await self._conversation.answer(outcome)
            return None
        return outcome.text

    async def _edit(self, request: Json) -> Answer | Again:
        """The arguments from $EDITOR; without one, from the next line."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not (editor and self._is_terminal):
            self._edits = request
            return Again(f"Type the arguments as JSON in one line. They are {json.dumps(arguments_of(request), ensure_ascii=False)}")
        self._lines.stop()
        self._screen.hold()
        try:
            text = await asyncio.to_thread(edit_text, editor, json.dumps(arguments_of(request), ensure_ascii=False, indent=2))
        finally:
            self._screen.release()
            self._lines.start()
        return read_edited(request, text)

    # -- /commands ---------------------------------------------------------------------------------------------------

    async def _say(self, text: str, **fields: Any) -> str | None:
        if not text:
            return None
        await self._conversation.send(text, **(self._fields | fields))
        return None

    async def _status(self, _: str) -> str:
        return self._conversation.status_text()

    async def _requests(self, _: str) -> str:
        return "\n\n".join(describe(request) for request in self._conversation.requests.values()) or "Nothing waits for an answer."

    async def _cancel(self, _: str) -> str | None:
        return None if await self._conversation.cancel() else "No run is under way."

    async def _retry(self, _: str) -> str | None:
        return None if await self._conversation.retry() else "There was no run yet."

    async def _stop(self, _: str) -> None:
        await self._conversation.stop()

    async def _help(self, _: str) -> str:
        return HELP


def edit_text(editor: str, text: str) -> str:
    """The text as the person leaves it in their editor."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arguments.json"
        path.write_text(text + "\n", encoding="utf-8")
        subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603 - the person's own editor
        return path.read_text(encoding="utf-8")
