"""A query for each row of a loop becomes one query for all of them, whose rows are looked up by key."""

from dataclasses import dataclass, field

import libcst as cst

from agents.bench.recipes.changes import Changes
from agents.bench.recipes.imports import Need
from agents.bench.recipes.queries import Query, for_many
from agents.bench.recipes.recipe import Attempt, Place, Recipe
from agents.bench.recipes.row_loops import RowLoop, is_fetchall
from agents.bench.recipes.source import Replace, Source
from agents.bench.recipes.writing import Line, expression, statement

_HELPER = "_rows_by_key"
CODE = '''def _rows_by_key(
    database: sqlite3.Connection | sqlite3.Cursor, sql: str, keys: Iterable[object], column: int | str
) -> dict[object, list[Any]]:
    """The rows of all keys, each key's in a list, by a query for every 500 keys. "(?)" in `sql` stands for the keys."""
    found: dict[object, list[Any]] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ", ".join("?" for _ in part)
        for row in database.execute(sql.replace("(?)", f"({marks})"), part):
            found.setdefault(row[column], []).append(row)
    return found
'''
_NEEDS = (Need("sqlite3"), Need("collections.abc", "Iterable"), Need("typing", "Any"))
_LINE = 100
# The rows of one key in the form in which its query gave them: by how they were fetched.
_LOOK_UPS = {"": "FOUND.get(KEY, ())", "fetchone": "next(iter(FOUND.get(KEY, ())), None)", "fetchall": "list(FOUND.get(KEY, ()))"}


@dataclass
class _Edits:
    """What is changed at one statement: lines before it, and parts of it. `rows` are names of lists that loops had no name for."""

    changes: Changes
    anchor: cst.CSTNode
    taken: set[str]
    before: list[Line] = field(default_factory=list)
    parts: dict[cst.CSTNode, Replace] = field(default_factory=dict)
    rows: dict[cst.CSTNode, cst.Name] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def free(self, wanted: str) -> str:
        """The name, with a number if the function has it already."""
        name = next(each for each in (wanted, *(f"{wanted}_{count}" for count in range(2, 1000))) if each not in self.taken)
        self.taken.add(name)
        return name


def attempt(text: str, place: Place) -> Attempt:
    """The queries in loops at the place, each run once for all the rows."""
    source = Source(text)
    changes = Changes(source)
    edits: dict[cst.CSTNode, _Edits] = {}
    taken: dict[cst.CSTNode, set[str]] = {}
    for loop in _loops(source, place):
        anchor = _anchor(loop)
        reason = loop.refusal() or ("" if anchor else "it isn't known when its loop runs")
        if reason or anchor is None:
            changes.refuse(loop.call, reason)
        else:
            _batch(edits.setdefault(anchor, _Edits(changes, anchor, taken.setdefault(loop.function, loop.names_nearby))), loop)
    for each in edits.values():
        if each.parts:
            all_edits = {each.anchor: _preceded(each.anchor, each.before), **each.parts}
            changes.change(each.anchor, all_edits, f"one query for all {' and one for all '.join(each.keys)}", _NEEDS, **{_HELPER: CODE})
    return changes.attempt()


def _loops(source: Source, place: Place) -> list[RowLoop]:
    """Every query with arguments that a loop or comprehension runs, with the innermost of those around it."""
    found = []
    for call in source.all(cst.Call):
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "execute" or len(call.args) != 2:
            continue
        function = source.function_of(call)
        node = _around(source, call)
        if node is not None and function is not None and source.is_at(call, place):
            found.append(RowLoop(source, call, node, function))
    return found


def _around(source: Source, call: cst.Call) -> cst.For | cst.CompFor | None:
    """The innermost loop that runs the call for each of its turns."""
    inner: cst.CSTNode = call
    for each in source.around(call):
        if isinstance(each, cst.FunctionDef | cst.Lambda):
            return None
        if isinstance(each, cst.For) and inner is each.body:
            return each
        if isinstance(each, cst.ListComp | cst.SetComp | cst.DictComp) and inner is not each.for_in:
            return each.for_in if each.for_in.inner_for_in is None and not each.for_in.ifs else None
        inner = each
    return None


