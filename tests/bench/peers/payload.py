"""The event that competitors send: as long as Workroom's own."""

import json


def event_text(number: int) -> str:
    """An event of some 400 bytes, as Workroom's card_moved is."""
    some_id = f"01a1fdf8-0981-7563-ac4c-{number:012d}"
    event = {
        "type": "card_moved",
        "seq": number,
        "id": some_id,
        "stream": f"board:{some_id}",
        "timestamp": 1763726400.123,
        "actor": {"id": some_id, "username": "alice", "kind": "human"},
        "ref": some_id,
        "data": {"card": some_id, "column": some_id, "from_column": some_id, "rank": 65536, "version": 2},
    }
    return json.dumps(event, separators=(",", ":"))
