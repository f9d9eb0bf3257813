"""Ratios, and whether a goal is met; or missed by more than noise explains."""

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.rows import FLAT, JUDGED, MERGEFLOW, TASK_START, Goal, Row
from tests.benchmarks.samples import Samples

RESAMPLES = 2000
LEVEL = 0.98


@dataclass(frozen=True)
class Verdict:
    """A goal and what came out; `value` is None when it was not measured."""

    title: str
    goal: float
    value: float | None
    peer: str | None = None
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it was measured and is good enough."""
        return self.value is not None and self.value <= self.goal


def verdicts(samples: Samples, dags: int, rows: Sequence[Row] = JUDGED) -> Iterator[tuple[Row, Verdict]]:
    """Every goal of these rows at one size of the fleet: first the ratios, then the absolute one."""
    for row in rows:
        own = samples.of(row.key, dags, MERGEFLOW)
        for goal in row.goals:
            yield row, Verdict(row.title, goal.ratio, ratio(own, samples.of(row.key, dags, goal.peer)), goal.peer)
        if row.at_most is not None:
            value = statistics.median(own) if own else None
            yield row, Verdict(row.title, row.at_most, value, unit=row.unit)


def flat(samples: Samples, sizes: Sequence[int]) -> Verdict:
    """The slowest task start of all sizes through the quickest."""
    medians = [statistics.median(own) for dags in sizes if (own := samples.of(TASK_START.key, dags, MERGEFLOW))]
    value = max(medians) / min(medians) if len(medians) == len(sizes) else None
    title = f"task start in {min(sizes):,} to {max(sizes):,} DAGs, slowest through quickest"
    return Verdict(title, FLAT, value, "itself")


def ratio(own: Sequence[float], peer: Sequence[float]) -> float | None:
    """The median of the rounds' ratios; where one had more rounds than the other, the ratio of the medians."""
    if not own or not peer:
        return None
    if len(own) != len(peer):
        return statistics.median(own) / statistics.median(peer)
    return statistics.median(ratios(own, peer))


def ratios(own: Sequence[float], peer: Sequence[float]) -> list[float]:
    """Round by round, as far as both have gone: a slower moment of the machine hits both."""
    return [mine / other for mine, other in zip(own, peer, strict=False)]


def past_bar(samples: Samples, goal: Goal, row: Row, dags: int) -> bool:
    """Whether a ratio is past the quick form's bar by more than noise explains.

    It is when even the low end of the median's interval is past it. A peer that could not be measured is no proof.
    """
    found = ratios(samples.of(row.key, dags, MERGEFLOW), samples.of(row.key, dags, goal.peer))
    return bool(found) and goal.quick is not None and interval(found)[0] > goal.quick


def interval(
    values: Sequence[float], middle: Callable[[Sequence[float]], float] = statistics.median
) -> tuple[float, float]:
    """Where the median would lie if it all were done again: the bootstrap interval of `LEVEL`."""
    dice = random.Random(0)
    drawn = sorted(middle(dice.choices(values, k=len(values))) for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - LEVEL) / 2)
    return drawn[cut], drawn[-1 - cut]
