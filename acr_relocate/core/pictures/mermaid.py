"""The dependency map as a Mermaid flowchart for a column of 580 pixels: one box per strategy, a few names in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.dependencies.model import STRATEGIES, Dependency, DependencyMap, Strategy
from acr_relocate.core.plan import Plan

MOST: Final = 24  # boxes; beyond that the text in them is too small to read
COLUMNS: Final = 2
LONGEST: Final = 26

COLOURS: Final[dict[Strategy, str]] = {
    "re-wired": "fill:#fff1d6,stroke:#b7791f,color:#3b2a07",
    "re-created": "fill:#dcebfe,stroke:#2b6cb0,color:#0b2545",
    "by hand": "fill:#fde2e1,stroke:#c53030,color:#4a1010",
    "shared": "fill:#dff5e3,stroke:#2f855a,color:#0f3320",
    "follows": "fill:#ece6fb,stroke:#6b46c1,color:#27174d",
    "retired": "fill:#eceef1,stroke:#718096,color:#2d3748",
}


def flowchart(plan: Plan) -> str:
    """Return the flowchart. The strategies stand one below the other, because the column is narrow."""
    target = plan.request.target
    lines = [
        "flowchart TB",
        f'  source["<b>{plan.source.name}</b><br/>{plan.source.location}"]',
        f'  target["<b>{target.name}</b><br/>{target.location}"]',
        "  source ==>|relocates to| target",
    ]
    above = "target"
    for number, (strategy, entries) in enumerate(_groups(plan.dependencies)):
        rows = list(_rows(number, strategy, entries, _share(plan.dependencies, entries)))
        lines += [
            f'  subgraph g{number}["{strategy}: {STRATEGIES[strategy]}"]',
            *rows,
            "  end",
            f"  {above} ~~~ {_first(number)}",
        ]
        above = _last(number, rows)
    lines += [f"  classDef {_class(strategy)} {style}" for strategy, style in COLOURS.items()]
    lines += ["  classDef home fill:#1a365d,stroke:#1a365d,color:#ffffff", "  class source,target home"]
    return "\n".join(lines)


def _groups(drawn: DependencyMap) -> list[tuple[Strategy, tuple[Dependency, ...]]]:
    groups = ((strategy, drawn.of(strategy)) for strategy in STRATEGIES)
    return [(strategy, entries) for strategy, entries in groups if entries]


def _share(drawn: DependencyMap, entries: tuple[Dependency, ...]) -> int:
    """Return how many boxes of the picture a strategy gets: its share of all, and at least two."""
    total = len(drawn.dependencies)
    return len(entries) if total <= MOST else max(2, MOST * len(entries) // total)


def _rows(number: int, strategy: Strategy, entries: tuple[Dependency, ...], most: int) -> Iterator[str]:
    """Yield the boxes of a strategy, in rows of two, and what they do not show as counts by kind."""
    boxes = list(_boxes(entries, most))
    yield "    direction TB"
    for index, text in enumerate(boxes):
        yield f'    n{number}_{index}["{text}"]:::{_class(strategy)}'
    for index in range(len(boxes) - COLUMNS):
        yield f"    n{number}_{index} ~~~ n{number}_{index + COLUMNS}"


def _boxes(entries: tuple[Dependency, ...], most: int) -> Iterator[str]:
    if len(entries) <= most:
        yield from (_box(entry) for entry in entries)
        return
    # Kinds with many members are one box; what is single keeps its name as long as there is room.
    counts = Counter(entry.label for entry in entries)
    named = [entry for entry in entries if counts[entry.label] == 1]
    grouped = [(label, count) for label, count in counts.items() if count > 1]
    room = max(0, most - len(grouped))
    yield from (_box(entry) for entry in named[:room])
    yield from (f"<b>{count} {_plural(label)}</b>" for label, count in grouped)
    if len(named) > room:
        yield f"<b>and {len(named) - room} more</b>"


def _box(entry: Dependency) -> str:
    return f"<b>{_text(entry.name)}</b><br/>{entry.label}{' ✋' if entry.by_hand else ''}"


def _plural(label: str) -> str:
    return label if label.endswith("s") else f"{label}s"


def _text(name: str) -> str:
    """Return a name that is short and that Mermaid takes for nothing but text."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return short.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def _class(strategy: Strategy) -> str:
    return strategy.replace("-", "").replace(" ", "")


def _first(number: int) -> str:
    return f"n{number}_0"


def _last(number: int, rows: Iterable[str]) -> str:
    count = sum(f"n{number}_" in row and "[" in row for row in rows)
    return f"n{number}_{count - 1}"
