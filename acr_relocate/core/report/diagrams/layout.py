"""The positions in the drawing of the dependency map: cards in two columns, the registries between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from acr_relocate.core.dependencies.model import FAMILIES, Dependency, DependencyMap

_WIDTH: Final = 1160.0
COLUMN: Final = 400.0
ROW: Final = 24.0
HEADER: Final = 34.0
FOOT: Final = 10.0
_GAP: Final = 18.0
TOP: Final = 8.0
LEGEND: Final = 44.0
MOST_ROWS: Final = 12
HOME: Final = (210.0, 76.0)  # width and height of a registry's box


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the top left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Return the vertical middle."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Card:
    """A family of dependencies in its box; `more` counts those without a row."""

    family: str
    box: Box
    entries: tuple[Dependency, ...]
    more: int
    is_left: bool


@dataclass(frozen=True)
class Layout:
    """The whole drawing."""

    width: float
    height: float
    source: Box
    target: Box
    cards: tuple[Card, ...]


def layout_diagram(drawn: DependencyMap) -> Layout:
    """Return the positions. Users of the registry are left, resources that it uses right; columns are balanced."""
    families = {family: tuple(e for e in drawn.dependencies if e.family == family) for family in FAMILIES}
    left, right = _columns({family: entries for family, entries in families.items() if entries})
    cards = (*_column(left, 0.0, is_left=True), *_column(right, _WIDTH - COLUMN, is_left=False))
    height = max([card.box.y + card.box.height for card in cards] + [TOP + 3 * HOME[1]])
    x = (_WIDTH - HOME[0]) / 2
    middle = (height + TOP) / 2
    return Layout(
        width=_WIDTH,
        height=height + LEGEND,
        source=Box(x, middle - HOME[1] - 44, *HOME),
        target=Box(x, middle + 44, *HOME),
        cards=cards,
    )


def _columns(
    families: dict[str, tuple[Dependency, ...]],
) -> tuple[dict[str, tuple[Dependency, ...]], dict[str, tuple[Dependency, ...]]]:
    """Return the families in two columns, split to minimise the longer one; their order stays."""
    names = list(families)
    heights = [_height(families[name]) + _GAP for name in names]
    cut = min(range(len(names) + 1), key=lambda at: max(sum(heights[:at]), sum(heights[at:])))
    return {name: families[name] for name in names[:cut]}, {name: families[name] for name in names[cut:]}


def _column(families: dict[str, tuple[Dependency, ...]], x: float, *, is_left: bool) -> Iterable[Card]:
    y = TOP
    for family, entries in families.items():
        shown = entries if len(entries) <= MOST_ROWS else entries[: MOST_ROWS - 1]
        box = Box(x, y, COLUMN, _height(entries))
        yield Card(family, box, shown, len(entries) - len(shown), is_left)
        y += box.height + _GAP


def _height(entries: tuple[Dependency, ...]) -> float:
    return HEADER + min(len(entries), MOST_ROWS) * ROW + FOOT
