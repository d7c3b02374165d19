"""The SQL of a query by one key, as it is written in a program, and the same query for many keys."""

import re
from dataclasses import dataclass

# One key, compared by `=`, and nothing that depends on how many rows there are.
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<columns>[^()?;]+?)\s+FROM\s+(?P<tables>[^()?;]+?)\s+WHERE\s+(?P<key>[\w.]+)\s*=\s*\?(?P<rest>\s+ORDER\s+BY\s+[\w\s.,]+)?\s*;?\s*",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\b(DISTINCT|UNION|EXCEPT|INTERSECT|LIMIT|GROUP|HAVING|CASE|OR|AND|COLLATE|WHERE|FROM)\b", re.IGNORECASE)
# Commas in texts and comments are none between columns.
_QUOTED = re.compile(r"['\"`\[]|--|/\*")
_EQUALS = re.compile(r"\s*=\s*\?")
_FROM = re.compile(r"\s+FROM\b", re.IGNORECASE)
_TABLE = re.compile(r"\w+")


@dataclass(frozen=True)
class Query:
    """What is selected from where by which key."""

    columns: tuple[str, ...]
    table: str
    key: str
    is_joined: bool

    @property
    def name(self) -> str:
        """The key's own name, without its table's."""
        return self.key.rpartition(".")[2]

    @property
    def place(self) -> int | None:
        """Which of the columns is the key; None where it is none of them, or all are selected."""
        for index, column in enumerate(self.columns):
            if column.lower() in (self.key.lower(), self.name.lower()):
                return index
        return None

    @property
    def is_everything(self) -> bool:
        """Whether it is a `SELECT *`, whose columns have names but no known places."""
        return self.columns == ("*",)


def parse_query(sql: str) -> Query | str:
    """The query, or the reason why its rows can't be told apart by a key for sure."""
    found = _QUERY.fullmatch(sql)
    if not found or _QUOTED.search(sql) or any(_OTHER.search(found[part] or "") for part in ("columns", "tables", "rest")):
        return "its SQL is more than “SELECT … FROM … WHERE key = ?”"
    tables = found["tables"].strip()
    query = Query(
        columns=tuple(each.strip() for each in found["columns"].split(",")),
        table=(_TABLE.match(tables) or [""])[0],
        key=found["key"],
        is_joined="," in tables or bool(re.search(r"\bJOIN\b", tables, re.IGNORECASE)),
    )
    # A text or a number with a fraction could equal a key in SQL and not in Python; what is called an id is neither, or always the same.
    if query.name.lower() != "id" and not query.name.lower().endswith("_id"):
        return f"“{query.name}” isn't called an id, so its values may be equal in SQL and not in Python"
    if query.is_joined and (query.is_everything or query.place is None):
        return f"it joins tables and doesn't select {query.key}"
    return query


def for_many(literal: str, query: Query) -> str | None:
    """The literal with `IN (?)` for `= ?`, and the key selected last where it wasn't at all. None where it isn't written plainly."""
    many, count = _EQUALS.subn(" IN (?)", literal)
    if count != 1 or "(?)" in literal:
        return None
    if query.place is not None or query.is_everything:
        return many
    many, count = _FROM.subn(lambda found: f", {query.key}{found[0]}", many, count=1)
    return many if count == 1 else None
