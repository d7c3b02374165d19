"""Shared by tests of processes."""

from uuid import uuid4

import pytest


@pytest.fixture
def mark() -> str:
    """A word that no other process has in its command line."""
    return f"mark-{uuid4().hex}"
