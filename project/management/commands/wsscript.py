"""`manage.py wsscript`: WebSocket scenarios played against running servers, or against services started for it."""

import asyncio
import logging
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.bench.scripts.runner import Options, run
from agents.bench.scripts.schema import schema_text
from project.management.bench import has_colour, refusals


class Command(BaseCommand):
    help = "Play WebSocket scenarios (*.ws.yaml). Exit code 0: all passed, 1: one failed, 2: a file is wrong and nothing was played."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="scenario files, or folders of them")
        parser.add_argument("--address", action="append", type=_address, default=[], metavar="NAME=URL", help="what a scenario's {NAME} is")
        parser.add_argument("--services", type=Path, metavar="FILE", help="a file of services to start; each is an address by its name")
        parser.add_argument("--junit", type=Path, metavar="FILE", help="write the outcome as JUnit XML")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome as JSON, with steps and timelines")
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of scenario files, for editors")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(schema_text(), ending="")
            return
        if not options["files"]:
            raise CommandError("Say which scenarios: one or more files, or folders of them.", returncode=2)
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells every request; the timeline does already
        with refusals():
            has_passed = asyncio.run(run(_read_options(options), sys.stdout))
        if not has_passed:
            sys.exit(1)


def _read_options(given: dict[str, Any]) -> Options:
    return Options(
        files=given["files"],
        addresses=dict(given["address"]),
        services=given["services"],
        junit=given["junit"],
        json=given["json"],
        has_colour=has_colour(given),
        has_steps=given["verbosity"] > 1,
    )


def _address(text: str) -> tuple[str, str]:
    name, is_given, url = text.partition("=")
    if not is_given or not name or "://" not in url:
        raise ArgumentTypeError(f"{text}: write NAME=URL, such as workroom=http://127.0.0.1:8000")
    return name, url
