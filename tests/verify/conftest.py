"""A server process to check."""

from tests.process.conftest import data, migrated, server_for

__all__ = ["data", "migrated", "server_for"]
