"""`manage.py optimise`: a workspace made faster round by round, in a copy of it."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.workflows.optimise.terminal import Wish, run
from project.errors import AppError
from project.management.bench import refusals


class Command(BaseCommand):
    help = (
        "Optimise a workspace: test, measure, change, and again, in a copy of it, until its budgets are met. "
        "Exit code 0: they are met, 1: they aren't, 2: it can't be run."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="its name in the setting workspaces, or its folder")
        parser.add_argument("--rounds", type=_rounds, metavar="N", help="at most so many; without it the project's bench.yaml says")
        parser.add_argument("--out", type=Path, metavar="DIR", help="keep report, rounds as JSON, patches and plots in this folder")
        parser.add_argument("--rules", action="store_true", help="let the built-in rules work, whatever language model is set up")

    def handle(self, *args: Any, **options: Any) -> None:
        wish = Wish(options["workspace"], options["rounds"], options["out"], options["rules"])
        try:
            with refusals(failed=2):
                is_met = run(wish, self._tell)
        except AppError as error:
            raise CommandError(error.message, returncode=2) from error
        if not is_met:
            raise SystemExit(1)

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _rounds(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 20:
        raise ArgumentTypeError("1 to 20 rounds")
    return int(text)
