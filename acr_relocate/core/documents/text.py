"""Documents as plain text for a terminal of a given width. Text to paste is never broken, glued or cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from acr_relocate.core.documents.document import (
    Advice,
    AdviceList,
    Block,
    BulletList,
    Cell,
    Code,
    Details,
    Diagram,
    Document,
    Section,
    Table,
    Text,
)

_WIDTH: Final = 80
_GAP: Final = 2
_TOKEN: Final = re.compile(r"`[^`]+`\S*|\S+")
_COMMAND: Final = re.compile(
    r"(^|[\s(`])(az|acr-relocate|kubectl|helm|docker|oras|skopeo|curl|prefect|terraform|notation) "
)


def to_text(document: Document, width: int = _WIDTH) -> str:
    """Return the document as lines of at most `width` columns, except commands, ids and other single words."""
    parts: list[str] = [*_heading(document.title, "=", width)]
    if document.notice:
        parts += ["", *wrap(document.notice, width)]
    for block in document.lead:
        parts += ["", *_block(block, width)]
    if document.facts:
        parts += ["", *_columns(document.facts)]
    for section in document.sections:
        parts += ["", "", *_section(section, width)]
    return "\n".join(parts) + "\n"


def wrap(text: str, width: int, indent: str = "", first: str | None = None) -> list[str]:
    """Return the text in lines of this width. `code` in back quotes stays in one piece, and lines stay lines.

    A line with a command is not wrapped: the terminal breaks it visually, and it is pasted as one.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        start = indent if lines or first is None else first
        lines += [start + part] if _COMMAND.search(_TICKS.sub("", part)) else _filled(part, width, indent, start)
    return [line.rstrip() for line in lines]


_TICKS: Final = re.compile(r"`[^`]+`")


def _filled(text: str, width: int, indent: str, start: str) -> Iterator[str]:
    line, is_empty = start, True
    for token in _TOKEN.findall(text):
        if not is_empty and len(line) + 1 + len(token) > width:
            yield line
            line, is_empty = indent, True
        line, is_empty = (f"{line}{token}" if is_empty else f"{line} {token}"), False
    yield line


def _heading(title: str, rule: str, width: int) -> list[str]:
    lines = wrap(title, width)
    return [*lines, rule * min(width, max(map(len, lines)))]


def _section(section: Section, width: int) -> list[str]:
    lines = _heading(section.title, "-", width)
    for block in section.blocks:
        lines += ["", *_block(block, width)]
    return lines


def _block(block: Block, width: int) -> list[str]:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Text(text):
            return wrap(text, width)
        case BulletList(items, numbered):
            return [line for number, item in enumerate(items, 1) for line in _item(item, number * numbered, width)]
        case Table():
            return _table(block, width)
        case Code(text, _, title):
            return [*([f"{title}:", ""] if title else []), *text.splitlines()]
        case AdviceList(entries):
            return [line for entry in entries for line in _advice(entry, width)]
        case Details(title, table):
            return [f"{title}:", "", *_table(table, width)]
        case Diagram():
            return []


def _item(item: str, number: int, width: int) -> list[str]:
    mark = f"{number}. " if number else "- "
    return wrap(item, width, " " * len(mark), mark)


def _advice(advice: Advice, width: int) -> list[str]:
    lines = wrap(advice.text, width, "  ", f"- {advice.tag}: ")
    remedy = advice.remedy.strip()
    if "\n" in remedy:
        indent = "" if "<<" in remedy else "    "  # the end marker of a here-document must be at the margin
        return [*lines, "  To do:", *(f"{indent}{line}" for line in remedy.splitlines())]
    return [*lines, *(wrap(remedy, width, "  ", "  To do: ") if remedy else [])]


def _table(table: Table, width: int) -> list[str]:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    header = list(table.header)
    everything = [header, *rows] if any(header) else rows
    if any("\n" in cell for row in rows for cell in row) or _natural(everything) > width:
        return _records(header, table.rows, width)
    lines = _columns(everything)
    if any(header):
        lines.insert(1, "-" * min(width, max(map(len, lines))))
    return lines


def _natural(rows: Sequence[Sequence[str]]) -> int:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return sum(widths) + _GAP * (len(widths) - 1)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        (" " * _GAP).join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _records(header: Sequence[str], rows: Iterable[Sequence[str | Cell]], width: int) -> list[str]:
    """Return a wide table as one paragraph for each row, each cell with its column's name."""
    lines: list[str] = []
    for row in rows:
        title, rest = _title_first(header, row)
        lines += wrap(title, width, "  ")
        for name, cell in rest:
            lines += _field(name, cell, width)
        lines.append("")
    return lines[:-1]


def _title_first(header: Sequence[str], row: Sequence[str | Cell]) -> tuple[str, list[tuple[str, str]]]:
    """Return the row's title, and its other cells with their names. A leading short tag belongs to the title."""
    first, *others = row
    titled = [first]
    names = list(header[1:])
    if not header[0] and isinstance(first, str) and others and len(first) <= 10:
        titled.append(others.pop(0))
        names = names[1:]
    head = " ".join(_main(cell) for cell in titled)
    below = [("", cell.below) for cell in titled if isinstance(cell, Cell) and cell.below]
    return head, [*below, *((name, _cell(cell)) for name, cell in zip(names, others, strict=True))]


def _field(name: str, text: str, width: int) -> list[str]:
    if not text:
        return []
    first = f"  {name}: " if name else "  "
    if "\n" in text:
        return [first.rstrip(), *(line for part in text.split("\n") for line in wrap(part, width, "    ", "    "))]
    return wrap(text, width, "    ", first)


def _main(cell: str | Cell) -> str:
    return cell.main if isinstance(cell, Cell) else cell


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell.main}\n{cell.below}" if cell.below else cell.main
