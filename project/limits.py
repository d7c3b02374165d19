"""The limits of PROTOCOL §6, in one place. Each can be overridden by the setting WORKROOM_LIMITS = {"name": value}."""

from dataclasses import dataclass, replace
from functools import cache

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes unless named otherwise; text in Unicode code points; times in seconds."""

    frame_bytes: int = 64 * 1024
    json_depth: int = 32
    json_nodes: int = 500
    text_chars: int = 16_000
    title_chars: int = 300
    event_bytes: int = 128 * 1024
    batch_events: int = 256
    batch_bytes: int = 200 * 1024
    commands_per_s: float = 20
    commands_burst: int = 40
    refusals_per_10s: int = 200
    protocol_errors_per_min: int = 10
    rest_per_s: float = 100
    rest_burst: int = 200
    messages_per_min: int = 60
    logins_per_min: int = 5
    event_reports_per_min: int = 10
    sockets_per_user: int = 20
    sockets_per_process: int = 2_000
    ack_events: int = 256
    ack_bytes: int = 512 * 1024
    ack_timeout_s: float = 15
    replay_events: int = 2_000
    replay_bytes: int = 2 * 1024 * 1024
    ring_events: int = 1_000
    ring_bytes: int = 2 * 1024 * 1024
    heartbeat_s: float = 15
    head_poll_s: float = 5
    head_poll_down_s: float = 1
    access_poll_s: float = 60
    sse_bytes: int = 1024 * 1024
    sse_s: float = 600
    command_days: int = 7
    labels: int = 20
    label_chars: int = 40
    checklist_items: int = 100
    board_cards: int = 2_000
    board_columns: int = 50
    run_steps: int = 50
    run_active_s: int = 30 * 60
    run_tokens: int = 200_000
    run_events: int = 2_000
    run_lease_s: float = 30
    run_renew_s: float = 10
    run_sweep_s: float = 5
    runs_per_process: int = 20
    model_connect_s: float = 10
    model_first_s: float = 120
    model_gap_s: float = 60
    model_answer_s: float = 600
    model_answer_chars: int = 400_000
    model_retry_after_s: float = 300
    clarify_s: float = 20
    schema_chars: int = 8_000
    schema_parts: int = 500
    schema_patterns: int = 20
    schema_pattern_chars: int = 100
    schema_pattern_repeats: int = 128
    schema_steps: int = 20_000
    queued_messages: int = 5
    request_days: int = 7
    session_idle_s: int = 24 * 3600
    sessions_per_user: int = 200
    runs_per_user: int = 10


@cache
def limits() -> Limits:
    """The limits in force."""
    return replace(Limits(), **getattr(settings, "WORKROOM_LIMITS", {}))


def _forget(*, setting: str, **_: object) -> None:
    if setting == "WORKROOM_LIMITS":
        limits.cache_clear()


setting_changed.connect(_forget, dispatch_uid="limits")
