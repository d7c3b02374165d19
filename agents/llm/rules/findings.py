"""What tools returned, in Markdown: one function per kind of answer. Each begins with its finding, bold, and adds nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.llm.rules.cards import link, listed, time_in_column
from agents.llm.rules.text import bullets, code, count, inline, join, quote

Data = Mapping[str, Any]

_PAGE_CHARS = 1_200

_EVENT_WORDS = {
    "card_created": ("created", "created"),
    "card_edited": ("edited", "edited"),
    "card_moved": ("moved", "moved"),
    "card_archived": ("archived", "archived"),
    "card_restored": ("restored", "restored"),
    "card_deleted": ("deleted", "deleted"),
    "comment_added": ("comment", "comments"),
    "comment_edited": ("comment edited", "comments edited"),
    "comment_deleted": ("comment deleted", "comments deleted"),
}


def bold(text: str) -> str:
    """The finding of an answer."""
    return f"**{text}**"


NOT_DONE = "Not done: "
"""How the finding of what failed begins."""


def failure(title: str, reason: str) -> str:
    """What could not be done, and why."""
    return f"{bold(f'{NOT_DONE}{inline(title)}.')} {inline(reason)}"


def found_cards(found: Data, singular: str, plural: str) -> str:
    """A list of cards under a sentence with their number; `singular` and `plural` say what they do: `is overdue`, `are overdue`."""
    number = int(found["count"])
    if number > 1:
        return f"{bold(f'{number:,} cards {plural}.')}\n\n{listed(found)}"
    return f"{bold(f'One card {singular}.')}\n\n{listed(found)}" if number else bold(f"No card {singular}.")


def stuck(found: Data) -> str:
    """Open cards by time in their column, the longest first."""
    if not found["cards"]:
        return bold("No open card, so nothing is stuck.")
    longest = found["cards"][0]
    return f"**{link(longest)} has been stuck longest: {time_in_column(longest)}.**\n\n{listed(found, with_time=True)}"


def oldest(found: Data) -> str:
    """Open cards, the oldest first."""
    if not found["cards"]:
        return bold("There is no open card.")
    return f"**The oldest open card is {link(found['cards'][0])}.**\n\n{listed(found)}"


def summary(board: Data) -> str:
    """A board at a glance."""
    names = (("overdue", "overdue"), ("due_soon", "due within 7 days"), ("unassigned", "unassigned"))
    numbers = [f"{board[key]['count']} {words}" for key, words in names]
    headline = f"{inline(board['board']['name'])} has {count(board['cards'], 'card')}, {board['open_cards']} open: {join(numbers)}."
    parts = [bold(headline), columns_table(board), _top("Overdue", board["overdue"]), _longest(board["stuck"])]
    parts += [_top("Unassigned", board["unassigned"]), _per_person(board)]
    return "\n\n".join(part for part in parts if part)


def columns(board: Data) -> str:
    """Columns with their counts and limits."""
    full = [inline(column["name"]) for column in board["columns"] if column["is_full"]]
    limited = [column for column in board["columns"] if column["wip_limit"] is not None]
    headline = "No column has a limit." if not limited else "No column is full."
    if full:
        headline = f"{join(full)} {'is' if len(full) == 1 else 'are'} full."
    return f"{bold(headline)}\n\n{columns_table(board)}"


def counts(board: Data) -> str:
    """How many cards each column has."""
    columns = board["columns"]
    if not columns:
        return bold("The board has no columns.")
    rows = [f"| {inline(column['name'])} | {column['cards']} |" for column in columns]
    return f"{bold(_fullest(columns))}\n\n" + "\n".join(["| Column | Cards |", "|---|---:|", *rows])


def _fullest(columns: Sequence[Data]) -> str:
    most, total = max(column["cards"] for column in columns), sum(column["cards"] for column in columns)
    if not total:
        return "There is no card on the board."
    names = [inline(column["name"]) for column in columns if column["cards"] == most]
    fullest = f"has the most: {most}" if len(names) == 1 else f"have the most: {most} each"
    return f"{count(total, 'card')}; {join(names)} {fullest}."


def columns_table(board: Data) -> str:
    """The columns of a board as a table."""
    if not board["columns"]:
        return "It has no columns."
    rows = []
    for column in board["columns"]:
        limit = "–" if column["wip_limit"] is None else str(column["wip_limit"])
        rows.append(f"| {inline(column['name'])} | {column['cards']} | {limit}{', full' if column['is_full'] else ''} |")
    return "\n".join(["| Column | Cards | Limit |", "|---|---:|---|", *rows])


def workload(board: Data) -> str:
    """Open cards per assignee."""
    people, free = board["assignees"], board["unassigned"]["count"]
    if not people:
        return bold(f"{count(free, 'open card')}, and none is assigned to anybody." if free else "There is no open card.")
    rows = [f"| {inline(person['name'])} | {person['cards']} | {person['overdue']} |" for person in people]
    most = [inline(person["name"]) for person in people if person["cards"] == people[0]["cards"]]
    verb = "has" if len(most) == 1 else "have"
    headline = f"{join(most)} {verb} the most open cards{' each' if len(most) > 1 else ''}: {people[0]['cards']}."
    table = "\n".join(["| Assignee | Open cards | Overdue |", "|---|---:|---:|", *rows])
    return f"{bold(headline)} {count(free, 'open card')} {'has' if free == 1 else 'have'} no assignee.\n\n{table}"


def activity(log: Data) -> str:
    """What happened in a span of days."""
    since = log["since"][:10]
    if not log["count"]:
        return bold(f"Nothing happened on the board since {since}.")
    kinds = [count(number, *_EVENT_WORDS[name]) for name, number in log["counts"].items() if name in _EVENT_WORDS]
    people = f" by {join([inline(name) for name in log['people']])}" if log["people"] else ""
    headline = bold(f"{count(log['count'], 'change')} since {since}{people}.")
    return f"{headline} {join(kinds)}.\n\n{_events(log)}"


def discussion(log: Data) -> str:
    """What was said in a span of days."""
    since = log["since"][:10]
    if not log["count"]:
        return bold(f"Nobody commented since {since}.")
    headline = bold(f"{count(log['count'], 'comment')} since {since}.")
    return f"{headline}\n\n{_events(log)}"


def days(dates: Data) -> str:
    """A day, or the days between two."""
    if dates.get("days", 0) < 0:
        return bold(f"{dates['end']}, a {dates['weekday']}, is {count(-dates['days'], 'day')} before {dates['start']}.")
    if "days" in dates:
        return bold(f"{count(dates['days'], 'day')} from {dates['start']} to {dates['end']}, a {dates['weekday']}.")
    return bold(f"{dates['date']}, a {dates['weekday']}.")


def page(found: Data) -> str:
    """The beginning of a web page, quoted."""
    text = str(found["text"])
    more = "\n\nThe page goes on." if found["is_cut"] or len(text) > _PAGE_CHARS else ""
    quoted = quote(text[:_PAGE_CHARS]) or "It has no text."
    return f"{bold(inline(found['title'] or 'The page'))} at {code(found['url'])}:\n\n{quoted}{more}"


def calculation(done: Data) -> str:
    """An expression and its value."""
    return bold(f"{inline(done['expression'])} = {done['result']}")


def said(found: Data) -> str:
    """What was said in work sessions, the newest first."""
    if not found["count"]:
        return bold("Nobody has said that in a work session.")
    lines = [
        f"{each['at']}, {inline(each['who'])} in [{inline(each['session'])}]({each['link']})"
        f"{', report' if each['kind'] == 'report' else ''}: “{inline(each['said'])}”"
        for each in found["found"]
    ]
    left = found["count"] - len(lines)
    more = f"\n\nAnd {count(left, 'earlier message')}." if left > 0 else ""
    return f"{bold(count(found['count'], 'message') + ' found.')}\n\n{bullets(lines)}{more}"


def _top(words: str, some: Data) -> str:
    return f"{words}:\n\n{listed(some)}" if some["count"] else ""


def _longest(some: Data) -> str:
    shown = {"count": len(some["cards"][:3]), "cards": some["cards"][:3]}
    return f"Longest in their column:\n\n{listed(shown, with_time=True)}" if shown["cards"] else ""


def _per_person(board: Data) -> str:
    people = [f"{inline(person['name'])} {person['cards']}" for person in board["assignees"]]
    return f"Open cards per assignee: {join(people)}." if people else ""


def _events(log: Data) -> str:
    left = log["count"] - len(log["events"])
    return bullets(event_line(event) for event in log["events"]) + (f"\n\nAnd {count(left, 'earlier one')}." if left > 0 else "")


def event_line(event: Data, *, with_card: bool = True) -> str:
    """One thing that happened: when, who did what to which card."""
    card = (link(event["card"]) if event["card"] else "a card that is gone now") if with_card else ""
    did = event["did"] if with_card else event["did"].removesuffix(" on")
    words = " ".join(part for part in (inline(event["who"] or "somebody"), did, card, inline(event["how"])) if part)
    said = f": “{inline(event['said'])}”" if event["said"] else ""
    return f"{event['at']}, {words}{said}"
