"""`make bench`: Mergeflow against its peers, side by side in one run, as ratios. `make bench-quick`: the short form."""

import argparse
import signal
import sys
import time
from pathlib import Path

from tests.benchmarks import chart, page, samples
from tests.benchmarks.cells import rational
from tests.benchmarks.measurements import Plan
from tests.benchmarks.rows import FLEET, MERGEFLOW, QUICK, ROWS, SIZES
from tests.benchmarks.run import run
from tests.benchmarks.samples import Samples
from tests.benchmarks.verdict import interval, past_bar, ratio, ratios

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
RAW = REPOSITORY / ".mergeflow/bench"
ROUNDS = 5


def main() -> int:
    """Measure, print the page and write it; 1 when a goal is missed or something could not be measured."""
    given = _arguments().parse_args()
    if given.page_from is not None:
        return _publish(samples.load(given.page_from), write=not given.no_write)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, and what was written removed
    plan, found = _plan(given), _begin(given)
    run(plan, found)
    for what, why in found.facts.get("failed", {}).items():
        print(f"not measured: {what}: {why}", file=sys.stderr)
    print(f"raw results: {found.path}")
    if given.quick:
        return _publish_quick(found)
    return _publish(found, write=_is_whole(given, found))


def _arguments() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    keys = [row.key for row in ROWS]
    options.add_argument("--only", metavar="ROW", choices=keys, action="append", help=f"one of {', '.join(keys)}")
    options.add_argument("--rounds", type=int, default=ROUNDS, help=f"at {FLEET:,} DAGs (default {ROUNDS})")
    options.add_argument("--sizes", metavar="N,N", type=_sizes, default=SIZES, help="DAGs in the fleets")
    options.add_argument("--no-live", action="store_true", help="start no Airflow")
    options.add_argument("--no-write", action="store_true", help="leave docs/ as it is")
    options.add_argument("--resume", action="store_true", help="go on with the last run, where it was broken off")
    options.add_argument(
        "--page-from", metavar="FILE", type=Path, help="measure nothing, make the page from raw results"
    )
    options.add_argument("--quick", action="store_true", help=f"a fleet of {QUICK} DAGs, held against its own bars")
    return options


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in text.split(",")}))


def _plan(given: argparse.Namespace) -> Plan:
    rows = [row for row in ROWS if given.only is None or row.key in given.only]
    if given.quick:
        return Plan(tuple(row for row in rows if not row.live), (QUICK,), QUICK, given.rounds, quick=True)
    rows = [row for row in rows if not (row.live and given.no_live)]
    return Plan(tuple(rows), given.sizes, FLEET if FLEET in given.sizes else max(given.sizes), given.rounds)


def _begin(given: argparse.Namespace) -> Samples:
    kind = "quick" if given.quick else "full"
    last = samples.newest(RAW, kind) if given.resume else None
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return samples.load(last) if last else Samples(RAW / f"{kind}-{now}.json")


def _is_whole(given: argparse.Namespace, found: Samples) -> bool:
    """Only a whole run may write the page."""
    partial = given.no_write or given.only or given.no_live or given.sizes != SIZES or given.rounds < ROUNDS
    return not partial and not found.facts.get("failed")


def _publish(found: Samples, *, write: bool) -> int:
    text = page.page(found)
    print(text)
    if write:
        (DOCS / "benchmarks.md").write_text(text)
        for name, picture in page.charts(found).items():
            (DOCS / name).write_text(chart.svg(picture))
    missed = [verdict for verdict in page.goals(found) if not verdict.met and (write or verdict.value is not None)]
    for verdict in missed:
        peer = f" against {verdict.peer}" if verdict.peer else ""
        print(f"missed: {verdict.title}{peer}", file=sys.stderr)
    return 1 if missed or found.facts.get("failed") else 0


def _publish_quick(found: Samples) -> int:
    """Say how each ratio stands to its bar; 1 when one is past it by more than noise explains."""
    past = False
    for row, goal in ((each, goal) for each in ROWS for goal in each.goals):
        own, peer = (found.of(row.key, QUICK, who) for who in (MERGEFLOW, goal.peer))
        value = ratio(own, peer)
        if value is None or goal.quick is None:
            continue
        failed = past_bar(found, goal, row, QUICK)
        past = past or failed
        low, high = (rational(end) for end in interval(ratios(own, peer)))
        print(
            f"{'PAST ITS BAR' if failed else 'ok'}: {row.title}: {rational(value)} of {goal.peer}"
            f" ({low} to {high}, bar {rational(goal.quick)})"
        )
    return 1 if past or found.facts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
