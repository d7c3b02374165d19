"""The table of questions the rules can answer: patterns in order, the first that fits wins."""

import re

from agents.llm.rules.intents import CARD, COLUMN, QUOTED, Intent, Maker, first, intent, number_in, rule, unable

_PRONOUNS = "me|us|no|nobody|the|this|that|a|an|all|it|them|board|cards?|team|work|now|each|every|everyone|everybody|week|days?"
_ASSIGNEE = re.compile(
    rf"\b(?:assigned to|belonging to|cards? (?:of|by|for))\s+@?(?!(?:{_PRONOUNS})\b)([a-z][\w.+-]*)|@([\w.+-]*\w)"
    rf"|\b(?!(?:{_PRONOUNS}|what|that|who|where|here|there|today|let|how)\b)([a-z][\w.+-]*)['’]s\b(?=.*\b(?:cards?|tasks?|work)\b)",
    re.IGNORECASE,
)
_MINE = re.compile(r"\bmy\b|\bshould i\b|\b(?:assigned to|of|for) me\b", re.IGNORECASE)
_COLUMN = re.compile(rf"\b(?:in|from)\s+(?:the\s+)?(?:column\s+)?(?:{QUOTED}|{COLUMN})", re.IGNORECASE)
_FILTER_WORDS = {"assignee": "assigned to {}", "column": "in {}"}

_FOCUS = (
    ("comments", re.compile(r"comment|discuss|said|conversation", re.IGNORECASE), "Read the comments on"),
    ("history", re.compile(r"histor|happened|changed|\bmoved?\b|\bcreated\b", re.IGNORECASE), "Read the history of"),
    ("checklist", re.compile(r"checklist|left to do", re.IGNORECASE), "Read the checklist of"),
)
_SPANS = (
    (re.compile(r"\btoday\b", re.IGNORECASE), 1),
    (re.compile(r"\byesterday\b", re.IGNORECASE), 2),
    (re.compile(r"\bmonth\b", re.IGNORECASE), 30),
)
_SPAN = re.compile(r"\b(\d{1,3}) (day|week)s?\b", re.IGNORECASE)
_DAY = r"(\d{4}-\d{2}-\d{2}|today|tomorrow|yesterday)"


def find_filters(clause: str) -> dict[str, object]:
    """Assignee and column, as a clause about cards names them."""
    filters: dict[str, object] = {}
    named, column = _ASSIGNEE.search(clause), _COLUMN.search(clause)
    if _MINE.search(clause):
        filters["assignee"] = "me"
    elif named:
        filters["assignee"] = first(named)
    if column:
        filters["column"] = first(column)
    return filters


def _cards(kind: str, title: str, **arguments: object) -> Maker:
    """Cards of a sort, narrowed by the filters the clause names."""

    def make(match: re.Match[str]) -> Intent:
        filters = find_filters(match.string)
        words = "".join(" " + _FILTER_WORDS[name].format(value) for name, value in filters.items())
        return intent(kind, title + words, **arguments, **filters)

    return make


def _fixed(kind: str, title: str) -> Maker:
    return lambda _: intent(kind, title)


def _named(kind: str, title: str, argument: str) -> Maker:
    """What the pattern caught, as the argument of that name."""

    def make(match: re.Match[str]) -> Intent | None:
        value = first(match).strip(" ?.!,:;")
        return intent(kind, title.format(value), **{argument: value}) if value else None

    return make


def _card(match: re.Match[str]) -> Intent:
    number = number_in(match)
    focus, words = next(((name, words) for name, pattern, words in _FOCUS if pattern.search(match.string)), ("all", "Read"))
    return intent("card", f"{words} card #{number}" if number else f"{words} this card", number=number, focus=focus)


def _span_days(clause: str, usual: int = 7) -> int:
    counted = _SPAN.search(clause)
    if counted:
        return max(1, min(366, int(counted[1]) * (7 if counted[2].lower() == "week" else 1)))
    return next((days for pattern, days in _SPANS if pattern.search(clause)), usual)


