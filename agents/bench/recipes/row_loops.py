"""A loop over rows with a query in it: whether all its queries may be one before the loop."""

import sys
from collections.abc import Callable

import libcst as cst

from agents.bench.recipes.coroutines import CHANGES
from agents.bench.recipes.databases import has_own_rows, is_sqlite
from agents.bench.recipes.helpers import module_function, parameters
from agents.bench.recipes.names import bindings_in, target_names
from agents.bench.recipes.nodes import dotted, names_in, root, walk
from agents.bench.recipes.purity import impurity
from agents.bench.recipes.queries import Query, parse_query
from agents.bench.recipes.row_uses import RowUses, is_constant
from agents.bench.recipes.source import Source

_FETCHES = {"fetchone", "fetchall"}
_LISTS = {"builtins.list", "collections.abc.Sequence", "typing.List", "typing.Sequence"}
_DATABASE = {"execute", "executemany", "executescript", "commit", "rollback", "backup"}


class RowLoop:
    """The query `call` in the loop `node`. `rows` is what the loop goes over."""

    def __init__(self, source: Source, call: cst.Call, node: cst.For | cst.CompFor, function: cst.CSTNode) -> None:
        self.source = source
        self.call = call
        self.node = node
        self.function = function
        self._names = {name.value for name in target_names(node.target)}
        self.connection: cst.BaseExpression = call.func.value if isinstance(call.func, cst.Attribute) else call.func
        self.rows: cst.BaseExpression = node.iter

    @property
    def whole(self) -> cst.CSTNode:
        """The statement of the loop, or the comprehension."""
        if isinstance(self.node, cst.For):
            return self.node
        return next(each for each in self.source.around(self.node) if isinstance(each, cst.BaseComp))

    @property
    def body(self) -> cst.CSTNode:
        """What runs for each row."""
        return self.node.body if isinstance(self.node, cst.For) else self.whole

    @property
    def literal(self) -> cst.SimpleString | None:
        """The SQL, where it is written at the call as one plain text."""
        sql = self.call.args[0].value if self.call.args else None
        return sql if isinstance(sql, cst.SimpleString) and isinstance(sql.evaluated_value, str) else None

    @property
    def key(self) -> cst.BaseExpression | None:
        """The one argument of the query."""
        given = self.call.args[1].value if len(self.call.args) == 2 else None
        if isinstance(given, cst.Tuple | cst.List) and len(given.elements) == 1 and isinstance(given.elements[0], cst.Element):
            return given.elements[0].value
        return None

    @property
    def query(self) -> Query | str:
        """The parsed SQL, or the reason why it isn't of the right form."""
        if self.literal is None:
            return "its SQL isn't written at the call as one text"
        return parse_query(str(self.literal.evaluated_value))

    @property
    def has_names(self) -> bool:
        """Whether the rows' columns are got at by name; else by place."""
        return isinstance(self.key, cst.Subscript) and '"' in self.source.code(self.key).replace("'", '"')

    @property
    def fetch(self) -> str:
        """`fetchone` or `fetchall` if the query's rows are fetched on the spot, "" if they are gone through."""
        method = self.source.parent(self.call)
        called = self.source.parent(method) if isinstance(method, cst.Attribute) else None
        is_fetch = isinstance(called, cst.Call) and called.func is method and not called.args
        return method.attr.value if is_fetch and isinstance(method, cst.Attribute) and method.attr.value in _FETCHES else ""

    @property
    def fetched(self) -> cst.CSTNode:
        """The whole expression that gives the rows of one key."""
        method = self.source.parent(self.call)
        return (self.source.parent(method) or self.call) if self.fetch and method is not None else self.call

    @property
    def names_nearby(self) -> set[str]:
        """All names that the function around it uses."""
        return {each.value for each in names_in(self.function)}

    def refusal(self) -> str:
        """The reason why the queries must stay, "" if they need not."""
        checks: tuple[Callable[[], str], ...] = (self._shape, self._key, self._rows, self._use, self._turns, self._columns)
        return next((reason for check in checks if (reason := check())), "")

    def _shape(self) -> str:
        if isinstance(self.query, str):
            return self.query
        if self.key is None:
            return 'its argument isn\'t one key, as in “(row["id"],)”'
        if not is_sqlite(self.source, self.connection) or not dotted(self.connection):
            return f"it isn't sure that {self.source.code(self.connection)} is a connection of sqlite3"
        if has_own_rows(self.source):
            return "rows of another kind than sqlite3's are made here"
        return ""

    def _key(self) -> str:
        key = self.key
        is_item = isinstance(key, cst.Subscript) and isinstance(key.value, cst.Name) and all(is_constant(each) for each in key.slice)
        is_part = isinstance(key, cst.Name) and isinstance(self.node.target, cst.Tuple)
        if key is None or root(key) not in self._names or not (is_item or is_part):
            return f"{self.source.code(key) if key else 'its key'} isn't a column of the loop's own row"
        bound = {name.value for name, _ in bindings_in(self.body)} if isinstance(self.node, cst.For) else set()
        return f"“{root(key)}” gets another value in the loop" if bound & self._names else ""

    def _rows(self) -> str:
        """Keys come from a query too, so they are of the type that a database's own keys have."""
        if self.is_query(self.rows):
            return "one cursor may be used for both queries, and the second ends the first" if self._is_one_cursor() else ""
        if isinstance(self.rows, cst.Name) and self._is_fetched(self.rows.value):
            return ""
        return f"it isn't sure that {self.source.code(self.rows)} are all rows of a query, fetched before"

    def _is_one_cursor(self) -> bool:
        """Whether the loop goes through the rows of the very cursor that its queries use."""
        run = None if is_fetchall(self.rows) or not isinstance(self.rows, cst.Call) else self.rows.func
        is_same = isinstance(run, cst.Attribute) and dotted(run.value) == dotted(self.connection)
        return is_same and any(word in self.source.text for word in (".cursor(", "Cursor"))

    def is_query(self, node: cst.CSTNode) -> bool:
        """Whether this runs a query itself, fetched or not."""
        call = node
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and is_fetchall(call):
            call = call.func.value
        is_run = isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "execute"
        return is_run and isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and is_sqlite(self.source, call.func.value)

    def _is_fetched(self, name: str) -> bool:
        """Whether a variable holds lists of rows, and nothing else ever."""
        values = [by for each, by in bindings_in(self.function) if each.value == name]
        given = (
            [each for each in parameters(self.function) if each.name.value == name] if isinstance(self.function, cst.FunctionDef) else []
        )
        if given:
            return not values and given[0].annotation is not None and self._is_list_of_rows(given[0].annotation.annotation)
        return bool(values) and all(isinstance(each, cst.Assign) and self._is_fetch(each.value) for each in values)

    def _is_fetch(self, value: cst.CSTNode) -> bool:
        if isinstance(value, cst.Call) and self.source.meaning(value.func) == "builtins.list" and len(value.args) == 1:
            return self.is_query(value.args[0].value)
        return isinstance(value, cst.Call) and self.is_query(value) and is_fetchall(value)

    def _is_list_of_rows(self, node: cst.CSTNode) -> bool:
        items = [each.slice.value for each in node.slice if isinstance(each.slice, cst.Index)] if isinstance(node, cst.Subscript) else []
        is_list = isinstance(node, cst.Subscript) and self.source.meaning(node.value) in _LISTS
        return is_list and len(items) == 1 and self.source.meaning(items[0]) == "sqlite3.Row"

    def _use(self) -> str:
        if self.fetch or _is_gone_through(self.source, self.call):
            return ""
        return "its rows are fetched elsewhere"

    def _turns(self) -> str:
        """Nothing in a turn may change what a later turn's query finds."""
        for node in walk(self.body):
            if isinstance(node, cst.Await | cst.Yield | cst.Asynchronous):
                return "others may change the database between the turns"
            if isinstance(node, cst.With | cst.Try | cst.TryStar | cst.FunctionDef | cst.Lambda):
                return "it is wrapped in “with” or “try”, or defines functions"
            if isinstance(node, cst.Call) and not self._is_harmless(node):
                return f"{self.source.code(node.func)} may change the database or the rows"
        return ""

    def _is_harmless(self, call: cst.Call) -> bool:
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in _DATABASE:
            sql = call.args[0].value if call.args else None
            is_read = isinstance(sql, cst.SimpleString) and str(sql.evaluated_value).lstrip().upper().startswith("SELECT")
            return call.func.attr.value == "execute" and is_read and is_sqlite(self.source, call.func.value)
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in _FETCHES and isinstance(call.func.value, cst.Call):
            return True  # the query that it belongs to is looked at by itself
        if any(dotted(each.value) == dotted(self.connection) for each in call.args):
            return False
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in CHANGES and dotted(call.func.value) == dotted(self.rows):
            return False
        meaning = self.source.meaning(call.func)
        if meaning:
            return meaning.split(".")[0] in sys.stdlib_module_names and not meaning.startswith(
                ("sqlite3.", "builtins.exec", "builtins.eval")
            )
        return self._is_own(call) or self._is_pure(call)

    def _is_own(self, call: cst.Call) -> bool:
        """Whether it is a method of a row, of a query's result, of a text, or of a list or dict that the function made itself."""
        func: cst.CSTNode = call.func
        while isinstance(func, cst.Attribute | cst.Subscript | cst.Call):
            func = func.func if isinstance(func, cst.Call) else func.value
        if isinstance(func, cst.Name):
            made = [by for each, by in bindings_in(self.function) if each.value == func.value]
            return bool(made) and isinstance(call.func, cst.Attribute)
        return isinstance(func, cst.BaseString)

    def _is_pure(self, call: cst.Call) -> bool:
        function = module_function(self.source, call.func)
        return function is not None and not function.decorators and not function.asynchronous and not impurity(self.source, function)

    def _columns(self) -> str:
        """Where the key has to be selected as well, the rows get longer: they may only be used by their columns."""
        query = self.query
        if isinstance(query, str) or (query.is_everything and self.has_names) or query.place is not None:
            return ""
        if query.is_everything:
            return "“SELECT *” doesn't say which column is the key"
        return (
            ""
            if RowUses(self.source, self.function).is_by_column(self.fetched, self.fetch)
            else f"it doesn't select {query.key}, and its rows may be used as a whole"
        )


def is_fetchall(call: cst.CSTNode) -> bool:
    """Whether it ends with `.fetchall()`."""
    return isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "fetchall"


def _is_gone_through(source: Source, call: cst.Call) -> bool:
    """Whether a loop or a comprehension takes the rows one by one, or `list` all of them."""
    parent = source.parent(call)
    if isinstance(parent, cst.For | cst.CompFor):
        return parent.iter is call and getattr(parent, "asynchronous", None) is None
    outer = source.parent(parent) if isinstance(parent, cst.Arg) else None
    return isinstance(outer, cst.Call) and source.meaning(outer.func) in ("builtins.list", "builtins.tuple") and len(outer.args) == 1
