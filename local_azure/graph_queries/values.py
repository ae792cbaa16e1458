"""Values in rows: paths into them, text of them, and the comparisons of the query language."""

import json
import re
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


class UnsupportedQuery(Exception):
    """The query cannot be answered: it is no query, or uses what the embedded Azure does not know."""


def as_text(value: Any) -> str:
    """Return the result of tostring() for a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def is_empty(value: Any) -> bool:
    """Return the result of isempty(): true for null and the empty string."""
    return value is None or value == ""


def equal(left: Any, right: Any) -> bool:
    """Compare as `==`: numbers and booleans by value, everything else by its text."""
    if isinstance(right, str):
        return as_text(left) == right
    return left is not None and bool(left == right)


def equal_in_any_case(left: Any, right: Any) -> bool:
    """Compare as `=~`: in any case."""
    return as_text(left).lower() == as_text(right).lower()


def has_term(left: Any, right: Any) -> bool:
    """Search as `has`: a whole word, in any case; words are runs of letters and digits."""
    term = re.escape(as_text(right))
    return re.search(rf"(?<![A-Za-z0-9]){term}(?![A-Za-z0-9])", as_text(left), re.IGNORECASE) is not None


def contains(left: Any, right: Any) -> bool:
    """Search as `contains`: anywhere, in any case."""
    return as_text(right).lower() in as_text(left).lower()


def starts_with(left: Any, right: Any) -> bool:
    """Compare as `startswith`, in any case."""
    return as_text(left).lower().startswith(as_text(right).lower())


def ends_with(left: Any, right: Any) -> bool:
    """Compare as `endswith`, in any case."""
    return as_text(left).lower().endswith(as_text(right).lower())


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        comparable = type(left) is type(right) or {type(left), type(right)} <= {int, float}
        return comparable and left is not None and holds(left, right)

    return compare


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "=~": equal_in_any_case,
    "has": has_term,
    "contains": contains,
    "startswith": starts_with,
    "endswith": ends_with,
    "<": _ordered(lambda left, right: bool(left < right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
}
NEGATED = {
    "!=": "==",
    "!~": "=~",
    "!has": "has",
    "!contains": "contains",
    "!startswith": "startswith",
    "!endswith": "endswith",
}
MEMBERSHIPS: dict[str, Callable[[Any, Any], bool]] = {"in": equal, "in~": equal_in_any_case}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "tostring": as_text,
    "tolower": lambda value: as_text(value).lower(),
    "toupper": lambda value: as_text(value).upper(),
    "strcat": lambda *values: "".join(as_text(value) for value in values),
    "isempty": is_empty,
    "isnotempty": lambda value: not is_empty(value),
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "not": lambda value: not value,
    "array_length": lambda value: len(value) if isinstance(value, list) else None,
    "coalesce": lambda *values: next((value for value in values if not is_empty(value)), None),
}
