"""Template functions that decide, compare and count."""

from collections.abc import Callable

from local_azure.template.errors import FUNCTIONS_HELP, TemplateError
from local_azure.template.functions.table import Value, bad_argument, function, number, truth

Lazy = Callable[[], Value]


@function("if", 3, lazy=True)
def choose(condition: Lazy, positive: Lazy, negative: Lazy) -> Value:
    """Return one of two values; the other is never evaluated."""
    return positive() if truth("if", condition()) else negative()


@function("and", 2, None, lazy=True)
def conjunction(*conditions: Lazy) -> bool:
    """Return whether all are true."""
    return all(truth("and", condition()) for condition in conditions)


@function("or", 2, None, lazy=True)
def disjunction(*conditions: Lazy) -> bool:
    """Return whether one is true."""
    return any(truth("or", condition()) for condition in conditions)


@function("not", 1)
def negation(value: Value) -> bool:
    """Return the opposite."""
    return not truth("not", value)


@function("coalesce", 1, None, lazy=True)
def coalesce(*values: Lazy) -> Value:
    """Return the first value that is not null."""
    return next((value for value in (lazy() for lazy in values) if value is not None), None)


@function("equals", 2)
def equals(left: Value, right: Value) -> bool:
    """Return whether two values of one type are the same."""
    return type(left) is type(right) and bool(left == right)


@function("true", 0)
def true() -> bool:
    """Return true."""
    return True


@function("false", 0)
def false() -> bool:
    """Return false."""
    return False


@function("null", 0)
def null() -> None:
    """Return null."""
    return


@function("bool", 1)
def boolean(value: Value) -> bool:
    """Convert a string or a number to a boolean."""
    if isinstance(value, bool | int):
        return bool(value)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise bad_argument("bool", "'true', 'false' or an integer", value)


@function("int", 1)
def integer(value: Value) -> int:
    """Convert a string to an integer."""
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise bad_argument("int", "a string or an integer", value) from error


def _compare(name: str, holds: Callable[[Value, Value], bool]) -> None:
    @function(name, 2)
    def compare(left: Value, right: Value) -> bool:
        """Compare numbers by size, strings by their characters."""
        if isinstance(left, str) and isinstance(right, str):
            return holds(left, right)
        return holds(number(name, left), number(name, right))


_compare("less", lambda left, right: bool(left < right))
_compare("lessOrEquals", lambda left, right: bool(left <= right))
_compare("greater", lambda left, right: bool(left > right))
_compare("greaterOrEquals", lambda left, right: bool(left >= right))


@function("add", 2)
def add(left: Value, right: Value) -> int:
    """Return the sum."""
    return number("add", left) + number("add", right)


@function("sub", 2)
def sub(left: Value, right: Value) -> int:
    """Return the difference."""
    return number("sub", left) - number("sub", right)


@function("mul", 2)
def mul(left: Value, right: Value) -> int:
    """Return the product."""
    return number("mul", left) * number("mul", right)


@function("div", 2)
def div(left: Value, right: Value) -> int:
    """Return the quotient, rounded towards zero."""
    dividend, divisor = number("div", left), number("div", right)
    if divisor == 0:
        raise TemplateError(f"Unable to evaluate template language function 'div': division by zero. {FUNCTIONS_HELP}")
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


@function("mod", 2)
def mod(left: Value, right: Value) -> int:
    """Return the remainder of `div`."""
    dividend, divisor = number("mod", left), number("mod", right)
    return dividend - int(div(dividend, divisor)) * divisor


@function("min", 1, None)
def minimum(*values: Value) -> int:
    """Return the smallest of some integers, or of one array of them."""
    return min(number("min", value) for value in _numbers(values))


@function("max", 1, None)
def maximum(*values: Value) -> int:
    """Return the largest of some integers, or of one array of them."""
    return max(number("max", value) for value in _numbers(values))


def _numbers(values: tuple[Value, ...]) -> list[Value]:
    return values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
