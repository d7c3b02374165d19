"""The settings of the tests: those of development on databases of their own, no launcher, no pauses."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_SCRATCH = Path(tempfile.gettempdir()) / f"workroom-tests-{os.getuid()}-{os.getpid()}"
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)
os.environ.update(
    {
        "WORKROOM_DEBUG": "1",
        "WORKROOM_DATA_DIR": str(_SCRATCH),
        "WORKROOM_LAUNCHER": "none",
        "WORKROOM_RULES_PACE_MS": "0",
        # Whoever runs the tests may have a model set up: it isn't asked.
        **dict.fromkeys(("WORKROOM_MODEL", "WORKROOM_MODEL_BASE_URL", "WORKROOM_MODEL_API_KEY"), ""),
        "WORKROOM_CONFIG": str(_SCRATCH / "config.yaml"),
        "WORKROOM_ORIGINS": "http://testserver",
        "DATABASE_URL": os.environ.get("WORKROOM_TEST_DATABASE_URL", ""),
        "REDIS_URL": os.environ.get("WORKROOM_TEST_REDIS_URL", ""),
    }
)

from project.settings import *  # noqa: E402, F403 - the environment above has to come first
from project.settings import CHANNEL_LAYERS, DATABASES, MIDDLEWARE  # noqa: E402 - the settings come first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Every test client would look for all static files first, which takes longer than most tests; real servers in tests serve them.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.endswith(".StaticFiles")]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file: on Django's shared in-memory default, concurrent transactions fail.
    DATABASES["default"]["TEST"] = {"NAME": str(_SCRATCH / "test.sqlite3")}
    # Nobody pulls the plug of a test: waiting for the disk was a third of the suite. Real servers in tests do wait.
    options = DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
else:
    # Making and dropping the test database may take longer than a query of the product may.
    options = DATABASES["default"]["OPTIONS"]
    options["options"] = options["options"].replace("statement_timeout=5000", "statement_timeout=60000") + " -c synchronous_commit=off"
    # A name of this process's own: nothing that is there already is dropped.
    DATABASES["default"]["TEST"] = {"NAME": f"test_workroom_{os.getpid()}"}
if "prefix" in CHANNEL_LAYERS["default"]["CONFIG"]:
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"workroom-tests-{os.getpid()}"
