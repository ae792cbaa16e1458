"""Expressions of the query language: text in, a function from a row to a value out."""

import re
from collections.abc import Callable
from typing import Any

from local_azure.graph_queries.values import COMPARISONS, FUNCTIONS, MEMBERSHIPS, NEGATED, Row, UnsupportedQuery

Expression = Callable[[Row], Any]
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>@?'(?:[^'\\]|\\.)*'|@?"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<word>!?(?:in~|mv-expand|[A-Za-z_$][\w$]*))|(?P<symbol>==|=~|!=|!~|<=|>=|[<>=|(),.\[\]]))"""
)
_COMMENT = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|//[^\n]*""")


class Tokens:
    """The tokens of a query, taken one by one."""

    def __init__(self, query: str) -> None:
        text = _COMMENT.sub(lambda match: match.group(1) or " ", query).rstrip().rstrip(";").rstrip()
        self.items: list[tuple[str, str]] = []
        self.position = 0
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise UnsupportedQuery(f"the text at '{text[at:].lstrip()[:20]}' is not understood")
            kind = str(match.lastgroup)
            self.items.append((kind, match.group(kind)))
            at = match.end()

    @property
    def kind(self) -> str:
        """Return the kind of the next token: string, number, word, symbol, or end."""
        return self.items[self.position][0] if self.position < len(self.items) else "end"

    @property
    def text(self) -> str:
        """Return the next token, or an empty string at the end."""
        return self.items[self.position][1] if self.position < len(self.items) else ""

    def take(self) -> str:
        """Take and return the next token."""
        text = self.text
        self.position += 1
        return text

    def skip(self, *texts: str) -> bool:
        """Take the next token if it is one of these, and return whether it was. Words are compared in lower case."""
        found = self.kind in ("word", "symbol") and self.text.lower() in texts
        self.position += found
        return found

    def expect(self, text: str) -> None:
        """Take the token that must come now."""
        if not self.skip(text):
            raise UnsupportedQuery(f"'{text}' is expected before '{self.text or 'the end of the query'}'")

    def name(self) -> str:
        """Take and return a name."""
        if self.kind != "word":
            raise UnsupportedQuery(f"a name is expected before '{self.text or 'the end of the query'}'")
        return self.take()


def condition(tokens: Tokens) -> Expression:
    """Parse `or` of `and`s of comparisons."""
    parts = [_conjunction(tokens)]
    while tokens.skip("or"):
        parts.append(_conjunction(tokens))
    return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)


def _conjunction(tokens: Tokens) -> Expression:
    parts = [comparison(tokens)]
    while tokens.skip("and"):
        parts.append(comparison(tokens))
    return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)


def comparison(tokens: Tokens) -> Expression:
    """Parse a value, or two with a comparison between them."""
    left = _value(tokens)
    operator = tokens.text.lower()
    negated = operator.startswith("!") and (operator in NEGATED or operator[1:] in MEMBERSHIPS)
    positive = NEGATED.get(operator, operator.removeprefix("!") if negated else operator)
    if positive in COMPARISONS:
        tokens.take()
        return _compare(left, COMPARISONS[positive], _value(tokens), negated=negated)
    if positive in MEMBERSHIPS:
        tokens.take()
        return _member(left, MEMBERSHIPS[positive], _list(tokens), negated=negated)
    if tokens.kind == "word" and operator not in ("and", "or", "by", "asc", "desc"):
        raise UnsupportedQuery(f"the operator '{tokens.text}' is not supported")
    return left


def _compare(left: Expression, holds: Callable[[Any, Any], bool], right: Expression, *, negated: bool) -> Expression:
    return lambda row: holds(left(row), right(row)) is not negated


def _member(
    left: Expression, same: Callable[[Any, Any], bool], items: list[Expression], *, negated: bool
) -> Expression:
    return lambda row: any(same(left(row), item(row)) for item in items) is not negated


def _list(tokens: Tokens) -> list[Expression]:
    tokens.expect("(")
    items = [_value(tokens)]
    while tokens.skip(","):
        items.append(_value(tokens))
    tokens.expect(")")
    return items


def _value(tokens: Tokens) -> Expression:
    if tokens.kind == "string":
        return _constant(_unquoted(tokens.take()))
    if tokens.kind == "number":
        text = tokens.take()
        return _constant(float(text) if "." in text else int(text))
    if tokens.skip("("):
        inner = condition(tokens)
        tokens.expect(")")
        return inner
    name = tokens.name()
    if name.lower() in ("true", "false"):
        return _constant(name.lower() == "true")
    if tokens.skip("("):
        return _path(tokens, _call(tokens, name))
    return _path(tokens, lambda row: row.get(name))


def _constant(value: Any) -> Expression:
    return lambda _: value


def _unquoted(text: str) -> str:
    if text.startswith("@"):
        return text[2:-1]
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _call(tokens: Tokens, name: str) -> Expression:
    function = FUNCTIONS.get(name.lower())
    if function is None:
        raise UnsupportedQuery(f"the function '{name}' is not supported")
    arguments: list[Expression] = []
    while not tokens.skip(")"):
        arguments.append(condition(tokens))
        if not tokens.skip(","):
            tokens.expect(")")
            break
    return lambda row: function(*(argument(row) for argument in arguments))


def _path(tokens: Tokens, start: Expression) -> Expression:
    """Parse `properties.x['y'][0].z` after its first name."""
    value = start
    while True:
        if tokens.skip("."):
            value = _step(value, tokens.name())
        elif tokens.skip("["):
            key = _unquoted(tokens.take()) if tokens.kind == "string" else int(tokens.take())
            tokens.expect("]")
            value = _step(value, key)
        else:
            return value


def _step(target: Expression, key: str | int) -> Expression:
    def step(row: Row) -> Any:
        value = target(row)
        if isinstance(value, dict) and isinstance(key, str):
            return value.get(key)
        if isinstance(value, list) and isinstance(key, int):
            return value[key] if key < len(value) else None
        return None

    return step
