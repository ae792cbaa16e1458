"""The samples in a document: each block of code is classified separately from the rest."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from acr_relocate.references.definitions import defines_in_code
from acr_relocate.references.source_text import Lines, Span

_DOCUMENTS: Final = re.compile(r"\.(?:adoc|asciidoc|html?|markdown|mdx?|org|rst|tex|textile|txt|wiki)")
_FENCE: Final = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,}|-{4,}[ \t\r]*$|\.{4,}[ \t\r]*$|={4,}[ \t\r]*$)"
    r"|(?P<tag><(?P<end>/?)pre\b)|^#\+(?:BEGIN|END)_SRC",
    re.MULTILINE | re.IGNORECASE,
)
_INDENTED: Final = re.compile(r"(?:^|\n[ \t]*\r?\n)(?P<block>(?:[ \t]+\S[^\n]*(?:\n|\Z)(?:[ \t]*\r?\n(?=[ \t]))*)+)")


def is_document(lines: Lines) -> bool:
    """Return whether a text is prose with samples in it."""
    return bool(_DOCUMENTS.fullmatch(lines.suffix))


class Sections:
    """The stretches of a text that are code by themselves: the samples of a document, the whole of another text."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._blocks = _blocks(lines.text) if is_document(lines) else []
        self._defines: dict[int, bool] = {}

    def texts(self) -> list[str]:
        """Return the text of every sample; empty for a text that is not a document."""
        return [self._lines.text[slice(*block)] for block in self._blocks]

    def block(self, position: int) -> Span | None:
        """Return the sample around a position."""
        at = bisect_right(self._blocks, position, key=lambda block: block.start) - 1
        return self._blocks[at] if at >= 0 and position < self._blocks[at].end else None

    def defines(self, position: int, *, is_value: bool) -> bool:
        """Return whether the code around a position defines a registry, whose name may come from there.

        In a document only a value can be its name: a command beside a sample of its output cannot.
        """
        block = self.block(position)
        if self._blocks and (block is None or not is_value):
            return False
        start, text = (block.start, self._lines.text[slice(*block)]) if block else (0, self._lines.text)
        if start not in self._defines:
            self._defines[start] = defines_in_code(text)
        return self._defines[start]


def _blocks(text: str) -> list[Span]:
    """Return the samples of a document, in order: in fences, and indented ones outside of them."""
    blocks: list[Span] = []
    opened: re.Match[str] | None = None
    for mark in _FENCE.finditer(text):
        if opened is None:
            opened = None if mark["end"] == "/" else mark
        elif _closes(opened, mark):
            blocks.append(Span(opened.start(), mark.end()))
            opened = None
    if opened is not None and opened["fence"] and opened["fence"][0] in "`~":
        blocks.append(Span(opened.start(), len(text)))
    return sorted([*blocks, *_indented(text, blocks)])


def _indented(text: str, fenced: list[Span]) -> list[Span]:
    """Return the indented blocks that are outside of the fenced ones."""
    outside, at = [], 0
    for match in _INDENTED.finditer(text):
        span = Span(*match.span("block"))
        while at < len(fenced) and fenced[at].end <= span.start:
            at += 1
        if at == len(fenced) or span.end <= fenced[at].start:
            outside.append(span)
    return outside


def _closes(opened: re.Match[str], mark: re.Match[str]) -> bool:
    """Return whether a mark ends the block that another has opened: the same characters, at least as many."""
    if opened["fence"]:
        return bool(mark["fence"]) and mark["fence"].rstrip().startswith(opened["fence"].rstrip())
    return not mark["fence"] and (mark["end"] == "/" or not opened["tag"])