def _anchor(loop: RowLoop) -> cst.CSTNode | None:
    """The statement before which the one query runs."""
    source = loop.source
    if isinstance(loop.node, cst.For):
        return loop.node
    for each in source.around(loop.whole):
        if isinstance(each, cst.BaseComp | cst.IfExp | cst.BooleanOperation | cst.Lambda | cst.While):
            return None
        if isinstance(each, cst.SimpleStatementLine):
            return each if len(each.body) == 1 else None
        if isinstance(each, cst.BaseCompoundStatement):
            return None
    return None


def _batch(edits: _Edits, loop: RowLoop) -> None:
    """Runs the loop's query before the statement, and looks its rows up where it was."""
    query, key = loop.query, loop.key
    literal = for_many(loop.literal.value, query) if loop.literal is not None and isinstance(query, Query) else None
    if literal is None or isinstance(query, str) or key is None:
        edits.changes.refuse(loop.call, "its SQL isn't written plainly")
        return
    rows = _rows(edits, loop)
    found = edits.free(f"{query.table.lower()}_by_{query.name.lower()}")
    edits.before.append(_one_query(loop, query, key, found=found, rows=rows, sql=cst.SimpleString(literal)))
    edits.parts[loop.fetched] = lambda _: expression(_LOOK_UPS[loop.fetch], FOUND=cst.Name(found), KEY=key)
    edits.keys.append(f"{query.table}.{query.name}")


def _rows(edits: _Edits, loop: RowLoop) -> cst.Name:
    """The name of the list that the loop goes over, which is given one where it has none."""
    if isinstance(loop.rows, cst.Name):
        return loop.rows
    if loop.rows not in edits.rows:
        name = cst.Name(edits.free("rows"))
        code = "ROWS = QUERY\n" if is_fetchall(loop.rows) else "ROWS = QUERY.fetchall()\n"
        edits.rows[loop.rows] = name
        edits.before.append(statement(code, loop.source.module, ROWS=name, QUERY=loop.rows))
        edits.parts[loop.rows] = lambda _: name
    return edits.rows[loop.rows]


def _one_query(loop: RowLoop, query: Query, key: cst.BaseExpression, *, found: str, rows: cst.Name, sql: cst.SimpleString) -> Line:
    """`found = _rows_by_key(connection, sql, keys, column)`, over several lines where one is too short."""
    column = f'"{query.name}"' if loop.has_names else str(-1 if query.place is None else query.place)
    arguments = ["CONNECTION", "SQL", "(KEY for ROW in ROWS)", column]
    given = {"CONNECTION": loop.connection, "SQL": sql, "KEY": key, "ROW": loop.node.target, "ROWS": rows}
    line = statement(f"{found} = {_HELPER}({', '.join(arguments)})\n", loop.source.module, **given)
    code = loop.source.code(line)
    if loop.source.column(loop.whole) + len(code) <= _LINE and "\n" not in sql.value:
        return line
    listed = "".join(f"    {each},\n" for each in arguments)
    return statement(f"{found} = {_HELPER}(\n{listed})\n", loop.source.module, **given)


def _preceded(anchor: cst.CSTNode, lines: list[Line]) -> Replace:
    def edit(updated: cst.CSTNode) -> cst.FlattenSentinel[cst.BaseStatement]:
        first = lines[0].with_changes(leading_lines=getattr(anchor, "leading_lines", ()))
        rest = updated.with_changes(leading_lines=[])
        return cst.FlattenSentinel([first, *lines[1:], *([rest] if isinstance(rest, cst.BaseStatement) else [])])

    return edit


RECIPE = Recipe(
    name="batch_queries",
    kinds=frozenset({"n_plus_one"}),
    gain="A query for each row becomes one for all:",
    attempt=attempt,
)
