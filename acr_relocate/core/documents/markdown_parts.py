"""Small pieces of Markdown that render in Prefect's artifacts and in a terminal."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from acr_relocate.core.wording import visible

_CODE: Final = re.compile(r"(`[^`\n]+`)")
# Outside of code: the start of a tag, a comment, a link's address, or a line with markup.
_MARKUP: Final = re.compile(r"<(?=[A-Za-z/!?])|(?<=\])\(|`")
_BLOCK: Final = re.compile(r"^(\s*)(#|>|[-+*=](?=[\s=-]|$)|\||~~~|\d+[.)](?=\s))", re.MULTILINE)
_BACK_QUOTES: Final = re.compile(r"`{3,}")


def plain(text: str) -> str:
    """Return text in which `code` in back quotes is the only markup: everything else is escaped."""
    lines = re.sub(r"\n\s*\n", "\n", visible(text).strip("\n"))
    parts = _CODE.split(_BLOCK.sub(r"\1\\\2", lines))
    return "".join(part if number % 2 else _MARKUP.sub(_escaped, part) for number, part in enumerate(parts))


def _escaped(found: re.Match[str]) -> str:
    return "&lt;" if found[0] == "<" else f"\\{found[0]}"


def fenced(code: str, language: str = "") -> str:
    """Return a block of code whose fence is longer than any in it."""
    longest = max((len(found) for found in _BACK_QUOTES.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{visible(code)}\n{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table, with cells escaped."""
    lines = [
        _row([_cell(name) for name in header]),
        _row(["---"] * len(header)),
        *(_row([_cell(value) for value in row]) for row in rows),
    ]
    return "\n".join(lines)


def document(*parts: str) -> str:
    """Return the parts that are not empty, one below the other."""
    return "\n\n".join(part for part in parts if part) + "\n"


def bounded_table(rows: Sequence[Sequence[object]], header: Sequence[str], most: int = 100) -> str:
    """Return a table of the first rows and the number of the rest; an empty string without rows."""
    if not rows:
        return ""
    rest = f"\n\n… and {len(rows) - most} more." if len(rows) > most else ""
    return table(header, rows[:most]) + rest


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    return plain(str(value)).replace("|", "\\|").replace("\n", "<br>")
