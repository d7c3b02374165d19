"""What a service does too long or too often: it blocks its loop, asks again and again, computes again, sends too much."""

from collections import Counter
from collections.abc import Iterator, Mapping

from agents.bench.performance.case import Case
from agents.bench.performance.declared import Broadcast
from agents.bench.performance.evidence import Place
from agents.bench.performance.report import Finding
from agents.bench.performance.sources import heaviest, words_of
from agents.bench.performance.stats import median

_STALLS = 3
_STALLED_SHARE = 0.05
_PER_REQUEST = 5
_MOST_QUERIES = 3
_AGAIN = 5
_CACHED_SHARE = 0.2
_CACHED_MS = 0.5
_LARGE_MESSAGE = 32_768
_TIMES_LARGER = 20
_LARGE_ANSWER = 131_072
_ELSEWHERE = "move it to a thread: await asyncio.to_thread(…)"
_CLIENT = "use an asynchronous client (httpx2.AsyncClient), or a thread (asyncio.to_thread)"
_INSTEAD: Mapping[str, str] = {
    "sleep(": "await asyncio.sleep instead of time.sleep",
    "requests.": _CLIENT,
    "urlopen(": _CLIENT,
    "subprocess.": "await asyncio.create_subprocess_exec instead",
}


def blocking_call(case: Case) -> Iterator[Finding]:
    """The event loop doesn't come round while something of the project runs."""
    for place, seconds in sorted(_stalls(case).items(), key=lambda item: -sum(item[1])):
        share = sum(seconds) / case.watched_samples.seconds if case.watched_samples.seconds else 0.0
        if len(seconds) < _STALLS or share < _STALLED_SHARE:
            continue
        line = case.sources.line(place)
        told = (
            f"The event loop stood still {len(seconds)} times in {words_of(place)}, at “{line[:80]}”: "
            f"{median(seconds) * 1000:.0f} ms at the median, {max(seconds) * 1000:.0f} ms at most, {share:.0%} of the time."
        )
        instead = next((advice for word, advice in _INSTEAD.items() if word in line), _ELSEWHERE)
        yield case.finding("blocking_call", told, f"Let nothing block the loop: {instead}.", place)


def _stalls(case: Case) -> dict[Place, list[float]]:
    """The stalls of each function, at the line where most of them were seen."""
    lines: dict[tuple[str, str], Counter[Place]] = {}
    seconds: dict[tuple[str, str], list[float]] = {}
    for each in case.watched.stalls:
        if each.stack:
            place = each.stack[0]
            function = (place[0], place[2])
            lines.setdefault(function, Counter())[place] += len(each.seconds)
            seconds.setdefault(function, []).extend(each.seconds)
    return {lines[function].most_common(1)[0][0]: seconds[function] for function in lines}


def n_plus_one(case: Case) -> Iterator[Finding]:
    """The same query, but for its values, many times for each request or message."""
    asked = case.messages_watched
    if not asked:
        return
    often = [each for each in case.watched.statements if each.count >= _PER_REQUEST * asked and _is_query(each.shape)]
    for each in sorted(often, key=lambda item: -item.count)[:_MOST_QUERIES]:
        place = each.stack[0] if each.stack else None
        told = (
            f"“{each.shape[:160]}” was sent {each.count} times for {asked} {case.what}{f' by {words_of(place)}' if place else ''}: "
            f"{each.count / asked:.0f} times for each."
        )
        action = "Ask once for all rows: one query with IN (…) or a JOIN before the loop, and look them up in a dictionary."
        yield case.finding("n_plus_one", told, action, place)


def _is_query(shape: str) -> bool:
    # Of what changes rows, executemany sends one for each on purpose.
    return shape.upper().startswith(("SELECT", "WITH"))


def missing_cache(case: Case) -> Iterator[Finding]:
    """A function that only computes is called again with arguments it had, and that takes much of the time."""
    asked, samples = case.messages_called, case.called_samples
    if not asked or not samples.seconds:
        return
    whole = median(samples.to_all or samples.took)
    for each in sorted(case.called.functions, key=lambda item: -item.again_seconds):
        again_s = each.again_seconds / asked
        share = max(each.again_seconds / samples.seconds, again_s / whole if whole else 0.0)
        if each.again < _AGAIN or share < _CACHED_SHARE or again_s * 1000 < _CACHED_MS:
            continue
        told = (
            f"{words_of(each.place)} was called {each.calls} times with {each.distinct} different arguments and gave the same for the "
            f"same: {again_s * 1000:.1f} ms for each of the {case.what}, {min(share, 1):.0%} of the time, were spent on it again."
        )
        action = "Keep what it returns: functools.cache, or lru_cache with a limit, if nothing else decides what it returns."
        yield case.finding("missing_cache", told, action, each.place)


def payload_size(case: Case) -> Iterator[Finding]:
    """Answers or messages are large; messages also many times what they tell of."""
    size = median(case.samples.sizes) if case.samples.sizes else 0
    if isinstance(case.plan, Broadcast):
        is_large = size >= max(_LARGE_MESSAGE, _TIMES_LARGER * case.samples.sent_bytes)
        told = f"For a message of {case.samples.sent_bytes:,} bytes every client gets {size:,.0f} bytes"
        action = "Send what changed, not the whole state; a client that needs all of it can ask once."
    else:
        is_large = size >= _LARGE_ANSWER
        told = f"An answer has {size:,.0f} bytes"
        action = "Send a page at a time, leave out what is not shown, or compress."
    if is_large:
        texts = [(each.count * each.longest, each.stack) for each in case.watched.texts if each.longest >= size / 2]
        place = heaviest(texts, lambda stack: stack[0] if stack else None)
        yield case.finding("payload_size", f"{told}{f', made by {words_of(place)}' if place else ''}.", action, place)
