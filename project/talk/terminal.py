"""A conversation from sign-in to statistics, with a person at the terminal or a script."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import IO, TextIO

from project.client import Account, ClientError, Json
from project.talk.conversation import Conversation
from project.talk.lines import Lines
from project.talk.prompt import Prompt
from project.talk.screen import Screen
from project.talk.script import Runner, Script
from project.talk.target import find_target
from project.talk.words import count, for_programs


@dataclass(frozen=True)
class Options:
    """Where to, as whom (token or username and password), and about what; `fields` go along with every message."""

    url: str
    target: str
    username: str = ""
    password: str = ""
    token: str = ""
    board: str | None = None
    start: Json = field(default_factory=dict)
    fields: Json = field(default_factory=dict)
    script: Script | None = None
    as_json: bool = False
    has_colour: bool = False


async def talk(options: Options, source: IO[str], out: TextIO) -> None:
    """The whole conversation; StepFailed when a script's step doesn't happen, ClientError when the server doesn't want it."""
    screen = Screen(out, has_colour=options.has_colour, is_live=out.isatty())
    async with await _sign_in(options) as account, _conversation(account, options, screen) as conversation:
        following = asyncio.create_task(conversation.follow())
        try:
            await (
                _play(conversation, options.script, screen)
                if options.script
                else _converse(conversation, options, source, screen, following)
            )
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
            _tell_statistics(conversation, options, screen)
        if conversation.ended is not None:
            raise conversation.ended


async def _sign_in(options: Options) -> Account:
    if options.token:
        return await Account.by_token(options.url, options.token)
    return await Account.sign_in(options.url, options.username, options.password)


@contextlib.asynccontextmanager
async def _conversation(account: Account, options: Options, screen: Screen) -> AsyncIterator[Conversation]:
    target = await find_target(account, options.target, options.board, options.start)
    if target.session is None:
        async with account.new_session(**target.start) as stream:
            conversation = Conversation(stream, screen, as_json=options.as_json)
            conversation.tell(f"A new session: {options.url}/{stream.path}/")
            yield conversation
        return
    path = f"sessions/{target.session}"
    snapshot = await account.snapshot(path)
    async with account.follow(path, after=snapshot.seq, epoch=snapshot.epoch) as stream:
        conversation = Conversation(stream, screen, as_json=options.as_json)
        conversation.begin(snapshot)
        yield conversation


async def _play(conversation: Conversation, script: Script, screen: Screen) -> None:
    took = await Runner(conversation, script).run()
    conversation.tell(f"{count(len(script.steps), 'step')} passed in {took:.1f} s.")


async def _converse(conversation: Conversation, options: Options, source: IO[str], screen: Screen, following: asyncio.Task[None]) -> None:
    is_terminal = source.isatty()
    if is_terminal:
        conversation.tell("A line is a message. /help lists the commands; Ctrl-C stops the run, or leaves.")
    lines = Lines(source)
    prompting = asyncio.create_task(Prompt(conversation, screen, lines, is_terminal=is_terminal, fields=options.fields).run())
    try:
        with _interrupts(conversation, prompting):
            await asyncio.wait([prompting, following], return_when=asyncio.FIRST_COMPLETED)
    finally:
        lines.stop()
        prompting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await prompting
    if conversation.requests:
        conversation.tell(f"{count(len(conversation.requests), 'request')} still open: talk to this session again, or answer in the room.")


@contextlib.contextmanager
def _interrupts(conversation: Conversation, prompting: asyncio.Task[None]) -> Iterator[None]:
    """Ctrl-C asks the active run to stop; without one, or a second time, it leaves."""
    asked: set[str] = set()
    tasks: set[asyncio.Task[None]] = set()

    def interrupt() -> None:
        run = conversation.active_run
        if run is None or run["id"] in asked:
            prompting.cancel()
            return
        asked.add(run["id"])
        conversation.tell("Stopping the run. Ctrl-C again leaves.")
        tasks.add(asyncio.create_task(_cancel(conversation)))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def _cancel(conversation: Conversation) -> None:
    try:
        await conversation.cancel()
    except ClientError as error:
        conversation.tell(str(error))


def _tell_statistics(conversation: Conversation, options: Options, screen: Screen) -> None:
    screen.end_stream()
    if options.as_json:
        screen.line(for_programs({"type": "statistics", "data": conversation.statistics.to_json()}))
        return
    for line in conversation.statistics.lines():
        screen.line(line, label="statistics", style="muted")
