"""What surrounds a position of a text: its line, its statement, and whether it is inside a comment."""

from __future__ import annotations

import re
from bisect import bisect_right
from pathlib import PurePath
from typing import Final, NamedTuple

_SLASHES: Final = frozenset(
    {
        ".bicep",
        ".bicepparam",
        ".c",
        ".cpp",
        ".cs",
        ".css",
        ".cts",
        ".cue",
        ".go",
        ".gradle",
        ".groovy",
        ".h",
        ".java",
        ".js",
        ".json",
        ".json5",
        ".jsonc",
        ".jsonnet",
        ".jsx",
        ".kt",
        ".kts",
        ".libsonnet",
        ".mjs",
        ".mts",
        ".php",
        ".proto",
        ".rs",
        ".scala",
        ".swift",
        ".tf",
        ".tfvars",
        ".hcl",
        ".ts",
        ".tsx",
        ".fs",
        ".fsx",
    }
)
_NO_HASH: Final = frozenset(
    {
        ".bicep",
        ".bicepparam",
        ".c",
        ".cpp",
        ".cs",
        ".css",
        ".cue",
        ".go",
        ".gradle",
        ".groovy",
        ".h",
        ".html",
        ".htm",
        ".java",
        ".js",
        ".json",
        ".json5",
        ".jsonc",
        ".jsx",
        ".kt",
        ".kts",
        ".md",
        ".mjs",
        ".mts",
        ".rst",
        ".rs",
        ".scala",
        ".swift",
        ".ts",
        ".tsx",
        ".xml",
        ".csproj",
        ".props",
        ".targets",
        ".fs",
        ".fsx",
        ".bat",
        ".cmd",
        ".adoc",
    }
)
_MARKUP: Final = frozenset(
    {
        ".html",
        ".htm",
        ".md",
        ".xml",
        ".csproj",
        ".fsproj",
        ".vbproj",
        ".props",
        ".pubxml",
        ".targets",
        ".xaml",
        ".svg",
        ".config",
    }
)
_SEMICOLONS: Final = frozenset({".ini", ".cfg", ".container", ".image", ".kube", ".pod", ".service"})
_NAMED: Final = {"Jenkinsfile": ".groovy"}
_BATCH: Final = frozenset({".bat", ".cmd"})
_TEMPLATES: Final = frozenset({".yaml", ".yml", ".tpl", ".gotmpl"})

_HASH: Final = re.compile(r"(?:^|(?<=[\s\ufeff]))#")
_SLASH_SLASH: Final = re.compile(r"(?<![:\w\"'\\])//")
_SEMICOLON: Final = re.compile(r"^\s*;")
_REM: Final = re.compile(r"^\s*@?(?:rem\b|::)", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*(?:\"|$)|(?<![A-Za-z0-9])[fFrRbBuU]{0,2}'(?:[^'\\]|\\.)*(?:'|$)")
_QUOTED_WORD: Final = re.compile(r"([\"'])[^\"'\s]*\1")  # a password may hold what ends a command
_CONTINUED: Final = re.compile(r"(?:\\|`|\^)[ \t]*\r?$")
_COMMAND_END: Final = re.compile(r"&&|\|\||[;|]")
_OPTION_LINE: Final = re.compile(r"[ \t]*--?[a-zA-Z]")
_TEMPLATE_COMMENT: Final = re.compile(r"\{\{-?\s*/\*(?:(?!\*/).)*$", re.DOTALL)
_MOST_LINES: Final = 30
_NEAR: Final = 1000  # characters: minified files have lines of megabytes, and thousands of references in them
_MOST_GLOBS: Final = 30  # in a row, that are looked past for the beginning of a comment
_LONGEST_COMMENT: Final = 50_000  # characters


class Lines:
    """The lines of one text, to be asked about positions in it."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.suffix = _NAMED.get(PurePath(path).name, PurePath(path).suffix.lower())
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    @property
    def is_code(self) -> bool:
        """Whether a bare word is the name of something here, and no text."""
        return self.suffix in _SLASHES or self.suffix in {".py", ".rb"}

    def number(self, position: int) -> int:
        """Return the number, from 0, of the line that holds a position."""
        return bisect_right(self._starts, position) - 1

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
        """Return what stands before a position on its line, or the near part of it."""
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
        """Return the one command, of those that a statement chains, that a position is in."""
        statement = self.statement(position)
        plain = _QUOTED_WORD.sub(_blank, self.text[statement.start : statement.end])
        cuts = [
            Span(statement.start + cut.start(), statement.start + cut.end()) for cut in _COMMAND_END.finditer(plain)
        ]
        first = max((cut.end for cut in cuts if cut.end <= position), default=statement.start)
        return Span(first, min((cut.start for cut in cuts if cut.start >= position), default=statement.end))

    def _continues(self, number: int) -> bool:
        """Whether a line goes on with the command of the line above it."""
        return bool(_CONTINUED.search(self.line(number - 1)) or _OPTION_LINE.match(self.line(number)))

    def in_comment(self, position: int) -> bool:
        """Whether a position is inside a comment of the file's language."""
        head = _QUOTED.sub(_blank, self.before(position))
        if self.suffix not in _NO_HASH and _HASH.search(head):
            return True
        if self.suffix in _SLASHES and (_SLASH_SLASH.search(head) or self._inside(position, "/*", "*/")):
            return True
        if self.suffix in _MARKUP and self._inside(position, "<!--", "-->"):
            return True
        if self.suffix in _TEMPLATES and self._inside(position, "/*", "*/}}"):
            return bool(_TEMPLATE_COMMENT.search(self.text[max(0, position - _LONGEST_COMMENT) : position]))
        if self.suffix in _BATCH and _REM.search(head):
            return True
        return self.suffix in _SEMICOLONS and bool(_SEMICOLON.search(head))

    def _inside(self, position: int, opening: str, closing: str) -> bool:
        """Whether the last opening before a position is not closed before it. One in quotes, a glob, opens nothing."""
        first, opened = max(0, position - _LONGEST_COMMENT), position
        for _ in range(_MOST_GLOBS):
            opened = self.text.rfind(opening, first, opened)
            if opened < 0 or self.text.find(closing, opened, position) >= 0:
                return False
            if _QUOTED.sub(_blank, self.before(opened) + opening).endswith(opening):
                return True
        return False


class Span(NamedTuple):
    """A stretch of a text."""

    start: int
    end: int


def _blank(match: re.Match[str]) -> str:
    """Return a string literal's room without what is in it, or what is open at the end of it."""
    return " " * (len(match[0]) - 1) + "x"
