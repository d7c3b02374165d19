"""Identifiers: time-ordered UUIDs for everything we make, and ids derived from other ids."""

from uuid import UUID, uuid5

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


def derived_id(namespace: UUID, *parts: object) -> UUID:
    """The same UUID for the same namespace and parts, for work that may be repeated after a crash."""
    return uuid5(namespace, "/".join(str(part) for part in parts))