def _activity(match: re.Match[str]) -> Intent:
    days = _span_days(match.string)
    return intent("activity", "See what happened today" if days == 1 else f"See what happened in the last {days} days", days=days)


def _discussion(match: re.Match[str]) -> Intent:
    days = _span_days(match.string)
    return intent("discussion", f"Read the comments of the last {days} days", days=days)


def _due(match: re.Match[str]) -> Intent:
    days = {"today": 0, "tomorrow": 1}.get(first(match).lower())
    days = _span_days(match.string) if days is None else days
    return intent("due", f"Find cards due within {days} days" if days else "Find cards due today", days=days)


def _days_between(match: re.Match[str]) -> Intent:
    days = [day.lower() for day in match.groups() if day]
    start, end = (["today", *days])[-2:]
    return intent("dates", f"Count the days from {start} to {end}", start=start, end=end)


def _days_away(match: re.Match[str]) -> Intent:
    amount, unit, word, day = first(match, 1, 1) or match[5], match[2] or match[6], (match[3] or "after").lower(), match[4]
    unit, start = unit.lower().rstrip("s") + "s", (day or "today").lower()
    is_back = word in ("before", "ago")
    title = f"Find the date {amount} {unit} {'before' if is_back else 'after'} {start}"
    return intent("dates", title, start=start, **{unit: -int(amount) if is_back else int(amount)})


