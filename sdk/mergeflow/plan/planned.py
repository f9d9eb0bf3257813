"""A plan with all that can be said: when DAGs run, through what they change, whom they reach, and what comes of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from mergeflow.plan.causes import Causes
from mergeflow.plan.changes import Consequence, DagChange, Kind, Level, Plan, Timing
from mergeflow.plan.comparing import diff
from mergeflow.plan.consequences import of_change, of_plan
from mergeflow.plan.contracts import of_suites
from mergeflow.plan.named_code import dags_that_run
from mergeflow.plan.reach import Downstream
from mergeflow.plan.sides import Side
from mergeflow.plan.timing import timing_of
from mergeflow.plan.touched import of_files

_WHEN = ("schedule", "start_date", "end_date", "timezone", "catchup")
"""Settings that decide when a DAG runs next."""


def planned(before: Side, after: Side, touched: Collection[str], now: datetime, otherwise: str = "") -> Plan:
    """What merging brings about, as far as the two sides tell; `touched` are the paths of the files that differ.

    `otherwise` is what changes DAGs where no file does.
    """
    causes = Causes(before, after, touched, otherwise)
    changes = [causes.told(change) for change in diff(before.compiled, after.compiled).changes]
    changes += _by_code(changes, after, touched)
    downstream = Downstream(after.dags.values()) if any(not each.indirect for each in changes) else None
    told = [_timed(change, before, after, now) for change in sorted(changes, key=lambda each: each.dag_id)]
    told = [_reaching(change, before, after, downstream) for change in told]
    found = [each for change in told for each in of_change(change, before, after, now)]
    found += [*of_plan(told, before, after), *of_suites(before, after, touched), *of_files(before, after, touched)]
    return Plan(tuple(told), tuple(_in_order(found)))


def _by_code(changes: list[DagChange], after: Side, touched: Collection[str]) -> Iterator[DagChange]:
    """The DAGs whose configs are as they were, but which run code that is not."""
    changed = {each.dag_id for each in changes}
    through: dict[str, list[str]] = {}
    for path, dag_ids in dags_that_run(after.dags.values(), touched, after.code).items():
        for dag_id in dag_ids:
            through.setdefault(dag_id, []).append(path)
    for dag_id in through.keys() - changed:
        dag = after.dags[dag_id]
        places = tuple(sorted(through[dag_id]))
        yield DagChange(Kind.CHANGED, dag_id, dag.path, tasks=len(dag.tasks), indirect=True, through=places)


def _timed(change: DagChange, before: Side, after: Side, now: datetime) -> DagChange:
    """A change with when the DAG ran and will run, where that is not the same."""
    if change.kind is Kind.CHANGED and not any(each.name.rpartition(".")[2] in _WHEN or each.name.startswith("schedule")
                                               for each in change.fields):  # fmt: skip
        return change
    old, new = before.dags.get(change.was or change.dag_id), after.dags.get(change.dag_id)
    times: list[Timing | None] = [timing_of(dag, now) if dag else None for dag in (old, new)]
    return change if times[0] == times[1] else replace(change, before=times[0], after=times[1])


def _reaching(change: DagChange, before: Side, after: Side, downstream: Downstream | None) -> DagChange:
    dag = after.dags.get(change.dag_id) or before.dags.get(change.dag_id)
    if downstream is None or change.indirect or dag is None:
        return change
    return replace(change, reaches=downstream.of(dag))


def _in_order(found: Iterable[Consequence]) -> list[Consequence]:
    """What needs attention first, else as it was found; what is the same for several DAGs is told once."""
    alike: dict[tuple[str, Level, str], list[Consequence]] = {}
    for number, each in enumerate(found):
        same = (each.slug, each.level, each.text if each.dag_ids else f"{number}")
        alike.setdefault(same, []).append(each)
    return sorted(map(_together, alike.values()), key=lambda each: each.level is not Level.ATTENTION)


def _together(alike: list[Consequence]) -> Consequence:
    if len(alike) == 1:
        return alike[0]
    dag_ids = dict.fromkeys(dag_id for each in alike for dag_id in each.dag_ids)
    places = {each.place for each in alike}
    place = places.pop() if len(places) == 1 else ""
    runs = sum(each.runs for each in alike)
    text = f"{alike[0].text}, each" if runs else alike[0].text
    return replace(alike[0], text=text, dag_ids=tuple(dag_ids), place=place, runs=runs)
