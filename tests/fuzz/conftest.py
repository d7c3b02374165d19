"""Servers for fuzzing are those of the process tests."""

from tests.process.conftest import data, migrated, server_for, tell

__all__ = ["data", "migrated", "server_for", "tell"]
