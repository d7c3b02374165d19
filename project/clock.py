"""The one clock for anything stored or compared: the database's."""

from datetime import UTC, datetime

from django.db import connection

# SQLite's julianday has millisecond resolution; 2440587.5 is the Julian day of the Unix epoch.
SQL_NOW = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())::float8",
}


def from_epoch(seconds: float) -> datetime:
    """An aware UTC datetime, cut to the millisecond so that every database and encoding gives it back unchanged."""
    return datetime.fromtimestamp(round(seconds, 3), tz=UTC)


def db_now() -> datetime:
    """The database's current time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + SQL_NOW[connection.vendor])
        return from_epoch(float(cursor.fetchone()[0]))
