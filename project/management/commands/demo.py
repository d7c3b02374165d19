"""`manage.py demo`: users, an agent and a board to try Workroom with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.demo import choose_password, make_demo
from project.errors import AppError


class Command(BaseCommand):
    help = "Make the demo: alice (owner, admin), bob (editor), charlie (no member), agent robo, and the board Launch. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", help="For alice, bob and charlie. Without it WORKROOM_DEMO_PASSWORD; needed outside development.")

    def handle(self, *args: Any, password: str | None, **options: Any) -> None:
        try:
            chosen = choose_password(password)
            demo = make_demo(password=chosen, resets_passwords=password is not None)
        except AppError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Board {demo.board.name}: {'made' if demo.is_new else 'there already'}.")
        shown = chosen if password is None else "as given"
        shown += "" if demo.is_new or password is not None else ", unless it was changed since"
        for name, role in (("alice", "owner, admin"), ("bob", "editor"), ("charlie", "no member of the board")):
            self.stdout.write(f"Sign in as {name} ({role}), password: {shown}")
