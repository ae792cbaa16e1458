"""The surroundings of a position in a text: its line, its statement, and the language."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from pathlib import PurePath
from typing import Final, NamedTuple

# Languages in which a bare word is an identifier, not a literal.
_CODE: Final = re.compile(
    r"\.(?:bicep(?:param)?|c|cc|cpp|csx?|cts|cue|dart|exs?|fsx?|go|gradle|groovy|h|hcl|hpp|java|jsx?|json[5c]?|jsonnet|kts?"
    r"|libsonnet|lua|mjs|mts|nomad|php|pkl|pl|py|rb|rs|scala|star|swift|tf|tfvars|tsx?|vue)"
)
_NAMED: Final = {"Jenkinsfile": ".groovy"}
_QUOTED_WORD: Final = re.compile(r"([\"'])[^\"'\s]*\1")  # a password may hold what ends a command
_CONTINUED: Final = re.compile(r"(?:\\|`|\^)[ \t]*\r?\Z")
_COMMAND_END: Final = re.compile(r"&&|\|\||[;|]")
_OPTION_LINE: Final = re.compile(r"[ \t]*--?[a-zA-Z]")
_MOST_LINES: Final = 30
_NEAR: Final = 1000  # characters: minified files have lines of megabytes, and thousands of references in them


class Lines:
    """The lines of one text, with queries about positions in it."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.suffix = _suffix(path)
        self._found: dict[re.Pattern[str], list[int]] = {}
        self._continuing: dict[int, bool] = {}
        self._parts: tuple[Span, str, list[Span]] | None = None
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    @property
    def is_code(self) -> bool:
        """Return whether a bare word is an identifier here, not a literal."""
        return bool(_CODE.fullmatch(self.suffix))

    def near(self, pattern: re.Pattern[str], position: int, before: int, after: int = 0) -> bool:
        """Return whether a pattern begins within so many characters of a position. Each is searched for once."""
        if pattern not in self._found:
            self._found[pattern] = [match.start() for match in pattern.finditer(self.text)]
        starts = self._found[pattern]
        at = bisect_left(starts, position - before)
        return at < len(starts) and starts[at] <= position + after

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Return whether a pattern is anywhere in the text."""
        return self.near(pattern, 0, 0, len(self.text))

    def number(self, position: int) -> int:
        """Return the number, from 0, of the line with a position."""
        return bisect_right(self._starts, position) - 1

    def start_of(self, number: int) -> int:
        """Return where a line begins."""
        return self._starts[number]

    def place(self, position: int) -> tuple[int, int]:
        """Return line and column, both from 1."""
        line = self.number(position)
        return line + 1, position - self._starts[line] + 1

    def line(self, number: int) -> str:
        """Return a line without its end; empty for a number that is outside the text."""
        if not 0 <= number < len(self._starts):
            return ""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.text[self._starts[number] : min(end, self._starts[number] + _NEAR)].rstrip("\r\n")

    def before(self, position: int) -> str:
        """Return the text before a position on its line, or the near part of it."""
        return self.text[max(self._starts[self.number(position)], position - _NEAR) : position]

    def statement(self, position: int) -> Span:
        """Return the command around a position: its line, the lines it continues, and option lines below it."""
        first = last = self.number(position)
        while first > 0 and last - first < _MOST_LINES and self._continues(first):
            first -= 1
        while last + 1 < len(self._starts) and last - first < _MOST_LINES and self._continues(last + 1):
            last += 1
        end = self._starts[last + 1] if last + 1 < len(self._starts) else len(self.text)
        return Span(max(self._starts[first], position - _NEAR), min(end, position + _NEAR))

    def command(self, position: int) -> Span:
        """Return the one command around a position, among those that a statement chains or has in parentheses."""
        statement, plain, cuts = self._commands(self.statement(position))
        first = max((cut.end for cut in cuts if cut.end <= position), default=statement.start)
        last = min((cut.start for cut in cuts if cut.start >= position), default=statement.end)
        opening = unmatched(plain[first - statement.start : position - statement.start][::-1], "(", ")")
        closing = unmatched(plain[position - statement.start : last - statement.start], ")", "(")
        return Span(first if opening is None else position - opening, last if closing is None else position + closing)

    def _commands(self, statement: Span) -> tuple[Span, str, list[Span]]:
        """Return a statement, its text with quotes emptied, and the ends of its commands; cached for the next place."""
        if self._parts is None or self._parts[0] != statement:
            plain = _QUOTED_WORD.sub(blank, self.text[slice(*statement)])
            ends = _COMMAND_END.finditer(plain)
            cuts = [Span(statement.start + end.start(), statement.start + end.end()) for end in ends]
            self._parts = statement, plain, cuts
        return self._parts

    def _continues(self, number: int) -> bool:
        """Return whether a line continues the command of the line above it. Each line is looked at once."""
        known = self._continuing.get(number)
        if known is None:
            known = bool(_CONTINUED.search(self.line(number - 1)) or _OPTION_LINE.match(self.line(number)))
            self._continuing[number] = known
        return known


@lru_cache(maxsize=16)
def _suffix(path: str) -> str:
    name = PurePath(path).name
    return _NAMED.get(name, PurePath(name).suffix.lower())


class Span(NamedTuple):
    """A stretch of a text."""

    start: int
    end: int


def blank(match: re.Match[str]) -> str:
    """Return blanks for a string literal, or its open end."""
    return " " * (len(match[0]) - 1) + "x"


def unmatched(text: str, wanted: str, other: str) -> int | None:
    """Return the position of a brace without a counterpart before it."""
    if wanted not in text:
        return None
    depth = 0
    for match in _marks(wanted, other).finditer(text):
        if match[0] == other:
            depth += 1
        elif depth == 0:
            return match.start()
        else:
            depth -= 1
    return None


@lru_cache(maxsize=16)
def _marks(wanted: str, other: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(wanted + other)}]")
