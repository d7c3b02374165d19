"""`manage.py talk`: a conversation with agents in the terminal, over the public protocol."""

import asyncio
import logging
import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.client import ClientError
from project.talk.script import BadScript, StepFailed, read_script
from project.talk.terminal import Options, talk
from project.talk.tools import read_tools


class Command(BaseCommand):
    help = "Talk with agents: messages, events as they come, answers to requests, statistics at the end; or a script of steps."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", nargs="?", help="id of a session or card, a card's number such as 12 or '#12', or new")
        parser.add_argument("--board", help="name or id of the board, for a card's number and for new")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
        parser.add_argument("--username", help="without it WORKROOM_USERNAME")
        parser.add_argument("--password", help="without it WORKROOM_PASSWORD, else it is asked for; WORKROOM_TOKEN replaces both")
        parser.add_argument("--workflow", help="chat or resolve, for the session if it is new, and for each message")
        parser.add_argument("--tools", type=Path, help="a JSON or YAML list of client tools: the session is opened with them, you run them")
        parser.add_argument(
            "--script", type=Path, help="a YAML file of steps; exit code 1 when one doesn't happen, 2 when the file is wrong"
        )
        parser.add_argument("--json", action="store_true", help="events as JSON lines, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells every request, between the lines of the conversation
        try:
            asyncio.run(talk(self.read_options(options), sys.stdin, sys.stdout))
        except StepFailed as failed:
            raise CommandError(str(failed)) from failed
        except BadScript as error:
            raise CommandError(str(error), returncode=2) from error
        except ClientError as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            # Whoever read has enough. Python would complain again when it closes its output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt as left:
            raise CommandError("Left.", returncode=130) from left

    def read_options(self, given: dict[str, Any]) -> Options:
        """What the command line, the environment and the script say together, in this order."""
        script = read_script(given["script"]) if given["script"] else None
        target = given["target"] or (script and script.target)
        if not target:
            raise CommandError("Say with what: the id of a session or card, a card's number, or new.")
        workflow = {"workflow": given["workflow"]} if given["workflow"] else {}
        token = os.environ.get("WORKROOM_TOKEN", "")
        username = given["username"] or os.environ.get("WORKROOM_USERNAME", "")
        if not (token or username):
            raise CommandError("Say as whom: --username, or WORKROOM_TOKEN in the environment.")
        return Options(
            url=given["url"].rstrip("/"),
            target=target,
            username=username,
            password="" if token else given["password"] or os.environ.get("WORKROOM_PASSWORD") or getpass(f"Password of {username}: "),
            token=token,
            board=given["board"] or (script.board if script else None),
            start=(script.session if script else {}) | workflow | ({"tools": read_tools(given["tools"])} if given["tools"] else {}),
            fields=workflow,
            script=script,
            as_json=given["json"],
            has_colour=sys.stdout.isatty() and not given["no_color"] and "NO_COLOR" not in os.environ,
        )
