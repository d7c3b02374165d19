"""Whether a function provably gives the same answer for the same arguments and does nothing else."""

import builtins
from collections.abc import Sequence

import libcst as cst

from agents.bench.recipes.constants import constants, is_immutable_type
from agents.bench.recipes.coroutines import Shared
from agents.bench.recipes.helpers import is_comprehension_name, module_function, own_definitions, own_names, parameters
from agents.bench.recipes.nodes import names_in, own, walk
from agents.bench.recipes.source import Source

# Values that can't change and whose methods only work things out: a path's would read files.
_GIVEN = frozenset(
    {f"builtins.{name}" for name in ("int", "str", "float", "bool", "bytes", "complex")} | {"fractions.Fraction", "uuid.UUID"}
)
# A cache takes 0.0 and -0.0 for the same.
_TAKEN = _GIVEN - {"builtins.float", "builtins.complex"}
_MAKERS = frozenset(
    {f"builtins.{name}" for name in ("int", "str", "float", "bool", "bytes", "frozenset", "tuple")} | {"re.compile", "os.getenv"}
)
_BUILTINS = frozenset(
    {
        *(
            "abs",
            "all",
            "any",
            "ascii",
            "bin",
            "bool",
            "bytearray",
            "bytes",
            "chr",
            "complex",
            "dict",
            "divmod",
            "enumerate",
            "filter",
            "float",
        ),
        *(
            "format",
            "frozenset",
            "hex",
            "int",
            "isinstance",
            "len",
            "list",
            "map",
            "max",
            "min",
            "oct",
            "ord",
            "pow",
            "range",
            "repr",
            "reversed",
        ),
        *("round", "set", "slice", "sorted", "str", "sum", "tuple", "zip", "True", "False", "None", "NotImplemented"),
        *(name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)),
    }
)
_MODULES = (
    *("math.", "cmath.", "operator.", "itertools.", "functools.reduce", "functools.partial", "re.", "unicodedata.", "string.", "textwrap."),
    *("zlib.", "hashlib.", "base64.", "binascii.", "html.", "statistics.", "fractions.", "bisect.", "heapq.", "struct.", "collections."),
    *("json.loads", "json.dumps", "urllib.parse.", "uuid.UUID", "uuid.uuid3", "uuid.uuid5", "difflib."),
)
_REFUSED: tuple[tuple[tuple[type[cst.CSTNode], ...], str], ...] = (
    ((cst.Await, cst.Asynchronous), "it waits"),
    ((cst.Yield,), "it is a generator"),
    ((cst.Global, cst.Nonlocal), "it changes variables of others"),
    ((cst.With,), "it uses a “with”"),
    ((cst.Import, cst.ImportFrom, cst.Match, cst.Lambda, cst.Del), "it does what isn't looked into (import, match, lambda, del)"),
)


def uncacheable(source: Source, function: cst.FunctionDef) -> str:
    """The reason why its answers can't be kept, "" if they can: it is pure, and what it takes and gives can't be changed by anybody."""
    return _signature(source, function) or impurity(source, function) or _depth(source, function)


def _signature(source: Source, function: cst.FunctionDef) -> str:
    if source.parent(function) is not source.module:
        return "it is a method, or is defined inside another function"
    if function.asynchronous:
        return "it is a coroutine"
    if function.decorators:
        return "it is decorated"
    if isinstance(function.params.star_arg, cst.Param) or function.params.star_kwarg is not None:
        return "it takes any number of arguments"
    for each in parameters(function):
        if each.annotation is None or not is_immutable_type(source, each.annotation.annotation, _TAKEN):
            return f"“{each.name.value}” isn't annotated as a type whose values never change and are equal only if they are the same"
    if function.returns is None or not is_immutable_type(source, function.returns.annotation, _GIVEN):
        return "its answer isn't annotated as a type whose values never change: those who share one could change it"
    return ""


def impurity(source: Source, function: cst.FunctionDef, seen: Sequence[str] = ()) -> str:
    """The reason why it may do more than work out an answer, or not always the same one; "" if neither."""
    for node in walk(function.body):
        for kinds, reason in _REFUSED:
            if isinstance(node, kinds):
                return reason
    if any(own_definitions(line) for line in function.body.body):
        return "it defines functions or classes"
    changed = next(iter(Shared(source, function).changes()), None)
    return f"it changes {changed[0]}" if changed else _used(source, function, (*seen, function.name.value))


def _used(source: Source, function: cst.FunctionDef, seen: Sequence[str]) -> str:
    mine = own_names(function) | constants(source, _MAKERS)
    for name in names_in(function.body):
        if name.value in mine or is_comprehension_name(source, name) or _is_known(source, name):
            continue
        other = module_function(source, name)
        if other is None:
            return f"it uses {name.value}, which isn't known to be always the same"
        reason = "" if other.name.value in seen else impurity(source, other, seen)
        if reason or other.asynchronous or other.decorators:
            return f"it uses {name.value}: {reason or 'that is decorated or a coroutine'}"
    return ""


def _is_known(source: Source, name: cst.Name) -> bool:
    parent = source.parent(name)
    whole = source.meaning(parent) if isinstance(parent, cst.Attribute) else ""
    meaning = whole or source.meaning(name)
    return meaning.removeprefix("builtins.") in _BUILTINS if meaning.startswith("builtins.") else f"{meaning}.".startswith(_MODULES)


def _depth(source: Source, function: cst.FunctionDef) -> str:
    """A cache takes a level of its own of the interpreter's recursion limit, so what only goes deep would get half as deep."""
    name = function.name.value
    calls = [
        each for each in own(function.body) if isinstance(each, cst.Call) and isinstance(each.func, cst.Name) and each.func.value == name
    ]
    loops = (cst.For, cst.While, cst.BaseComp)
    if len(calls) == 1 and not any(isinstance(each, loops) and source.is_inside(each, function) for each in source.around(calls[0])):
        return "it calls itself once per level, and would reach half the depth with a cache"
    return ""
