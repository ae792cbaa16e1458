"""The figures of benchmarks.scale as a picture: three lines on logarithmic axes, in plain SVG."""

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300, 220, 46, 26, 30, 34
PANELS = (
    ("calls of a first run", ("arm_writes", "arm_reads", "registry_calls")),
    ("processor seconds, first and second run", ("cpu_seconds", "again_cpu_seconds")),
    ("peak memory in MiB, first and second run", ("peak_mib", "again_peak_mib")),
)
COLOURS = ("#0969da", "#bc4c00", "#1a7f37")
Figures = Sequence[Mapping[str, float | str]]


def picture(figures: Figures) -> str:
    """The SVG: a panel for each kind of figure, the tags to the right."""
    panels = "".join(
        f'<g transform="translate({number * WIDTH},0)">{_panel(figures, title, names)}</g>'
        for number, (title, names) in enumerate(PANELS)
    )
    size = f'width="{WIDTH * len(PANELS)}" height="{HEIGHT}" viewBox="0 0 {WIDTH * len(PANELS)} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="10" fill="#1f2328"'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{ground}\n{panels}\n</svg>\n'


def _panel(figures: Figures, title: str, names: Sequence[str]) -> str:
    values = [max(1.0, float(one[name])) for one in figures for name in names]
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    tags = [float(one["tags"]) for one in figures]

    def at(tag: float, value: float) -> tuple[float, float]:
        across = math.log10(tag / tags[0]) / (math.log10(tags[-1] / tags[0]) or 1)
        up = math.log10(max(1.0, value) / low) / (math.log10(high / low) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{LEFT}" y="16" font-weight="bold">{title}</text>']
    parts += [_gridline(10**power, at(tags[0], 10**power)[1]) for power in range(_power(low), _power(high) + 1)]
    parts += [
        f'<text x="{at(tag, low)[0]:.0f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{tag:,.0f}</text>'
        for tag in tags
    ]
    for number, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        parts.append(_line([at(float(one["tags"]), float(one[name])) for one in figures], colour))
        label = name.replace("_", " ").replace("cpu", "processor").replace("mib", "memory")
        parts.append(f'<text x="{LEFT + 6}" y="{TOP + 14 + 13 * number}" fill="{colour}">{label}</text>')
    return "\n".join(parts)


def _power(value: float) -> int:
    return round(math.log10(value))


def _gridline(value: float, y: float) -> str:
    line = f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d1d9e0"/>'
    return f'{line}<text x="{LEFT - 5}" y="{y + 3:.0f}" text-anchor="end">{value:,.0f}</text>'


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}'
