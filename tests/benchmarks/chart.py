"""A line chart as SVG: both axes logarithmic, every line labelled at its end, right in light and in dark.

Written out here, because a plotting library is many megabytes of development dependencies for straight lines.
The colours are Okabe and Ito's, which colour-blind people tell apart, darkened or lightened to be read on either
background; marks differ in shape, too.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.benchmarks.cells import seconds

WIDTH, HEIGHT = 800, 420
LEFT, RIGHT, TOP, BOTTOM = 76, 620, 60, 364
LABEL = 17  # pixels between two labels at least
Point = tuple[float, float]

COLOURS = (("#0060a0", "#56b4e9"), ("#c04a00", "#ff8c42"), ("#007a55", "#2fc79b"), ("#9a4f82", "#e39ccb"))
"""In light and in dark, in the order of the lines."""

STYLE = """\
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; } .quiet { fill: #57606a; }
  .grid { stroke: #d8dee4; } .limit { stroke: #57606a; stroke-dasharray: 5 4; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; } .label { font-weight: 600; }
"""
DARK = """\
  text { fill: #e6edf3; } .quiet { fill: #9aa4af; } .grid { stroke: #30363d; } .limit { stroke: #9aa4af; }
"""


@dataclass(frozen=True)
class Chart:
    """Lines by name, in seconds over DAGs; `limit` is a line across, and what it says."""

    title: str
    lines: Mapping[str, Sequence[Point]]
    limit: tuple[float, str] | None = None


def svg(chart: Chart) -> str:
    """The whole picture."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{escape(chart.title)}</title>",
            f"<style>\n{STYLE}{_colours(0)}  @media (prefers-color-scheme: dark) {{\n{DARK}{_colours(1)}  }}\n</style>",
            f'<text class="title" x="{LEFT}" y="28">{escape(chart.title)}</text>',
            *_grid(chart),
            *_drawn(chart),
            "</svg>\n",
        )
    )


def _colours(scheme: int) -> str:
    return "".join(
        f"  .stroke-{number} {{ stroke: {pair[scheme]}; }} .fill-{number} {{ fill: {pair[scheme]}; }}\n"
        for number, pair in enumerate(COLOURS)
    )


def _grid(chart: Chart) -> Iterator[str]:
    low, high = _range(chart)
    for exponent in range(low, high + 1):
        y = _y(chart, 10.0**exponent)
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="quiet" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{seconds(10.0**exponent)}</text>'
    for dags in sorted({x for line in chart.lines.values() for x, _ in line}):
        yield f'<text class="quiet" x="{_x(chart, dags)}" y="{BOTTOM + 22}" text-anchor="middle">{dags:,.0f}</text>'
    middle = (LEFT + RIGHT) / 2
    yield f'<text class="quiet" x="{middle}" y="{BOTTOM + 44}" text-anchor="middle">DAGs in the fleet</text>'
    if chart.limit is not None:
        y = _y(chart, chart.limit[0])
        yield f'<line class="limit" x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="quiet" x="{LEFT + 6}" y="{y - 6}">{escape(chart.limit[1])}</text>'


def _drawn(chart: Chart) -> Iterator[str]:
    places = _labels({name: _y(chart, line[-1][1]) for name, line in chart.lines.items() if line})
    for number, (name, line) in enumerate((name, line) for name, line in chart.lines.items() if line):
        points = [(_x(chart, x), _y(chart, y)) for x, y in line]
        path = " ".join(f"{x},{y}" for x, y in points)
        yield f'<polyline class="line stroke-{number}" points="{path}"/>'
        yield from (_mark(number, x, y) for x, y in points)
        text = f"{escape(name)} {seconds(line[-1][1])}"
        yield f'<text class="label fill-{number}" x="{points[-1][0] + 12}" y="{places[name] + 4}">{text}</text>'


def _mark(number: int, x: float, y: float) -> str:
    shapes = (
        f'<circle class="fill-{number}" cx="{x}" cy="{y}" r="5"/>',
        f'<rect class="fill-{number}" x="{x - 4.5}" y="{y - 4.5}" width="9" height="9"/>',
        f'<path class="fill-{number}" d="M{x} {y - 6}L{x + 6} {y + 5}L{x - 6} {y + 5}Z"/>',
        f'<path class="fill-{number}" d="M{x} {y - 6}L{x + 6} {y}L{x} {y + 6}L{x - 6} {y}Z"/>',
    )
    return shapes[number]


def _labels(wanted: Mapping[str, float]) -> dict[str, float]:
    """Where the labels stand: beside their line's end, pushed down as far as the one above needs."""
    placed: dict[str, float] = {}
    above = -math.inf
    for name, y in sorted(wanted.items(), key=lambda each: each[1]):
        placed[name] = above = max(y, above + LABEL)
    return placed


def _x(chart: Chart, dags: float) -> float:
    all_of = [math.log10(x) for line in chart.lines.values() for x, _ in line]
    span = max(all_of) - min(all_of) or 1
    return round(LEFT + 18 + (math.log10(dags) - min(all_of)) / span * (RIGHT - LEFT - 36), 1)


def _y(chart: Chart, value: float) -> float:
    low, high = _range(chart)
    return round(BOTTOM - (math.log10(value) - low) / (high - low) * (BOTTOM - TOP), 1)


def _range(chart: Chart) -> tuple[int, int]:
    """The powers of ten between which all lies."""
    values = [math.log10(y) for line in chart.lines.values() for _, y in line]
    return math.floor(min(values)), max(math.ceil(max(values)), math.floor(min(values)) + 1)
