"""`manage.py verify-events`: whether agent events arrive whole, in order, in time, and with nobody else."""

import asyncio
import logging
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.contract.validator import validate_lines
from project.client import ClientError
from project.verify.crowd import MESSAGE, Plan, verify
from project.verify.table import Paint, crowd_lines, report_lines


class Command(BaseCommand):
    help = "Let users ask agents at once and judge every event they get; or judge a recorded stream (--file). Exit code 1 on any fault."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, default=10, help="at once; default: %(default)s")
        parser.add_argument("--runs", type=int, default=2, help="of each, one after another; default: %(default)s")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
        parser.add_argument("--message", default=MESSAGE, help="what is asked; default: %(default)s")
        parser.add_argument("--username", help="one account for all sessions (or WORKROOM_USERNAME); without it each user signs up anew")
        parser.add_argument("--password", help="without it WORKROOM_PASSWORD, else it is asked for; WORKROOM_TOKEN replaces both")
        parser.add_argument(
            "--file", help="judge these JSON lines instead (- for standard input): envelopes, frames, or type and data alone"
        )
        parser.add_argument("--json", action="store_true", help="the whole report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        has_colour = self.stdout.isatty() and not options["no_color"] and "NO_COLOR" not in os.environ
        paint = Paint(has_colour=has_colour or options["force_color"])
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        is_ok = self.judge_file(options, paint) if options["file"] else self.judge_crowd(options, paint)
        if not is_ok:
            sys.exit(1)

    def judge_file(self, options: dict[str, Any], paint: Paint) -> bool:
        """Judge a recorded stream."""
        try:
            with open(0 if options["file"] == "-" else options["file"], encoding="utf-8", closefd=options["file"] != "-") as lines:
                report = validate_lines(lines)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} can't be read: {error}", returncode=2) from error
        self.tell([report.model_dump_json(indent=2)] if options["json"] else report_lines(report, paint))
        return report.ok

    def judge_crowd(self, options: dict[str, Any], paint: Paint) -> bool:
        """Let users ask, and judge what they get."""
        try:
            result = asyncio.run(verify(read_plan(options)))
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        self.tell([result.model_dump_json(indent=2)] if options["json"] else crowd_lines(result, paint))
        return result.ok

    def tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def read_plan(given: dict[str, Any]) -> Plan:
    """What the command line and the environment say together."""
    if given["users"] < 1 or given["runs"] < 1:
        raise CommandError("--users and --runs are at least 1.", returncode=2)
    token = os.environ.get("WORKROOM_TOKEN", "")
    username = given["username"] or os.environ.get("WORKROOM_USERNAME", "")
    password = ""
    if username and not token:
        password = given["password"] or os.environ.get("WORKROOM_PASSWORD") or getpass(f"Password of {username}: ")
    return Plan(given["url"].rstrip("/"), given["users"], given["runs"], given["message"], username, password, token)
