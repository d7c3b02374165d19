"""`manage.py perf`: a project's services, or one address, measured and held against budgets."""

import asyncio
import logging
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.bench.performance.command import Options, run
from agents.bench.performance.target import Target
from agents.services.performance import keep_own_report
from project.accounts.models import User
from project.management.bench import has_colour, refusals

_ADDRESS = (
    "requests",
    "concurrency",
    "rate",
    "method",
    "status",
    "body",
    "clients",
    "slow_clients",
    "messages",
    "senders",
    "send",
    "marker",
)


class Command(BaseCommand):
    help = "Measure what a bench.yaml says, or one address. Exit code 0: every budget is met, 1: one is missed, 2: nothing was measured."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", help="a folder with bench.yaml, such a file, or an address: http://… or ws://…")
        parser.add_argument(
            "--budget", action="append", default=[], help="one more, such as “p95 < 200 ms”; an address is called target in it"
        )
        parser.add_argument("--baseline", type=Path, metavar="FILE", help="a report (--json) to hold this one against")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
        parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the report as Markdown")
        parser.add_argument("--plots", type=Path, metavar="DIR", help="write plots as SVG files")
        parser.add_argument("--keep", metavar="USER", help="keep the report on the Performance page, for this person and staff")
        parser.add_argument("--no-diagnosis", action="store_true", help="measure only: don't look for causes")
        address = parser.add_argument_group("of an address")
        address.add_argument("--requests", type=int, help="HTTP: so many in each of 3 rounds")
        address.add_argument("--concurrency", type=int, help="HTTP: clients at once")
        address.add_argument("--rate", type=float, help="HTTP: requests/s, whoever waits")
        address.add_argument("--method", help="HTTP")
        address.add_argument("--status", type=int, help="HTTP: the right answer's; default: 200")
        address.add_argument("--body", help="HTTP: a text, with {n} as the request's number")
        address.add_argument("--header", action="append", type=_header, default=[], metavar="NAME:VALUE", help="for each client or request")
        address.add_argument("--clients", type=int, help="WebSocket")
        address.add_argument("--slow-clients", type=int, help="WebSocket: so many of them read nothing")
        address.add_argument("--messages", type=int, help="WebSocket: so many in each of 3 rounds")
        address.add_argument("--senders", choices=["one", "each", "all"], help="WebSocket: who sends")
        address.add_argument("--send", help="WebSocket: the message, with {id} or {n}; default: a JSON object with an id")
        address.add_argument("--marker", help="WebSocket: by what a receipt is known; default: {id}")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would tell every request
        owner = _find_owner(options["keep"]) if options["keep"] else None
        with refusals():
            report = asyncio.run(run(_read_options(options), sys.stdout, self.tell if options["verbosity"] else lambda _: None))
        if owner is not None:
            kept = keep_own_report(owner=owner, report=report)
            print(f"Kept: /performance/{kept.id}/")
        if not report.passed:
            sys.exit(1)

    def tell(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE if self.stderr.isatty() else None)


def _find_owner(name: str) -> User:
    """Whom the report is kept for: asked before anything is measured."""
    owner = User.objects.filter(username=name, kind=User.Kind.HUMAN, is_active=True).first()
    if owner is None:
        raise CommandError(f"--keep {name}: nobody of that name signs in here.", returncode=2)
    return owner


def _read_options(given: dict[str, Any]) -> Options:
    address = {name: given[name] for name in _ADDRESS if given[name] is not None}
    if given["header"]:
        address["headers"] = dict(given["header"])
    return Options(
        target=Target(given["target"], given["budget"], address),
        baseline=given["baseline"],
        json=given["json"],
        markdown=given["markdown"],
        plots=given["plots"],
        is_diagnosed=not given["no_diagnosis"],
        has_colour=has_colour(given),
    )


def _header(text: str) -> tuple[str, str]:
    name, is_given, value = text.partition(":")
    if not is_given or not name.strip():
        raise ArgumentTypeError(f"{text}: write NAME:VALUE, such as Authorization:Bearer …")
    return name.strip(), value.strip()
