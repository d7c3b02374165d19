"""The objects, frames and events of docs/PROTOCOL.md as tables, and `check`, which holds a value to one of them.

A shape is a list of "name word". The words: `uuid`, `text`, `int`, `number`, `bool`, `time` (ISO 8601 UTC), `date`, `any`, the name
of another shape, `[word]` for a list of it, `one|of|these` for a fixed set; a `?` at the end allows null.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

Shape = Mapping[str, str]


def read(shape: str) -> Shape:
    """The fields of a shape and their words."""
    return dict(field.split(" ", 1) for field in shape.split(", "))


OBJECTS: Mapping[str, Shape] = {
    name: read(shape)
    for name, shape in {
        "user": "id uuid, username text, kind human|agent",
        "board": "id uuid, name text, description text, created time, updated time",
        "member": "user user, role owner|editor|viewer, created time",
        "column": "id uuid, board uuid, name text, rank int, wip_limit int?",
        "checklist item": "id uuid, text text, done bool",
        "card": (
            "id uuid, board uuid, column uuid, number int, title text, description text, html text?, assignee user?, labels [text], due "
            "date?, checklist [checklist item], rank int, version int, archived bool, comment_count int, session_count int, run run of a "
            "card?, created time, updated time, updated_by user"
        ),
        "run of a card": (
            "id uuid, session uuid, agent any, status run status, progress progress, position int?, open_requests int, retry_at time?, "
            "finished time?"
        ),
        "progress": "done int, total int",
        "comment": "id uuid, card uuid, author user, content text, html text?, created time, updated time",
        "session": (
            "id uuid, title text, board uuid?, card uuid?, owner user, workflow chat|resolve|optimise, status active|stopped, phase "
            "idle|executing|waiting|refinement_ready, instructions text, review_plan bool, tools [client tool], created time, updated "
            "time"
        ),
        "client tool": "name text, description text, parameters any",
        "message": (
            "id uuid, session uuid, role user|assistant|system, author user?, agent any, via user|agent|clarifier, refines uuid?, "
            "handled_by run|clarifier|queue|interrupt?, content text, html text?, complete bool, interrupted bool, run uuid?, created "
            "time"
        ),
        "run": (
            "id uuid, session uuid, number int, agent any, started_by user, position int?, parent uuid?, relation retry|refinement?, "
            "workflow chat|resolve|optimise, status run status, attempt int, attempts [attempt], model model, progress progress, usage "
            "usage, budget budget, error run error?, created time, started time?, finished time?"
        ),
        "attempt": "number int, started time, ended time?, reason text?",
        "model": "adapter text, name text?",
        "usage": "requests int, input_tokens int?, output_tokens int?, cost_usd number?, tool_calls int",
        "budget": "tokens int, cost_usd number?, steps int, seconds int",
        "run error": "code text, message text, hint text?",
        "output": (
            "id uuid, run uuid, agent any, step uuid?, kind plan|subtask|report|critique|performance|answer, title text, content text, "
            "html text?, data any, message uuid?, truncated bool, created time"
        ),
        "tool call": (
            "call uuid, run uuid, step uuid, agent any, tool_name text, parameters any, status executing|waiting|completed|failed|denied, "
            "result any, success bool?, error any, truncated bool, started time?, finished time?"
        ),
        "thought": "id uuid, run uuid, step uuid, agent any, thought text, created time",
        "request": (
            "id uuid, run uuid, session uuid, board uuid?, card uuid?, agent any, title text, reason text?, class "
            "read|idempotent|unsafe?, schema any, hash text, kind approval|question|client_tool|plan_review, tool_name text?, parameters "
            "any, choices any, message text, status open|approved|denied|answered|expired|cancelled, answered_by user?, note text?, "
            "answer any, "
            "expires time?, created time"
        ),
    }.items()
}

FRAMES: Mapping[str, Shape] = {
    "card summary": {
        **{name: word for name, word in OBJECTS["card"].items() if name not in {"description", "html", "checklist"}},
        **read("has_description bool, checklist_done int, checklist_total int"),
    },
    "my board": {**OBJECTS["board"], **read("role owner|editor|viewer")},
    "board row": {**OBJECTS["board"], **read("role owner|editor|viewer, card_count int, active_runs int, open_requests int")},
    "me": {**OBJECTS["user"], **read("model model in use")},
    "someone here": {**OBJECTS["user"], **read("connections int, viewing uuid?")},
    "signed in": read("token text, expiry time?, user user"),
    "ticket": read("ticket text, expires_in int"),
    "model in use": read("configured bool, adapter text, name text?"),
    "agent": read("id uuid, username text, workflows [text], model any, available bool, reason text?"),
    "my role": read("user user, role owner|editor|viewer"),
    "board state": read("board board, columns [column], cards [card summary], members [member]"),
    "board snapshot": read("stream text, epoch text, seq int, me my role, state board state"),
    "session state": read(
        "session session, messages [message], has_older bool, runs [run], outputs [output], tool_calls [tool call], thoughts "
        "[thought], requests [request]"
    ),
    "session snapshot": read("stream text, epoch text, seq int, me my role, state session state"),
    "events page": read("stream text, epoch text, seq int, floor int, events [any]"),
    "limits": read(
        "frame_bytes number, text_chars number, event_bytes number, commands_per_s number, commands_burst number, ack_events "
        "number, ack_bytes number, replay_events number"
    ),
    "hello": read(
        "protocol int, stream text, epoch text, seq int, floor int, user user, role owner|editor|viewer, heartbeat_s number, limits limits"
    ),
    "presence": read("users [someone here], total int"),
    "heartbeat": read("seq int, timestamp number"),
    "event": read("type text, seq int, id uuid, stream text, timestamp number, actor user?, ref uuid?, data any"),
    "hint": read("component text, priority low|medium|high, collapsible bool"),
}
SESSION_EVENT: Shape = {
    **FRAMES["event"],
    **read("category step|thought|planning|output|response|status|request|error, ui_hint hint"),
}

_STEP = "run uuid, agent text, step uuid, subtask any, attempt int"

_EVENTS: Mapping[str, str] = {
    "card_created card_edited card_archived card_restored": "card card",
    "card_moved": "card uuid, column uuid, from_column uuid, rank int, version int",
    "card_deleted": "card uuid",
    "comment_added comment_edited comment_deleted": "comment comment",
    "column_created column_edited column_moved": "column column",
    "column_deleted": "column uuid, moved_to uuid?",
    "ranks_renumbered": "column uuid",
    "member_added member_changed member_removed": "member member",
    "board_edited": "board board",
    "board_deleted": "board uuid",
    "run_changed": "card uuid, session_count int, run run of a card?",
    "session_started session_edited session_stopped": "session session",
    "message_added message_completed": "message message",
    "message_delta": "message uuid, offset int, text text",
    "run_queued run_started run_waiting run_cancelling run_completed run_failed run_cancelled": "run run",
    "run_resumed": "run run, reason answered|restart|lease_expired",
    "run_delayed": "run uuid, reason text, try int, tries int, retry_at time",
    "plan_made": "output uuid, subtasks [any]",
    "agent_started": f"{_STEP}, agent_id uuid, message text, timestamp number",
    "agent_thinking": f"{_STEP}, agent_id uuid, thought text, timestamp number, index int, final bool",
    "tool_executing": (
        f"{_STEP}, tool_name text, parameters any, timestamp number, call uuid, agent_id uuid, title text, class read|idempotent|unsafe"
    ),
    "tool_completed": (
        f"{_STEP}, tool_name text, result any, timestamp number, call uuid, success bool, summary text, duration_ms int, error "
        "any, truncated bool"
    ),
    "agent_completed": f"{_STEP}, agent_id uuid, result text, timestamp number, success bool, duration_ms int, usage any, error any",
    "output_added": "output output",
    "request_opened request_answered": "request request",
    "request_expired": "request request, reason expired|run_ended",
    "clarifier_replied": "message uuid, about uuid, usage any",
}
EVENTS: Mapping[str, Shape] = {name: read(shape) for names, shape in _EVENTS.items() for name in names.split()}
FIVE = ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed")

SETS = {"run status": "queued|running|waiting|cancelling|completed|failed|cancelled"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() == timedelta(0)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


LEAVES: Mapping[str, Callable[[Any], bool]] = {
    "uuid": lambda value: isinstance(value, str) and bool(_UUID.fullmatch(value)),
    "text": lambda value: isinstance(value, str),
    "int": _is_int,
    "number": lambda value: _is_int(value) or isinstance(value, float),
    "bool": lambda value: isinstance(value, bool),
    "time": _is_time,
    "date": _is_date,
    "any": lambda value: True,
}


def check(word: str, value: Any, path: str = "") -> Any:
    """`value`, once it is proven to be a `word`: an object has exactly its keys."""
    path = path or word
    if word.endswith("?"):
        return value if value is None else check(word[:-1], value, path)
    if word.startswith("["):
        assert isinstance(value, list), f"{path} is no list: {value!r}"
        return [check(word[1:-1], item, f"{path}[{place}]") for place, item in enumerate(value)]
    shape = OBJECTS.get(word) or FRAMES.get(word)
    if shape is not None:
        return _check_object(shape, value, path)
    is_good = LEAVES[word](value) if word in LEAVES else value in SETS.get(word, word).split("|")
    assert is_good, f"{path} should be {word}, not {value!r}"
    return value


def _check_object(shape: Shape, value: Any, path: str, *, may_have_more: bool = False) -> Any:
    assert isinstance(value, dict), f"{path} is no object: {value!r}"
    missing, more = shape.keys() - value.keys(), value.keys() - shape.keys()
    assert not missing, f"{path} lacks {sorted(missing)}"
    assert may_have_more or not more, f"{path} has {sorted(more)} besides"
    for name, word in shape.items():
        check(word, value[name], f"{path}.{name}")
    return value


def check_event(event: Any) -> Any:
    """`event`, once its envelope has exactly its keys and its data at least those of its type (more may come later)."""
    kind = event["type"]
    is_session = event["stream"].startswith("session:")
    _check_object(SESSION_EVENT if is_session and kind != "message_delta" else FRAMES["event"], event, kind)
    _check_object(EVENTS[kind], event["data"], f"{kind}.data", may_have_more=True)
    if kind in FIVE:
        assert event["data"]["timestamp"] == event["timestamp"], f"{kind}: its timestamp equals the envelope's"
    return event
