"""Markdown that means harm, for every test that shows text of others: one file, read by the browser's test too."""

import json
from pathlib import Path

_FILE = Path(__file__).parent / "fixtures" / "hostile_markdown.json"


def read_payloads() -> list[str]:
    """Every payload: each target in each carrier, and the texts that stand for themselves."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    carried = [carrier.replace("{}", target) for carrier in data["carriers"] for target in data["targets"]]
    return [*carried, *data["texts"]]
