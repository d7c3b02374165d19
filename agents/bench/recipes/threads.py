"""Whether a piece of code may run in a thread: it works on its own things, and gives back what no thread keeps."""

from collections.abc import Iterator, Sequence

import libcst as cst

from agents.bench.recipes.blocking import is_opener
from agents.bench.recipes.names import bindings_in, used_outside
from agents.bench.recipes.nodes import names_in, root, walk
from agents.bench.recipes.source import Source

# Values that are whole when the call returns: the file or connection they came from can be closed, and used by another thread.
_WHOLE_METHODS = frozenset(
    {"read", "readline", "readlines", "fetchall", "fetchone", "fetchmany", "getvalue", "decode", "strip", "split", "splitlines"}
)
_WHOLE_CALLS = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in ("list", "tuple", "dict", "set", "sorted", "len", "str", "int", "float", "bytes", "bool", "sum", "max", "min")
        ),
        *("json.load", "json.loads", "pickle.load", "tomllib.load"),
    }
)
_READERS = frozenset(
    {"csv.reader", "csv.DictReader", "csv.writer", "csv.DictWriter", "builtins.range", "builtins.enumerate", "builtins.zip"}
)
# What an address or a path is made with.
_PATHS = frozenset(
    {"builtins.str", "pathlib.Path", "os.path.join", "urllib.request.Request", "urllib.parse.quote", "urllib.parse.urlencode"}
)
_WHOLE_NODES = (cst.BaseString, cst.BaseNumber, cst.ListComp, cst.SetComp, cst.DictComp, cst.Comparison)
_REFUSED: tuple[tuple[tuple[type[cst.CSTNode], ...], str], ...] = (
    ((cst.Await, cst.Asynchronous, cst.Yield), "it waits or yields inside"),
    ((cst.Break, cst.Continue), "it jumps"),
    ((cst.FunctionDef, cst.ClassDef, cst.Lambda), "it defines functions or classes"),
    (
        (cst.Global, cst.Nonlocal, cst.NamedExpr, cst.Match, cst.Import, cst.ImportFrom, cst.Del),
        "it binds names in a way that isn't looked into",
    ),
    ((cst.AugAssign,), "it adds to something"),
)


