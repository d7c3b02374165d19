"""`python -m tests.rig.serve --port N`: `manage.py serve` with the rig's model, tools and points around the product."""

import os
import sys
from unittest.mock import patch

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from agents.llm.registry import use_model  # noqa: E402 - these need the app registry that `setup` fills
from tests.rig import points, script  # noqa: E402 - the settings come first

if __name__ == "__main__":
    table = script.tools()
    points.install()
    with (
        use_model(script.RigModel()),
        patch("agents.drive.get_tools", lambda *_: table),
        patch("agents.answers.get_tools", lambda *_: table),
    ):
        call_command("serve", *sys.argv[1:])