_FUNCTIONS = r"\b(?:sqrt|abs|round|min|max|sum)\s*\("
_EXPRESSION = rf"(?:[\d.,\s()+*/%^×÷−-]|{_FUNCTIONS})+"
_OPERATOR = re.compile(rf"\d\s*(?:\*\*|//|[-+*/%^×÷−])|{_FUNCTIONS}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _calculation(match: re.Match[str]) -> Intent | None:
    expression = first(match).strip(" =")
    is_one = _OPERATOR.search(expression) and not _DATE.search(expression) and expression.count("(") == expression.count(")")
    return intent("calculation", f"Calculate {expression}", expression=expression) if is_one else None


def _page(match: re.Match[str]) -> Intent:
    url = first(match).rstrip(".,;:!?)\"'”’»")
    return intent("page", f"Read the page {url}", url=url)


def _said(match: re.Match[str]) -> Intent | None:
    words = first(match).strip(" ?.!,:;\"'“”‘’«»")
    return intent("said", f"Find what was said about “{words}”", text=words) if words else None


_search = _named("search", "Search for “{}”", "text")


def _cannot(match: re.Match[str]) -> Intent:
    return unable(match.string)


_ORDER = rule(
    _cannot,
    r"^\W*(?:archive|assign|unassign|rename|edit|change|set|label|schedule|delete|remove|trash|move|restore|invite|send|draft|translate)\b",
    r"^\W*(?:do not|don['’]?t|never|stop|cancel|abort)\b",
    r"^\W*(?:mark|close|finish|complete|copy|duplicate|reopen|tick|untick|uncheck|check off|comment|reply|put|push)\b.*(?:#\s?\d|\bcard\b)",
    r"^(?!\W*(?:search|find|look)\b).*\b(?:to|should|must) (?:move|delete|remove|trash|archive|assign|rename|comment|create|add)\b",
    r"^\W*(?:create|add|make|write)\b(?!.*\b(?:summary|overview|report|list)\b)",
    r"^\W*update\b(?! (?:me|us)\b)",
)


def is_order(text: str) -> bool:
    """Whether `text` tells to do something that no tool of the rules does."""
    return _ORDER.pattern.search(text) is not None


READS = (
    # Orders that no tool carries out must not be taken for questions about the card they name.
    _ORDER,
    # What cards lack or aren't can't be searched for, and isn't what they have or are.
    rule(
        _cannot,
        r"\b(?:no|without|lack\w*|n['’]t have|not have)\s+(?:an?\s+|any\s+)?(?:due|deadline|comment|label|tag|description|checklist)",
        r"(?:\bnot|n['’]t|\bexcept)\s+(?:the\s+)?(?:overdue|late|due|labell?ed|tagged|stuck|blocked|assigned to|(?:in|from)\s)",
    ),
    rule(
        lambda _: intent("dates", "Find today's date", start="today"),
        r"\b(?:what|which) (?:day|date) is (?:it|today)\b",
        r"\btoday['’]s date\b",
    ),
    rule(_page, r"\b(?:fetch|read|open|get|summari[sz]e|look at|load)\b[^\"“]*?(https?://\S+)"),
    rule(_calculation, rf"\b(?:calculate|compute|work out|what(?:'s|’s| is)|how much is)\s+({_EXPRESSION})\s*[?.!=]*$"),
    rule(
        _said,
        r"\bwhat (?:did|have|has|was|were) (?:(?:we|i|you|they|people|anybody|anyone|somebody|the team)\s+)?"
        r"(?:ever\s+)?(?:say|said|written|write|wrote|agreed?|decided?|discuss(?:ed)?) (?:about|on|regarding)\s+(.+)",
        r"\b(?:search|look through)\s+(?:the |our |all )?(?:work )?(?:sessions?|rooms?|conversations?|messages)\s+(?:for|about)\s+(.+)",
    ),
    rule(_search, rf"\b(?:search|find|look(?:ing)? for|mention\w*|contain\w*|about|card)\b[^\"'“‘«]*{QUOTED}"),
    rule(
        _days_away,
        rf"\b(\d{{1,4}})\s+(days?|weeks?|months?)\s+(from|after|before|ago)\b(?:\s+{_DAY})?",
        r"\b(?:date|day)\b.*\bin\s+(\d{1,4})\s+(days?|weeks?|months?)",
    ),
    rule(
        _days_between, rf"\b(?:from|between)\s+{_DAY}\s+(?:and|to|until|till)\s+{_DAY}", rf"\bdays\b.*?\b(?:until|till|to|before)\s+{_DAY}"
    ),
    rule(_card, CARD, r"\b(?:this|the) card\b"),
    rule(
        _cards("overdue", "Find overdue cards"),
        r"\b(?:overdue|past due|late|behind schedule)\b",
        r"\bmissed (?:the |its |their )?(?:due|deadline)",
    ),
    rule(
        _cards("unassigned", "Find unassigned cards"),
        r"\b(?:unassigned|not assigned|unowned)\b",
        r"\b(?:to|by|with|have|has) (?:nobody|no one)\b",
        r"\b(?:nobody|no one) (?:has|have|owns?|is (?:assigned|working|on)|took|takes|works|picked)\b",
        r"\b(?:no|without(?: an?)?) (?:assignee|owner)\b",
    ),
    rule(_due, r"\bdue\b.*?\b(today|tomorrow|week|soon|days|within|month)\b", r"\b(?:deadlines?|upcoming|coming up|due dates?)\b"),
    rule(
        _cards("stuck", "Find what has been stuck longest"),
        r"\b(?:stuck|stalled|longest|sitting|idle|blocked)\b",
        r"(?:\bnot|n't|n’t|\bnever) (?:been )?moved\b",
    ),
    rule(_cards("oldest", "Find the oldest cards"), r"\boldest\b"),
    rule(
        _fixed("workload", "Count cards per assignee"),
        r"\b(?:workload|busiest|most (?:cards|work)|per (?:assignee|person|member)|by (?:assignee|person)|each (?:person|assignee))\b",
        r"\bwho (?:has|does|works|owns|is (?:over|bus|free|idle|doing|working)\w*)\b",
    ),
    rule(
        _fixed("counts", "Count the cards per column"),
        r"\b(?:cards|tasks) (?:(?:are )?(?:there )?in )?(?:per|by|each|every) column\b",
        r"\b(?:count|how many|number of) .{0,80}\bcolumns?\b",
        r"^\W*count(?: up)?(?: all)?(?: the| our| my)? (?:cards|tasks)(?: (?:on|of|in) (?:the|this|our) board)?\W*$",
        r"^\W*how many (?:cards|tasks)(?: (?:are there|do we have))?(?: (?:are )?(?:on|in) (?:the|this|our) board)?\W*$",
    ),
    rule(_named("label", "Find cards labelled {}", "label"), rf"\b(?:labell?ed|with (?:the )?label|tagged)\s+(?:{QUOTED}|([\w-]+))"),
    rule(_cards("assignee", "Find cards"), r"\bmy (?:cards|tasks|work)\b", r"\bwhat should i\b", r"\bassigned to me\b"),
    rule(
        _named("assignee", "Find cards assigned to {}", "assignee"),
        r"\bassigned to\s+@?([\w.+-]*\w)",
        r"\bwhat (?:is|does|has)\s+@?(?!(?:the|this|it|on|in|left|to)\b)([\w.+-]*\w)\s+(?:working|work|do|doing|have|got)\b",
    ),
    rule(
        _named("column", "List the cards in {}", "column"),
        rf"\b(?:what(?:'s|’s| is| are)|cards?|list)\s+(?:all\s+)?(?:in|from)\s+(?:the\s+)?(?:column\s+)?(?:{QUOTED}|{COLUMN})",
        r"\blist the cards in (.+)$",
    ),
    rule(
        _fixed("columns", "Check the limits of columns"),
        r"\b(?:wip|bottlenecks?|columns|full columns?|(?:column|card) limits?)\b",
        r"\bcolumns? (?:is|are) (?:full|over)\b",
    ),
    rule(_discussion, r"\b(?:comments|discuss\w*|conversations?|people (?:say|said|saying))\b"),
    rule(
        _activity,
        r"\b(?:activity|happen\w*|changed|recent\w*|news|what(?:'s|’s| is) new|this week|yesterday|today)\b",
        r"\blast (?:\d{1,3} )?(?:days?|weeks?|month)\b",
    ),
    rule(
        _fixed("summary", "Summarise the board"),
        r"\b(?:summar\w+|overview|sum up|status|state|report|how(?:'s|’s| is))\b.*\b(?:board|cards|project|everything|things)\b",
        r"\bhow many cards\b",
        r"\bboard\b.*\b(?:summar\w+|overview|status|report|look\w*)\b",
        r"\bwhat(?:'s|’s| is) on (?:the|this) board\b",
        r"\bstatus report\b",
        r"\bupdate (?:me|us)\b",
        r"^\W*(?:please\s+)?(?:summari[sz]e|overview|summary|report)\W*$",
    ),
    rule(
        _search,
        r"\b(?:search(?: for)?|look(?:ing)? (?:for|up))\s+(?:cards?\s+)?(?:that\s+)?(?:(?:mention\w*|contain\w*|about|on|for)\s+)?(.+)",
        r"\bcards? (?:that )?(?:are )?(?:mention\w*|contain\w*|about|on|with)\s+(.+)",
        r"^\W*(?:please\s+)?find\s+(?:me\s+)?(?:all\s+|the\s+|any\s+)?(?:cards?\s+)?(?:(?:about|on|for|with|related to)\s+)?(.+)",
    ),
    rule(
        _fixed("idle", "Say what is running"),
        r"\bhow far (?:are|is|did)\b",
        r"\bare you (?:done|finished|ready)\b",
        r"\b(?:current|your) (?:status|progress)\b",
        r"^\W*(?:what(?:'s|’s| is) the )?(?:status|progress)\W*$",
        r"\bwhat is running\b",
    ),
    rule(_fixed("help", "Say what rules can do"), r"\bwhat can you\b", r"\bhelp\b", r"^\W*(?:hello|hi|hey)\b", r"\bwhat rules can do\b"),
)
