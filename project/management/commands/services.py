"""`manage.py services`: declared services in a terminal."""

import asyncio
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.bench.processes import terminal
from agents.bench.processes.declared import Services
from project.management.bench import refusals


class Command(BaseCommand):
    help = "Start services that a YAML file declares and watch them until Ctrl+C; or ask after, and stop, those of another terminal."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of such a file, for editors")
        actions = parser.add_subparsers(dest="action", metavar="up|status|logs|stop")
        up = actions.add_parser("up", help="start services and watch them")
        status = actions.add_parser("status", help="how they are; exit code 3: they aren't up")
        logs = actions.add_parser("logs", help="what they wrote")
        for each in (up, status, logs, actions.add_parser("stop", help="stop them all")):
            each.add_argument("file", type=Path, help="such as services.yaml")
        for each in (up, logs):
            each.add_argument("names", nargs="*", help="of services; without any: all")
        for each in (up, status):
            each.add_argument("--json", action="store_true", help="a line of JSON per change, or one object")
        logs.add_argument("--lines", type=int, default=50, help="of each log; default: %(default)s")
        logs.add_argument("--follow", action="store_true", help="go on as the logs grow")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(Services.model_json_schema(), indent=2))
            return
        if not options["action"]:
            raise CommandError("Say what to do, and with which file: manage.py services up|status|logs|stop FILE", returncode=2)
        with refusals():
            code = self.act(options["action"], options["file"], options)
        if code:
            raise SystemExit(code)

    def act(self, action: str, file: Path, options: dict[str, Any]) -> int:
        """Do it; the exit code."""
        match action:
            case "up":
                return asyncio.run(terminal.up(file, options["names"], write=self.tell, as_json=options["json"]))
            case "status":
                return terminal.status(file, write=self.tell, as_json=options["json"])
            case "logs":
                return terminal.logs(file, options["names"], write=self.tell, lines=options["lines"], is_following=options["follow"])
            case _:
                return terminal.stop(file, write=self.tell)

    def tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
