"""The tool that calculates: decimal numbers, exact where they can be, and nothing that takes long."""

import ast
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DivisionByZero, DivisionUndefined, InvalidOperation, Overflow, localcontext
from typing import Annotated

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import answer
from project.errors import Invalid
from project.wire import Payload

_MOST_CHARS = 300
_DIGITS, _SHOWN_DIGITS = 50, 16
# Wide enough for anything people count, narrow enough that no power takes long or fills a page.
_PRECISE = Context(prec=_DIGITS, Emax=999, Emin=-999, traps=[DivisionByZero, InvalidOperation, Overflow])

_SPELLINGS = str.maketrans({"×": "*", "÷": "/", "−": "-", "·": "*", "^": "**"})
# Possessive: what was read as a token is never read as two, which would double the time with every **.
_TOKENS = re.compile(
    r"(?:\s++|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?(?![\w.])|\b(?:abs|round|min|max|sum|sqrt)\b(?=\s*\()|//|\*\*|[-+*/%(),])*+"
)

_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: (left / right).to_integral_value("ROUND_FLOOR"),
    ast.Mod: lambda left, right: left - right * (left / right).to_integral_value("ROUND_FLOOR"),
    ast.Pow: lambda left, right: left**right,
}


def _round(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    if places != places.to_integral_value() or not -_DIGITS <= places <= _DIGITS:
        raise Invalid(f"round takes whole places from -{_DIGITS} to {_DIGITS}.")
    return value.quantize(Decimal(1).scaleb(-int(places)))


_FUNCTIONS: Mapping[str, Callable[..., Decimal]] = {
    "abs": abs,
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
    "round": _round,
    "sqrt": lambda value: value.sqrt(),
    "sum": lambda *values: sum(values, Decimal(0)),
}


class Arguments(Payload):
    expression: Annotated[
        str,
        Field(
            min_length=1,
            max_length=_MOST_CHARS,
            description="Numbers with + - * / // % ** and brackets; abs, round, min, max, sum and sqrt. 20 % of 50 is 0.2 * 50.",
        ),
    ]


def calculate(expression: str) -> str:
    """The value of `expression`, written out; Invalid says why there is none."""
    source = expression.translate(_SPELLINGS).strip()
    if not _TOKENS.fullmatch(source):
        raise Invalid("Only numbers, + - * / // % **, brackets, and abs, round, min, max, sum and sqrt are calculated.")
    try:
        tree = ast.parse(source, mode="eval")
        with localcontext(_PRECISE):
            return _written(_value(tree.body, source))
    except (SyntaxError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise Invalid("This can't be read as a calculation.") from error
    except Overflow as error:
        raise Invalid("The result is too large.") from error
    except (DivisionByZero, DivisionUndefined) as error:
        raise Invalid("This divides by zero.") from error
    except InvalidOperation as error:
        raise Invalid("This has no result.") from error


def _value(node: ast.expr, source: str) -> Decimal:
    match node:
        case ast.Constant():
            return +Decimal(ast.get_source_segment(source, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, source)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, source)
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATIONS[type(operator)](_value(left, source), _value(right, source))
        case ast.Call(func=ast.Name(id=name), args=values, keywords=[]):
            return _FUNCTIONS[name](*(_value(each, source) for each in values))
    raise TypeError(f"no part of a calculation: {type(node).__name__}")


def _written(value: Decimal) -> str:
    """Whole numbers whole, others to sixteen digits; what is very large or small with an exponent."""
    if not value.is_finite():  # zero to a negative power
        raise DivisionByZero
    if value == value.to_integral_value() and abs(value) < Decimal(10) ** _DIGITS:
        return format(value.to_integral_value() + 0, "f")
    shown = Context(prec=_SHOWN_DIGITS).plus(value).normalize()
    return format(shown, "f") if -12 < shown.adjusted() < _DIGITS else str(shown)


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    del context
    expression = " ".join(arguments.expression.split())
    result = calculate(expression)
    return answer({"expression": expression, "result": result}, f"{expression} = {result}")


TOOL = Tool(
    name="calculator",
    title="Calculate",
    description="The value of an expression of decimal numbers.",
    arguments=Arguments,
    tool_class="read",
    run=_run,
)