class Block:
    """A `with` that opens something, and what is done with it inside a coroutine."""

    def __init__(self, source: Source, node: cst.With, function: cst.FunctionDef) -> None:
        self.source = source
        self.node = node
        self._function = function
        self._bound = list(dict.fromkeys(name.value for name, _ in bindings_in(node)))
        opened = [item.asname.name for item in node.items if item.asname]
        self._opened = {each.value for each in opened if isinstance(each, cst.Name)}

    @property
    def has_return(self) -> bool:
        """Whether it ends with the function's `return`."""
        return isinstance(_last(self.node.body.body), cst.Return)

    @property
    def results(self) -> list[str]:
        """The variables that it sets for what comes after it."""
        return [name for name in self._bound if used_outside(self.source, name, self.node, self._function)]

    def refusal(self) -> str:
        """The reason why it can't run in a thread, "" if it can."""
        return self._shape() or self._calls() or self._reads() or self._results()

    def _shape(self) -> str:
        for node in walk(self.node.body):
            for kinds, reason in _REFUSED:
                if isinstance(node, kinds):
                    return reason
            if isinstance(node, cst.Return) and node is not _last(self.node.body.body):
                return "it returns before its end"
            if (
                isinstance(node, cst.AssignTarget)
                and not isinstance(node.target, cst.Name | cst.Tuple)
                and root(node.target) not in self._bound
            ):
                return f"it changes {self.source.code(node.target)}"
        return ""

    def _calls(self) -> str:
        for item in self.node.items:
            if not is_opener(self.source, item.item):
                return f"it isn't known what {self.source.code(item.item)} does"
            for call in self.source.all(cst.Call, item.item):
                if not is_opener(self.source, call) and self.source.meaning(call.func) not in _PATHS:
                    return f"work out {self.source.code(call)} before it"
        for call in self.source.all(cst.Call, self.node.body):
            known = self.source.meaning(call.func) in _WHOLE_CALLS | _READERS or is_opener(self.source, call)
            if not known and not self._is_of_own(call.func):
                return f"it calls {self.source.code(call.func)}, which may use what others use at the same time"
        return ""

    def _is_of_own(self, func: cst.CSTNode) -> bool:
        """Whether it is a method of something that came to be inside, or of a text."""
        while isinstance(func, cst.Attribute | cst.Subscript | cst.Call):
            func = func.func if isinstance(func, cst.Call) else func.value
        if isinstance(func, cst.Name):
            return func.value in self._bound or self.source.meaning(func) in {"builtins.open"}
        return isinstance(func, cst.BaseString)

    def _reads(self) -> str:
        """Others may change an object while a thread goes through it; a text or a number that is handed over whole can't change."""
        for name in names_in(self.node.body):
            if name.value in self._bound or self.source.meaning(name):
                continue
            if not self._is_handed_over(name):
                return f"it works on “{name.value}”, which others may change at the same time"
        return ""

    def _is_handed_over(self, name: cst.Name) -> bool:
        whole: cst.CSTNode = name
        parent = self.source.parent(whole)
        while isinstance(parent, cst.Attribute):
            whole, parent = parent, self.source.parent(parent)
        if isinstance(parent, cst.FormattedStringExpression | cst.BinaryOperation | cst.Comparison):
            return True
        while isinstance(parent, cst.Element | cst.Tuple):
            parent = self.source.parent(parent)
        call = self.source.parent(parent) if isinstance(parent, cst.Arg) else None
        if not isinstance(call, cst.Call):
            return False
        is_text = isinstance(call.func, cst.Attribute) and call.func.attr.value in ("write", "execute") and root(call.func) in self._bound
        return is_text or is_opener(self.source, call)

    def _results(self) -> str:
        for name in self.results:
            if name in self._opened:
                return f"“{name}” is used after it"
            values = [value for value, at_top in self._values(name) if at_top]
            if len(values) != 1 or len(list(self._values(name))) != 1:
                return f"“{name}” doesn't always get a value in it"
            if not self._is_whole(values[0]):
                return f"“{name}” may still belong to what was opened"
        last = _last(self.node.body.body)
        if self.has_return and self.results:
            return "it returns, and sets variables that are used elsewhere"
        if isinstance(last, cst.Return) and last.value is not None and not self._is_whole(last.value):
            return "what it returns may still belong to what was opened"
        return ""

    def _values(self, name: str) -> Iterator[tuple[cst.CSTNode, bool]]:
        """What the block gives a variable, and whether it always does."""
        for each, by in bindings_in(self.node.body):
            if each.value == name:
                line = self.source.parent(by)
                value = by.value if isinstance(by, cst.Assign | cst.AnnAssign) else None
                at_top = line is not None and self.source.parent(line) is self.node.body and value is not None
                yield value or by, at_top

    def _is_whole(self, value: cst.CSTNode) -> bool:
        if isinstance(value, cst.Name):
            values = list(self._values(value.value))
            return value.value not in self._opened and len(values) == 1 and self._is_whole(values[0][0])
        if isinstance(value, cst.Call):
            is_method = isinstance(value.func, cst.Attribute) and value.func.attr.value in _WHOLE_METHODS
            return is_method or self.source.meaning(value.func) in _WHOLE_CALLS
        if isinstance(value, cst.Subscript):
            return self._is_whole(value.value)
        if isinstance(value, cst.Tuple | cst.List):
            return all(self._is_whole(each.value) for each in value.elements)
        if isinstance(value, cst.Dict):
            return all(isinstance(each, cst.DictElement) and self._is_whole(each.value) for each in value.elements)
        return isinstance(value, _WHOLE_NODES)


def _last(body: Sequence[cst.CSTNode]) -> cst.CSTNode | None:
    """The last simple statement of a block."""
    line = body[-1] if body else None
    return _last(line.body) if isinstance(line, cst.SimpleStatementLine) else line
