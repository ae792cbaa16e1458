"""The grammar of template expressions: text in, syntax tree out.

An expression is a string of the form `[...]`; `[[...` is a string that begins with a bracket. Inside: string and
integer literals, function calls, and access to members by `.name` or `[index]`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from local_azure.template.errors import TemplateError


@dataclass(frozen=True)
class Literal:
    """A string or an integer."""

    value: str | int


@dataclass(frozen=True)
class Call:
    """A function call; the name keeps the case in which it was written."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Member:
    """A property or an element of a value."""

    target: "Node"
    key: "Node"


Node = Literal | Call | Member

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<integer>-?\d+)|(?P<name>[A-Za-z_$][\w$]*)|(?P<symbol>[()\[\],.]))",
)


def is_expression(text: str) -> bool:
    """Return whether Azure would evaluate this string."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def unescape(text: str) -> str:
    """Return the string of a value that is not an expression."""
    return text[1:] if text.startswith("[[") else text


def escape(text: str) -> str:
    """Return the template value that evaluates to this string."""
    return f"[{text}" if text.startswith("[") and text.endswith("]") else text


@lru_cache(maxsize=4096)
def parse(expression: str) -> Node:
    """Return the syntax tree of an expression, brackets included in the text.

    Raises TemplateError if it is not well-formed.
    """
    return _Parser(expression).expression()


def calls(node: Node) -> list[Call]:
    """Return every function call in a tree, outermost first."""
    if isinstance(node, Literal):
        return []
    if isinstance(node, Member):
        return calls(node.target) + calls(node.key)
    return [node] + [call for argument in node.arguments for call in calls(argument)]


class _Parser:
    """A recursive-descent parser over one expression."""

    def __init__(self, expression: str) -> None:
        self.text = expression
        self.tokens = _tokens(expression)
        self.position = 0

    def expression(self) -> Node:
        node = self.node()
        if self.position < len(self.tokens):
            raise self.unexpected("EndOfData")
        return node

    def node(self) -> Node:
        kind, text = self.take("LeftParenthesis")
        node: Node
        if kind == "string":
            node = Literal(text[1:-1].replace("''", "'"))
        elif kind == "integer":
            node = Literal(int(text))
        elif kind == "name":
            node = self.call(text)
        else:
            self.position -= 1
            raise self.unexpected("Literal")
        return self.members(node)

    def call(self, name: str) -> Call:
        while self.skip("."):  # a function of a namespace: contoso.uniqueName()
            name += "." + self.take("Identifier")[1]
        self.expect("(", "LeftParenthesis")
        arguments: list[Node] = []
        if self.skip(")"):
            return Call(name, ())
        arguments.append(self.node())
        while self.skip(","):
            arguments.append(self.node())
        self.expect(")", "RightParenthesis")
        return Call(name, tuple(arguments))

    def members(self, node: Node) -> Node:
        while True:
            if self.skip("."):
                node = Member(node, Literal(self.take("Identifier")[1]))
            elif self.skip("["):
                node = Member(node, self.node())
                self.expect("]", "RightSquareBracket")
            else:
                return node

    def take(self, expected: str) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            raise self.unexpected(expected)
        self.position += 1
        return self.tokens[self.position - 1]

    def skip(self, symbol: str) -> bool:
        found = self.position < len(self.tokens) and self.tokens[self.position] == ("symbol", symbol)
        self.position += found
        return found

    def expect(self, symbol: str, name: str) -> None:
        if not self.skip(symbol):
            raise self.unexpected(name)

    def unexpected(self, expected: str) -> TemplateError:
        actual = self.tokens[self.position][1] if self.position < len(self.tokens) else "EndOfData"
        return TemplateError(
            f"Unable to parse language expression '{self.text[1:-1]}': "
            f"expected token '{expected}' and actual '{actual}'"
        )


def _tokens(expression: str) -> list[tuple[str, str]]:
    """Return kind and text of each token inside the brackets."""
    inner = expression[1:-1].rstrip()
    tokens: list[tuple[str, str]] = []
    position = 0
    while position < len(inner):
        match = _TOKEN.match(inner, position)
        if match is None:
            raise TemplateError(
                f"The language expression '{inner}' is not valid: the string character "
                f"'{inner[position:].lstrip()[:1]}' at position '{position}' is not expected"
            )
        tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        position = match.end()
    return tokens
