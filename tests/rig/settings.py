"""The settings of servers whose memory is watched: those of tests, and each SQLite connection keeps little of the file in memory."""

from tests.process.settings import *  # noqa: F403 - settings are a module of names
from tests.process.settings import DATABASES

# 2 MB each are SQLite's own choice. Those fill over hundreds of rounds as the file grows, and hide what else grows.
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA cache_size=-128;"
