"""The dependency map as a self-contained SVG drawing: no script, no font, no network; light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Final

from acr_relocate.core.dependencies.model import STRATEGIES, Dependency, Strategy
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.diagrams.layout import HEADER, LEGEND, ROW, Box, Card, Layout, layout_diagram

# Width of a character at 13 px, on the safe side: system fonts differ by a tenth.
CHARACTER: Final = 7.1
SMALL_CHARACTER: Final = 6.1

_STYLE: Final = """
.map{--ink:#1b2430;--muted:#5b6776;--card:#ffffff;--line:#cfd6df;--edge:#9aa6b5;--home:#17406d;--on-home:#ffffff;
--rewired:#b7791f;--recreated:#2468b8;--manual:#c53030;--shared:#2f855a;--follows:#6b46c1;--retired:#718096;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px}
@media (prefers-color-scheme:dark){.map{--ink:#e6ebf2;--muted:#9aa7b8;--card:#1b232e;--line:#344052;--edge:#5c6b7f;
--home:#2b6cb0;--on-home:#ffffff;--rewired:#ecb04a;--recreated:#6fb1ff;--manual:#ff8080;--shared:#6fcf97;
--follows:#b794f4;--retired:#a0aec0}}
.map text{fill:var(--ink)}.map .small{font-size:11px;fill:var(--muted)}.map .title{font-weight:600}
.map .card{fill:var(--card);stroke:var(--line)}.map .edge{fill:none;stroke:var(--edge);stroke-width:1.5}
.map .home{fill:var(--home)}.map .on{fill:var(--on-home);font-weight:600;font-size:15px}
.map .on-small{fill:var(--on-home);font-size:12px}.map .move{stroke:var(--home);stroke-width:4;fill:none}
.map .tip{fill:var(--home)}
.map .rewired{fill:var(--rewired);stroke:var(--rewired)}.map .recreated{fill:var(--recreated);stroke:var(--recreated)}
.map .manual{fill:var(--manual);stroke:var(--manual)}.map .shared{fill:var(--shared);stroke:var(--shared)}
.map .follows{fill:var(--follows);stroke:var(--follows)}.map .retired{fill:var(--retired);stroke:var(--retired)}
.map .ring{fill:var(--card);stroke-width:2.5}
"""


def drawing(plan: Plan) -> str:
    """Return the drawing."""
    layout = layout_diagram(plan.dependencies)
    counts = Counter(entry.strategy for entry in plan.dependencies.dependencies)
    title = f"{len(plan.dependencies.dependencies)} dependencies of {plan.source.name}"
    size = f"0 0 {layout.width:.0f} {layout.height:.0f}"
    opening = '<svg class="map" xmlns="http://www.w3.org/2000/svg" role="img"'
    parts = [
        f'{opening} aria-label="{escape(title)}" viewBox="{size}">',
        f"<style>{_STYLE}</style>",
        *(_edge(card, layout) for card in layout.cards),
        *_home(layout.source, plan.source.name, f"source, {plan.source.location}"),
        *_home(layout.target, plan.request.target.name, f"target, {plan.request.target.location}"),
        _move(layout),
        *(line for card in layout.cards for line in _card(card)),
        *_legend(layout, counts),
        "</svg>",
    ]
    return "\n".join(parts)


def _home(box: Box, name: str, where: str) -> Iterator[str]:
    x, width = box.x + box.width / 2, box.width - 24
    yield f'<rect class="home" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="10"/>'
    yield f'<text class="on" x="{x:g}" y="{box.middle - 4:g}" text-anchor="middle">{_fitted(name, width, 8.6)}</text>'
    yield f'<text class="on-small" x="{x:g}" y="{box.middle + 18:g}" text-anchor="middle">{escape(where)}</text>'


def _move(layout: Layout) -> str:
    x, above, below = layout.source.x + layout.source.width / 2, layout.source.y + layout.source.height, layout.target.y
    return (
        f'<path class="move" d="M{x:g} {above + 6:g}V{below - 18:g}"/>'
        f'<path class="tip" d="M{x - 10:g} {below - 20:g}h20l-10 14z"/>'
    )


def _edge(card: Card, layout: Layout) -> str:
    """Return a curve from the card to the source's side."""
    source = layout.source
    begin = card.box.x + card.box.width if card.is_left else card.box.x
    end = source.x if card.is_left else source.x + source.width
    bend = (begin + end) / 2
    here, there = card.box.middle, source.middle
    path = f"M{begin:g} {here:g}C{bend:g} {here:g} {bend:g} {there:g} {end:g} {there:g}"
    return f'<path class="edge" d="{path}"/>'


def _card(card: Card) -> Iterator[str]:
    box = card.box
    count, size = len(card.entries) + card.more, f'width="{box.width - 1:g}" height="{box.height:g}"'
    yield f'<rect class="card" x="{box.x + 0.5:g}" y="{box.y:g}" {size} rx="8"/>'
    yield f'<text class="title" x="{box.x + 14:g}" y="{box.y + 22:g}">{escape(card.family)}</text>'
    yield f'<text class="small" x="{box.x + box.width - 14:g}" y="{box.y + 22:g}" text-anchor="end">{count}</text>'
    for number, entry in enumerate(card.entries):
        yield from _row(entry, box, box.y + HEADER + number * ROW + ROW / 2)
    if card.more:
        y = box.y + HEADER + len(card.entries) * ROW + ROW / 2 + 4
        yield f'<text class="small" x="{box.x + 32:g}" y="{y:g}">and {card.more} more: see the table</text>'


def _row(entry: Dependency, box: Box, y: float) -> Iterator[str]:
    label = entry.label + (f", {entry.region}" if entry.region and entry.family == "Runs its images" else "")
    room = box.width - 32 - 14 - 12 - len(label) * SMALL_CHARACTER
    yield f"<g><title>{escape(entry.name)}: {escape(entry.strategy)}. {escape(entry.action)}</title>"
    yield _dot(entry.strategy, box.x + 20, y, manual=entry.manual)
    yield f'<text x="{box.x + 32:g}" y="{y + 4.5:g}">{_fitted(entry.name, room, CHARACTER)}</text>'
    end = f'x="{box.x + box.width - 14:g}" y="{y + 4:g}" text-anchor="end"'
    yield f'<text class="small" {end}>{escape(label)}</text></g>'


def _dot(strategy: Strategy, x: float, y: float, *, manual: bool) -> str:
    name = strategy.replace("-", "").replace(" ", "")
    return f'<circle class="{name}{" ring" if manual else ""}" cx="{x:g}" cy="{y:g}" r="5"/>'


def _legend(layout: Layout, counts: Counter[Strategy]) -> Iterator[str]:
    x, y = 14.0, layout.height - LEGEND / 2 + 6
    shown = [(strategy, f"{strategy} ({counts[strategy]})") for strategy in STRATEGIES if counts[strategy]]
    for strategy, text in shown:
        yield _dot(strategy, x + 6, y, manual=False)
        yield f'<text class="small" x="{x + 18:g}" y="{y + 4:g}">{escape(text)}</text>'
        x += 18 + len(text) * SMALL_CHARACTER + 24
    text = "ring: manual step; dot: done by this service, or no action needed"
    yield f'<text class="small" x="{layout.width - 14:g}" y="{y + 4:g}" text-anchor="end">{text}</text>'


def _fitted(text: str, room: float, character: float) -> str:
    """Return the beginning of the text that fits the room."""
    most = max(4, int(room / character))
    return escape(text if len(text) <= most else f"{text[: most - 1]}…")
