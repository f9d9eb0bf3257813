"""How a task's last runs are drawn: a column for each, and a small row of bars for each expectation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mergeflow.render.quality_view import VERDICTS, WORDS, Row, Verdict, View

MOST = 30
"""How many runs are drawn."""

_STEP, _GAP, _SIZE, _HIGHEST, _LEAST = 24, 4, 15, 64, 2.0
"""In the drawing's own units, which are pixels on a wide screen: a column, half the space between two, a mark, bars."""
_FEWEST_COLUMNS = MOST
"""A drawing is at least so many columns wide, or a few runs would be drawn as giants."""
_SPARK_STEP, _SPARK_HIGHEST = 5, 30


@dataclass(frozen=True, slots=True)
class Column:
    """One run; `x` and `mark` are where it and its mark begin, `high` is the bar's height."""

    x: float
    mark: float
    high: float
    verdict: Verdict
    at: datetime | None
    broken: str
    share: str
    said: str
    href: str | None
    here: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The columns, and what is written around them."""

    columns: Sequence[Column]
    said: str
    most: str
    first: str
    last: str
    verdicts: Sequence[Verdict]
    width: int
    step: int = _STEP
    gap: int = _GAP
    size: int = _SIZE
    ground: int = _HIGHEST + 6
    height: int = _HIGHEST + 6 + 6 + _SIZE + 4


@dataclass(frozen=True, slots=True)
class Spark:
    """One expectation's last runs."""

    path: str
    width: int
    said: str


def trend(views: Sequence[View], here: View, link: Callable[[View], str] | None) -> Trend:
    """The runs of `views`, the oldest first; `here` is the one whose page this is."""
    shares = [each.share or 0.0 for each in views]
    most = max(shares, default=0.0)
    columns = []
    width = _STEP * max(len(views), _FEWEST_COLUMNS)
    start = width - _STEP * len(views)
    for number, (each, share) in enumerate(zip(views, shares, strict=True)):
        x = start + number * _STEP
        columns.append(
            Column(
                x=x,
                mark=x + (_STEP - _SIZE) / 2,
                high=round(max(_LEAST, _HIGHEST * share / most), 1) if share else 0.0,
                verdict=each.verdict,
                at=each.started,
                broken=f"{each.critical + each.warnings} of {len(each.rows)}" if each.rows else "",
                share="" if each.share is None else percent(each.share),
                said=_said(each),
                href=link(each) if link else None,
                here=(each.run_id, each.map_index) == (here.run_id, here.map_index),
            )
        )
    days = [f"{each.started:%-d %b, %H:%M}" if each.started else "" for each in views]
    found = [verdict for verdict in VERDICTS if any(each.verdict == verdict for each in views)]
    counts = ", ".join(f"{sum(each.verdict == verdict for each in views)} {WORDS[verdict]}" for verdict in found)
    said = f"The last {len(views)} runs: {counts}"
    ends = (days[0] if len(days) == MOST else "", days[-1]) if days else ("", "")
    return Trend(columns, said, percent(most) if most else "", *ends, found, width)


def since(views: Sequence[View], own: View) -> str:
    """How long it has been like this, in a sentence; empty where all is well, and where no earlier run is known."""
    ids = [(each.run_id, each.map_index) for each in views]
    place = ids.index((own.run_id, own.map_index)) if (own.run_id, own.map_index) in ids else 0
    if own.verdict in ("passed", "empty") or not place:
        return ""
    row = [own]
    for each in reversed(views[:place]):
        if each.verdict != own.verdict:
            break
        row.append(each)
    if len(row) == 1:
        before = views[place - 1]
        at = _at(before, " ({})")
        return f"The run before it{at} {_PAST[before.verdict]}."
    whole = "at least " if len(row) > place else ""
    begun = _at(row[-1], ", since {}")
    return f"It has been like this for {whole}{len(row)} runs{begun}."


_PAST: Mapping[Verdict, str] = {
    "failed": "was broken",
    "error": "could not be checked",
    "warned": "had only warnings",
    "empty": "had nothing to check",
    "passed": "was fine",
}


def _at(each: View, words: str) -> str:
    return words.format(f"{each.started:%-d %b, %H:%M} UTC") if each.started else ""


def spark(row: Row) -> Spark | None:
    """The bars of an expectation's history; none where it is known of fewer than two runs."""
    known = [each for each in row.history if each is not None]
    if len(known) < 2:
        return None
    most = max(known)
    lines = []
    for number, share in enumerate(row.history):
        if share:
            lines.append(f"M{number * _SPARK_STEP + 2} 33V{33 - max(_LEAST, _SPARK_HIGHEST * share / most):.1f}")
    broken, runs = sum(each > 0 for each in known), len(known)
    said = f"Broken in {broken} of the last {runs} runs"
    if row.share is not None and most:
        said += f", at most {percent(most)}"
    return Spark("".join(lines) or "M0 0", max(_SPARK_STEP * len(row.history), 60), said)


def percent(share: float) -> str:
    """A share from 0 to 1, never rounded to nothing or to all."""
    if 0 < share < 0.0001:
        return "under 0.01\xa0%"
    if 0.9999 < share < 1:
        return "over 99.99\xa0%"
    text = f"{share * 100:.1f}" if share >= 0.1 else f"{share * 100:.2f}"
    return f"{text.rstrip('0').rstrip('.')}\xa0%"


def _said(each: View) -> str:
    at = f"{each.started:%-d %b %Y, %H:%M} UTC: " if each.started else ""
    share = f", {percent(each.share)} of values" if each.share else ""
    return f"{at}{WORDS[each.verdict]}{share}"
