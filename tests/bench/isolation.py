"""Many users with runs at once: does anybody get an event of anybody else's, how soon do events arrive, how soon is a client back?"""

import json
import sys

from project.verify.crowd import DELIVERY_MS, REJOIN_MS, CrowdResult, Plan, verify
from tests.bench.report import Goal, Report, Row
from tests.bench.servers import WIDE, migrated, running
from tests.process.server import Data, environ_for, free_port

CROWDS = ((10, 5), (50, 10), (100, 2))
"""Users and how many runs each of them has, one after another."""


async def measure(report: Report) -> None:
    """Every crowd on a fresh server as `serve` starts it, agents included."""
    for users, runs in CROWDS:
        with migrated() as data:
            await measure_crowd(report, data, users, runs)


async def measure_crowd(report: Report, data: Data, users: int, runs: int) -> None:
    port = free_port()
    environ = environ_for(data, WORKROOM_LIMITS=json.dumps(WIDE), WORKROOM_RULES_PACE_MS="0", PYTHONWARNINGS="ignore")
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with running("Workroom on daphne", command, port, environ) as peer:
        result = await verify(Plan(peer.url, users=users, runs=runs))
    what = f"{users} users × {runs} runs"
    for name, spread in ((f"{what}, delivery", result.delivery), (f"{what}, return", result.rejoined)):
        if spread:
            report.add(Row(name, peer.name, spread.count, spread.p50, spread.p95, spread.p99))
    judge(report, what, result, is_timed=users == CROWDS[0][0])


def judge(report: Report, what: str, result: CrowdResult, *, is_timed: bool) -> None:
    """Nothing mixed, missed or wrong in any crowd; times by their marks where the requirement names the number of users."""
    problems = sum(1 for user in result.users if user.problem)
    for name, value in (
        ("mixed events", result.mixed),
        ("missed events", result.missed),
        ("faults", result.faults),
        ("problems", problems),
    ):
        report.goals.append(Goal(f"{what}: {name}", value, 0, "at most", ""))
    if is_timed and result.delivery and result.rejoined:
        report.goals.append(Goal(f"{what}: delivery p95", result.delivery.p95, DELIVERY_MS, "at most", "ms"))
        report.goals.append(Goal(f"{what}: return", result.rejoined.max, REJOIN_MS, "at most", "ms"))
