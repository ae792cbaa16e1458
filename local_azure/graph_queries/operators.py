"""The operators between the bars of a query: each takes rows and gives rows."""

from collections.abc import Callable, Iterable
from functools import cmp_to_key
from typing import Any

from local_azure.graph_queries.expressions import Expression, Tokens, comparison, condition
from local_azure.graph_queries.values import Row, UnsupportedQuery, as_text

Rows = list[Row]
Operator = Callable[[Rows], Rows]


def parse(query: str) -> tuple[str, list[Operator]]:
    """Parse a query into its table and operators. Raises UnsupportedQuery."""
    tokens = Tokens(query)
    table = tokens.name().lower()
    operators: list[Operator] = []
    while tokens.kind != "end":
        tokens.expect("|")
        operators.append(_operator(tokens))
    return table, operators


def _operator(tokens: Tokens) -> Operator:
    name = tokens.name().lower()
    known = OPERATORS.get(name)
    if known is None:
        raise UnsupportedQuery(f"the operator '{name}' is not supported")
    return known(tokens)


def _where(tokens: Tokens) -> Operator:
    holds = condition(tokens)
    return lambda rows: [row for row in rows if holds(row)]


def _assignments(tokens: Tokens) -> list[tuple[str, Expression]]:
    """Parse columns as `project` and `extend` list them: `name = expression, name, ...`."""
    found = [_assignment(tokens)]
    while tokens.skip(","):
        found.append(_assignment(tokens))
    return found


def _assignment(tokens: Tokens) -> tuple[str, Expression]:
    start = tokens.position
    name = tokens.name()
    if tokens.skip("="):
        return name, comparison(tokens)
    tokens.position = start
    value = comparison(tokens)
    # Without a name of its own a path is named after its parts: properties.sku.name becomes properties_sku_name.
    parts = [text for kind, text in tokens.items[start : tokens.position] if kind == "word"]
    return "_".join(parts), value


def _extend(tokens: Tokens) -> Operator:
    columns = _assignments(tokens)

    def extend(rows: Rows) -> Rows:
        extended = [dict(row) for row in rows]
        for name, value in columns:
            for row in extended:
                row[name] = value(row)
        return extended

    return extend


def _project(tokens: Tokens) -> Operator:
    columns = _assignments(tokens)
    return lambda rows: [{name: value(row) for name, value in columns} for row in rows]


def _distinct(tokens: Tokens) -> Operator:
    columns = _assignments(tokens)

    def distinct(rows: Rows) -> Rows:
        kept = {as_text(row): row for row in ({name: value(row) for name, value in columns} for row in rows)}
        return list(kept.values())

    return distinct


def _expand(tokens: Tokens) -> Operator:
    name, value = _assignment(tokens)

    def expand(rows: Rows) -> Rows:
        return [{**row, name: item} for row in rows for item in _items(value(row))]

    return expand


def _items(value: Any) -> Iterable[Any]:
    """Return the items; an empty array still gives one row, with null in it."""
    if isinstance(value, dict):
        return [{key: item} for key, item in value.items()] or [None]
    return (value or [None]) if isinstance(value, list) else [value]


def _order(tokens: Tokens) -> Operator:
    tokens.expect("by")
    keys: list[tuple[Expression, int]] = []
    while True:
        value = comparison(tokens)
        ascending = tokens.skip("asc")
        if not ascending:
            tokens.skip("desc")  # descending is the language's default
        keys.append((value, 1 if ascending else -1))
        if not tokens.skip(","):
            break

    def compare(left: Row, right: Row) -> int:
        for value, direction in keys:
            order = _compare(value(left), value(right))
            if order:
                return order * direction
        return 0

    return lambda rows: sorted(rows, key=cmp_to_key(compare))


def _compare(left: Any, right: Any) -> int:
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        left, right = as_text(left), as_text(right)
    return int(left > right) - int(left < right)


def _limit(tokens: Tokens) -> Operator:
    if tokens.kind != "number":
        raise UnsupportedQuery(f"a number is expected before '{tokens.text or 'the end of the query'}'")
    count = int(tokens.take())
    return lambda rows: rows[:count]


def _count(tokens: Tokens) -> Operator:
    del tokens
    return lambda rows: [{"Count": len(rows)}]


OPERATORS: dict[str, Callable[[Tokens], Operator]] = {
    "where": _where,
    "extend": _extend,
    "project": _project,
    "distinct": _distinct,
    "mv-expand": _expand,
    "mvexpand": _expand,
    "order": _order,
    "sort": _order,
    "limit": _limit,
    "take": _limit,
    "count": _count,
}
