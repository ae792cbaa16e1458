"""Base64 values in a text: decoded, and encoded again as they were laid out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from acr_relocate.references.source_text import Span

_BASE64_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/]{20,}={0,2}(?![A-Za-z0-9+/=_-]|\.[\w\\])")
_BASE64_LINE: Final = re.compile(r"(?P<gap>\r?\n(?P<indent>[ \t]*))(?P<data>[A-Za-z0-9+/]+={0,2})(?=[ \t]*(?:\r?\n|$))")
_DEEPEST: Final = 200  # characters of indentation


class Encoded(NamedTuple):
    """A base64 value in a text. `gap` is the text between its lines of `width` characters."""

    span: Span
    plain: str
    width: int
    gap: str

    def encode(self, plain: str) -> str:
        """Return another value, encoded and laid out like this one."""
        data = base64.b64encode(plain.encode()).decode()
        if not self.gap:
            return data
        return self.gap.join(data[start : start + self.width] for start in range(0, len(data), self.width))


def find_encoded(text: str, position: int = 0) -> Iterator[Encoded]:
    """Yield the base64 values, from a position on, that decode to text and encode to the same data."""
    while first := _BASE64_RUN.search(text, position):
        data, gap, position = _run(text, first)
        plain = _decoded(data)
        if plain is None:
            continue
        encoded = Encoded(Span(first.start(), position), plain, len(first[0]), gap)
        if encoded.encode(plain) == text[first.start() : position]:
            yield encoded


def _run(text: str, first: re.Match[str]) -> tuple[str, str, int]:
    """Return the data that begins with a run of base64 characters, the text between its lines, and its end.

    Only a run on a line of its own continues on the next one, and only with the same indentation.
    """
    pieces, end, gap, width = [first[0]], first.end(), "", len(first[0])
    indent = re.search(r"(?:^|\n)([ \t]*)\Z", text[max(0, first.start() - _DEEPEST) : first.start()])
    while indent and len(pieces[-1]) == width and (line := _BASE64_LINE.match(text, end)):
        if line["indent"] != indent[1] or len(line["data"]) > width:
            break
        gap, end = line["gap"], line.end()
        pieces.append(line["data"])
    return "".join(pieces), gap, end


def _decoded(data: str) -> str | None:
    """Return the text in base64 data, or None."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
