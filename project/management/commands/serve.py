"""`manage.py serve`: the server, with a drain on SIGTERM."""

import socket
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection


class Command(BaseCommand):
    help = "Serve Workroom. Stops on SIGTERM or Ctrl+C after telling every client to come back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--server", choices=["daphne", "uvicorn"], default="daphne")

    def handle(self, *args: Any, host: str, port: int, server: str, **options: Any) -> None:
        check_free(host, port)
        # Loaded here and not above: importing daphne installs an event loop, which only the server wants.
        from project import server as servers  # noqa: PLC0415 - as said above

        serve = servers.serve_uvicorn if server == "uvicorn" else servers.serve_daphne
        with servers.alone_on(settings.WORKROOM_DATA_DIR) if connection.vendor == "sqlite" else nullcontext():
            serve(host, port, on_ready=lambda: self.announce(host, port))

    def announce(self, host: str, port: int) -> None:
        """Say where it is reached."""
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"Workroom serves http://{shown}:{port}/ and its admin http://{shown}:{port}/admin/")
        if settings.WORKROOM_LAUNCHER == "none":
            self.stdout.write("No launcher runs here (WORKROOM_LAUNCHER=none): runs wait.")
        self.stdout.flush()


def check_free(host: str, port: int) -> None:
    """Refuse a port that is taken, before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Port {port} on {host} can't be used ({error.strerror}). Choose another: PORT=8001 make run") from error
