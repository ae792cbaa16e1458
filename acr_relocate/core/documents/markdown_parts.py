"""Small pieces of Markdown that render in Prefect's artifacts and in a terminal."""

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; what would break a cell is escaped."""
    lines = [_row(header), _row(["---"] * len(header)), *(_row([_cell(value) for value in row]) for row in rows)]
    return "\n".join(lines)


def section(title: str, *parts: str) -> str:
    """Return a section, or nothing if it would be empty."""
    said = [part for part in parts if part]
    return "\n\n".join([f"## {title}", *said]) if said else ""


def document(*parts: str) -> str:
    """Return the parts that are not empty, one below the other."""
    return "\n\n".join(part for part in parts if part) + "\n"


def at_most(rows: Sequence[Sequence[object]], header: Sequence[str], most: int = 100) -> str:
    """Return a table of the first rows and the number of the rest, or nothing for none."""
    if not rows:
        return ""
    rest = f"\n\n… and {len(rows) - most} more." if len(rows) > most else ""
    return table(header, rows[:most]) + rest


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", "<br>")
