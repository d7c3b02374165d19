"""The JSON Schema of scenario files, for editors that complete and check them."""

import json
from typing import Any

from agents.bench.scripts.model import Script

TITLE = "WebSocket scenario (*.ws.yaml)"


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. What only the whole file can tell, such as an unknown client, is not in it."""
    made = Script.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": TITLE}


def schema_text() -> str:
    """As docs/schemas/wsscript.schema.json has it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
