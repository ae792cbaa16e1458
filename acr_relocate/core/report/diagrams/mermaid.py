"""The dependency map as a Mermaid flowchart for a column of 580 pixels: one box per strategy, a few names in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from acr_relocate.core.dependencies.model import STRATEGIES, Dependency, DependencyMap, Strategy
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.wording import visible

# The most boxes by strategy, in rows of two: with more in a row their text is too small to read.
_MOST: Final[dict[Strategy, int]] = {
    "re-wired": 8,
    "re-created": 8,
    "manual": 4,
    "shared": 4,
    "follows": 1,
    "retired": 1,
}
SPACING: Final = (
    '%%{init: {"flowchart": {"nodeSpacing": 18, "rankSpacing": 22, "padding": 8, '
    '"subGraphTitleMargin": {"top": 4, "bottom": 8}}}}%%'
)
_LINKS: Final = (" --> ", " ==>", " ~~~ ")
"""A link's style goes by its number; the invisible ones count. The theme's colour is hardly seen on black."""

_COLUMNS: Final = 2
_LONGEST: Final = 22
ESCAPED: Final = str.maketrans(
    {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "%": "#37;", "`": "#96;"}
)

COLOURS: Final[dict[Strategy, str]] = {
    "re-wired": "fill:#fff1d6,stroke:#b7791f,color:#3b2a07",
    "re-created": "fill:#dcebfe,stroke:#2b6cb0,color:#0b2545",
    "manual": "fill:#fde2e1,stroke:#c53030,color:#4a1010",
    "shared": "fill:#dff5e3,stroke:#2f855a,color:#0f3320",
    "follows": "fill:#ece6fb,stroke:#6b46c1,color:#27174d",
    "retired": "fill:#eceef1,stroke:#718096,color:#2d3748",
}


def flowchart(plan: Plan) -> str:
    """Return the flowchart: both registries at the left, an arrow from them to each strategy at the right."""
    target = plan.request.target
    lines = [
        SPACING,
        "flowchart LR",
        '  subgraph move[" "]',
        "    direction TB",
        f'    source["<b>{plan.source.name}</b><br/>{plan.source.location}"]:::home',
        f'    target["<b>{target.name}</b><br/>{target.location}"]:::home',
        "    source ==>|moves| target",
        "  end",
    ]
    for number, (strategy, entries) in enumerate(_groups(plan.dependencies)):
        rows = _rows(number, strategy, list(_boxes(entries, _MOST[strategy])))
        lines += [f'  subgraph g{number}["{strategy}: {STRATEGIES[strategy]}"]', *rows, "  end"]
        lines += [f"  move --> g{number}", f"  class g{number} {_class(strategy)}group"]
    if plan.dependencies.manual:
        lines += ["  move ~~~ legend", '  legend["dashed border: a manual step"]:::legend']
    lines += [f"  classDef {_class(strategy)} {style}" for strategy, style in COLOURS.items()]
    lines += [f"  classDef {_class(strategy)}hand {style},stroke-dasharray:6 4" for strategy, style in COLOURS.items()]
    lines += [f"  classDef {_class(strategy)}group {_frame(style)}" for strategy, style in COLOURS.items()]
    lines += ["  classDef legend fill:#ffffff,stroke:#718096,color:#1b2430,stroke-dasharray:6 4"]
    lines += ["  classDef home fill:#1a4b80,stroke:#1a4b80,color:#ffffff", "  style move fill:none,stroke:#718096"]
    links = [line for line in lines if any(arrow in line for arrow in _LINKS)]
    shown = ",".join(str(number) for number, line in enumerate(links) if "~~~" not in line)
    return "\n".join([*lines, f"  linkStyle {shown} stroke:#9aa7b8,stroke-width:2px"])


def _frame(style: str) -> str:
    """Return the style of the box around boxes: its border in their colour, on white so that its title is legible."""
    stroke = style.split(",")[1]
    return f"fill:#ffffff,{stroke},color:#1b2430"


def _groups(drawn: DependencyMap) -> list[tuple[Strategy, tuple[Dependency, ...]]]:
    groups = ((strategy, drawn.of(strategy)) for strategy in STRATEGIES)
    return [(strategy, entries) for strategy, entries in groups if entries]


def _rows(number: int, strategy: Strategy, boxes: list[tuple[str, bool]]) -> Iterator[str]:
    """Yield the boxes of a strategy in rows of two, dashed if manual.

    Invisible links keep them in place. All boxes must be linked: Mermaid stacks the others.
    """
    names = [f"n{number}_{index}" for index in range(len(boxes))]
    is_one_row = len(boxes) <= _COLUMNS
    yield f"    direction {'LR' if is_one_row else 'TB'}"
    for name, (text, manual) in zip(names, boxes, strict=True):
        yield f'    {name}["{text}"]:::{_class(strategy)}{"hand" if manual else ""}'
    if is_one_row:
        yield from (f"    {left} ~~~ {right}" for left, right in pairwise(names))
        return
    for index, below in enumerate(names[_COLUMNS:]):
        first_above = names[index - index % _COLUMNS]
        yield from (f"    {above} ~~~ {below}" for above in dict.fromkeys([first_above, names[index]]))


def _boxes(entries: tuple[Dependency, ...], most: int) -> list[tuple[str, bool]]:
    """Return the boxes: one for each dependency; if there are too many, one for each kind with its count."""
    if len(entries) <= most:
        return [(_box(entry), entry.manual) for entry in entries]
    kinds = Counter(entry.label for entry in entries)
    grouped = [entry for entry in entries if kinds[entry.label] > 1 or most < len(kinds)]
    named = [entry for entry in entries if entry not in grouped]
    counts = Counter(entry.label for entry in grouped).most_common()
    boxes = [
        (f"<b>{count} {_plural(label) if count > 1 else label}</b>", _manual(grouped, label)) for label, count in counts
    ]
    boxes = [*((_box(entry), entry.manual) for entry in named), *boxes]
    if len(boxes) <= most:
        return boxes
    shown = sum(1 if index < len(named) else counts[index - len(named)][1] for index in range(most - 1))
    return [*boxes[: most - 1], (f"<b>and {len(entries) - shown} more</b>", any(entry.manual for entry in entries))]


def _manual(entries: list[Dependency], label: str) -> bool:
    return any(entry.manual for entry in entries if entry.label == label)


def _box(entry: Dependency) -> str:
    return f"<b>{_text(entry.name)}</b><br/>{entry.label}"


def _plural(label: str) -> str:
    return label if label.endswith("s") else f"{label}s"


def _text(name: str) -> str:
    """Return a short name, escaped for Mermaid."""
    shown = " ".join(visible(name).split())
    short = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    return short.translate(ESCAPED)


def _class(strategy: Strategy) -> str:
    return strategy.replace("-", "").replace(" ", "")
