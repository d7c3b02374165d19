"""Whether `manage.py perf` tells the same of ten clients' moves as the benchmark's own client, on the same server, turn and turn about."""

from typing import Any

from agents.bench.performance.declared import Broadcast
from agents.bench.performance.load import Job
from agents.bench.performance.loaded import Loader
from agents.bench.performance.stats import median, quantile
from tests.bench import moves
from tests.bench.people import Board, new_board
from tests.bench.report import Goal, Report, timed
from tests.bench.servers import Peer, migrated, workroom

BENCH = "10 clients move at once, two clients"
PAIRS = 8
_LEAST, _MOST = 0.85, 1.15
_REQUIRED_MS = 100.0


def plan_for(peer: Peer, board: Board) -> Broadcast:
    """The same moves in the same rhythm as moves.move_at_once."""
    send = {"type": "move_card", "ref": "{id}", "data": {"card": "{card}", "column": "{column}"}}
    given: dict[str, Any] = {
        "url": f"{peer.ws_url}/ws/boards/{board.id}/",
        "headers": {"Authorization": "{bearer}"},
        "clients": moves.CLIENTS,
        "senders": "all",
        "messages": moves.ROUNDS * moves.CLIENTS,
        "warm_up": 10 * moves.CLIENTS,
        "repeats": 1,
        "pace_ms": 30,
        "setup": [{"expect": "me", "match": {"type": "hello"}}],
        "send": send,
        "cycle": {"column": [*board.columns[1:], board.columns[0]]},
        "only": '"type":"card_moved"',
        "marker": '"ref":"{id}"',
        "acknowledge": {"pattern": r'"card_moved","seq":(\d+)', "every": 64, "send": {"type": "ack", "data": {"seq": "{found}"}}},
    }
    return Broadcast.model_validate(given)


async def by_bench(loader: Loader, peer: Peer, board: Board) -> list[float]:
    """Seconds from each send to each receipt, as the test bench measures."""
    clients = [{"bearer": bearer["Authorization"], "card": card} for bearer, card in zip(board.bearers, board.cards, strict=True)]
    samples = await loader.run(Job(plan=plan_for(peer, board), clients=clients), lambda _: None)
    if samples.failed:
        raise RuntimeError(f"not everything arrived: {samples.failed}")
    return samples.took


async def measure(report: Report) -> None:
    """Both on daphne with SQLite; the median of the pairs' ratios is judged."""
    with migrated() as data, workroom("daphne", data) as peer:
        board = new_board(peer.url, moves.CLIENTS)
        async with Loader() as loader:
            pairs = [await _pair(loader, peer, board, is_own_first=turn % 2 == 0) for turn in range(PAIRS)]
    report.add(timed(BENCH, "manage.py perf", [took for own, _ in pairs for took in own]))
    report.add(timed(BENCH, "tests/bench", [took for _, other in pairs for took in other]))
    own_p95 = quantile([took for own, _ in pairs for took in own], 0.95) * 1000
    report.goals.append(Goal("10 clients move, by manage.py perf: p95", own_p95, _REQUIRED_MS, "at most", "ms"))
    for figure, share in (("p50", 0.50), ("p95", 0.95)):
        ratio = median([quantile(own, share) / quantile(other, share) for own, other in pairs])
        report.goals.append(Goal(f"perf's {figure} of the benchmark's", ratio, _MOST, "at most"))
        report.goals.append(Goal(f"perf's {figure} of the benchmark's", ratio, _LEAST, "at least"))


async def _pair(loader: Loader, peer: Peer, board: Board, *, is_own_first: bool) -> tuple[list[float], list[float]]:
    if is_own_first:
        own = await by_bench(loader, peer, board)
        return own, await moves.move_on(board, peer.ws_url)
    other = await moves.move_on(board, peer.ws_url)
    return await by_bench(loader, peer, board), other
