"""What a user may have at once, counted without a race."""

from project.accounts.models import User


def hold_user(user: User) -> None:
    """Until the transaction ends, nobody else counts what this user has and adds to it.

    Comes after the streams in the order of locks (DESIGN §4), one user per transaction. On PostgreSQL a lock that leaves
    foreign keys alone: every event's insert holds its actor's key. On SQLite writers take turns anyway.
    """
    User.objects.select_for_update(no_key=True).get(id=user.id)
