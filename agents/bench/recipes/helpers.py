"""Plain functions of the module that block, and whether a call of theirs may run in a thread."""

import sys
from collections.abc import Sequence

import libcst as cst

from agents.bench.recipes.blocking import blocks, is_opener
from agents.bench.recipes.constants import constants, is_immutable_type
from agents.bench.recipes.coroutines import Shared
from agents.bench.recipes.names import bindings_in
from agents.bench.recipes.nodes import names_in, own, parts
from agents.bench.recipes.source import Source

_OTHERS = {"builtins", "requests", "httpx", "httpx2"}
# What has one state for the whole process: reading it in a thread is reading what others may change.
_SHARED = ("os.environ", "sys.", "random.", "locale.", "logging.config", "asyncio.", "signal.", "contextvars.")


def blocking_helper(source: Source, call: cst.Call, seen: Sequence[str] = ()) -> cst.FunctionDef | None:
    """The plain function of this module that is called, if it blocks itself or through others of the module."""
    function = module_function(source, call.func)
    if function is None or function.asynchronous or function.name.value in seen:
        return None
    calls = [each for each in own(function.body) if isinstance(each, cst.Call)]
    deeper = (*seen, function.name.value)
    is_blocking = any(blocks(source, each) or blocking_helper(source, each, deeper) is not None for each in calls)
    return function if is_blocking else None


def module_function(source: Source, func: cst.CSTNode) -> cst.FunctionDef | None:
    """The function of the module's own that a name means, where it means just one."""
    if not isinstance(func, cst.Name) or source.times_bound(func.value) != 1 or source.meaning(func):
        return None
    found = [each for each in source.module.body if isinstance(each, cst.FunctionDef) and each.name.value == func.value]
    inside = source.function_of(func)
    is_hidden = isinstance(inside, cst.FunctionDef) and func.value in own_names(inside)
    return found[0] if found and not is_hidden else None


def own_names(function: cst.FunctionDef) -> set[str]:
    """Its parameters and the variables that it binds."""
    return {name.value for name, _ in bindings_in(function.body)} | {each.name.value for each in parameters(function)}


def parameters(function: cst.FunctionDef) -> list[cst.Param]:
    """All its parameters, of every kind."""
    listed = function.params
    stars = [each for each in (listed.star_arg, listed.star_kwarg) if isinstance(each, cst.Param)]
    return [*listed.posonly_params, *listed.params, *listed.kwonly_params, *stars]


def thread_refused(source: Source, function: cst.FunctionDef, seen: Sequence[str] = ()) -> str:
    """The reason why this function can't run in a thread, "" if it can: it works on its own things and on what never changes."""
    name = function.name.value
    if function.decorators:
        return f"{name} is decorated"
    if any(isinstance(each, cst.Yield | cst.Global | cst.Nonlocal) for each in own(function.body)):
        return f"{name} yields, or changes variables of others"
    if any(isinstance(each, cst.FunctionDef | cst.ClassDef) for line in function.body.body for each in own_definitions(line)):
        return f"{name} defines functions or classes"
    changed = next(iter(Shared(source, function).changes()), None)
    if changed:
        return f"{name} changes {changed[0]}"
    return _used(source, function, (*seen, name)) or _handed(source, function)


def own_definitions(line: cst.CSTNode) -> list[cst.CSTNode]:
    """The functions and classes that are defined directly in this statement."""
    found = [each for node in own(line) for each in (node, *parts(node)) if isinstance(each, cst.FunctionDef | cst.ClassDef)]
    return list(dict.fromkeys(found))


def _used(source: Source, function: cst.FunctionDef, seen: Sequence[str]) -> str:
    mine, fixed = own_names(function), constants(source)
    for name in names_in(function.body):
        if name.value in mine or name.value in fixed or is_comprehension_name(source, name):
            continue
        meaning = source.meaning(name)
        if meaning and (meaning.split(".")[0] in _OTHERS or meaning.split(".")[0] in sys.stdlib_module_names):
            whole = source.meaning(source.parent(name) or name) or meaning
            if not f"{whole}.".startswith(_SHARED):
                continue
        other = module_function(source, name)
        if other is None:
            return f"{function.name.value} uses {name.value}, which others may change at the same time"
        reason = "" if other.name.value in seen else thread_refused(source, other, seen)
        if reason:
            return reason
    return ""


def is_comprehension_name(source: Source, name: cst.Name) -> bool:
    """Whether it is the variable of a comprehension that it stands in."""
    targets = [each for outer in source.around(name) if isinstance(outer, cst.BaseComp) for each in source.all(cst.CompFor, outer)]
    return any(each.value == name.value for target in targets for each in names_in(target.target))


def _handed(source: Source, function: cst.FunctionDef) -> str:
    """An argument must be a text, a number or the like: its annotation says so, or it is used only where nothing else would do."""
    for each in parameters(function):
        if each.annotation is not None and is_immutable_type(source, each.annotation.annotation):
            continue
        uses = [name for name in names_in(function.body) if name.value == each.name.value]
        if each.star or each.annotation is not None or not all(_is_scalar(source, name) for name in uses):
            return (
                f"{function.name.value} may work on an object that others change: “{each.name.value}” isn't annotated as a text or a number"
            )
    return ""


def _is_scalar(source: Source, name: cst.Name) -> bool:
    parent = source.parent(name)
    if isinstance(parent, cst.FormattedStringExpression | cst.BinaryOperation | cst.ComparisonTarget | cst.Comparison):
        return True
    while isinstance(parent, cst.Element | cst.Tuple):
        parent = source.parent(parent)
    call = source.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    is_query = isinstance(call.func, cst.Attribute) and call.func.attr.value == "execute"
    return is_query or blocks(source, call) or is_opener(source, call)
