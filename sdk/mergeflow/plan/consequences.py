"""What comes of a change beyond the values: runs that are created, history that is lost, how often a DAG runs now."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from mergeflow.dag import Dag
from mergeflow.paths import team_of
from mergeflow.plan.changes import Consequence, DagChange, Kind, Level, NodeChange, Reach
from mergeflow.plan.sides import Side
from mergeflow.plan.timing import MOST_RUNS, frequency, schedule_of, worded
from mergeflow.plan.usage import used_by
from mergeflow.relations import full_id
from mergeflow.rules.dates import effective

_OFTEN = 2
"""So many times as frequent as before, or more, is worth a word."""
_CATCH_UP = ("catchup", "start_date", "schedule", "end_date")


def of_change(change: DagChange, before: Side, after: Side, now: datetime) -> Iterator[Consequence]:
    """What comes of one DAG's change."""
    old, new = before.dags.get(change.was or change.dag_id), after.dags.get(change.dag_id)
    if new:
        yield from _runs(change, old, new, after, now)
    if change.dag_id in after.out:
        text = "would not be live, because it does not check"
        yield Consequence("broken", Level.ATTENTION, text, (change.dag_id,), change.path)
    else:
        yield from _history(change, old, new)
    if old and new:
        yield from _more_often(change, old, new)
    if change.moves_to_another_team:
        text = f"moves from team {team_of(change.was_in) or 'none'} to {change.team or 'none'}"
        yield Consequence("moved", Level.ATTENTION, text, (change.dag_id,), change.path)
    if any(each.name.startswith("access_control") for each in change.fields):
        yield Consequence(
            "permissions", Level.ATTENTION, "who may see or run it changes", (change.dag_id,), change.path
        )
    if change.reaches:
        yield Consequence(
            "downstream", Level.NOTICE, f"reaches {_reached(change.reaches)}", (change.dag_id,), change.path
        )


def of_plan(changes: Iterable[DagChange], before: Side, after: Side) -> Iterator[Consequence]:
    """What comes of all changes together: what a team uses for the first time."""
    teams = {team_of(each.path) for each in changes if each.kind is not Kind.REMOVED}
    if not teams:
        return
    ids = [
        frozenset(dag.dag_id for dag in side.dags.values() if team_of(dag.path) in teams) for side in (before, after)
    ]
    for team in sorted(teams, key=str):
        old, new = (
            used_by(side, frozenset(each for each in of_all if team_of(side.dags[each].path) == team))
            for side, of_all in zip((before, after), ids, strict=True)
        )
        for used in sorted(new.keys() - old.keys()):
            dag_id, place = new[used]
            text = f"uses {used.noun} {used.name}, which team {team or 'none'} has not used before"
            yield Consequence("first-use", Level.NOTICE, text, (dag_id,), place)


def _runs(change: DagChange, old: Dag | None, new: Dag, after: Side, now: datetime) -> Iterator[Consequence]:
    """The runs that Airflow makes up for."""
    schedule = schedule_of(new, now)
    is_new = change.kind in (Kind.ADDED, Kind.RENAMED)
    names = {each.name.rpartition(".")[2] for each in change.fields}
    if not is_new and not names.intersection(_CATCH_UP):
        return
    runs = schedule.runs_at(now)
    if not runs or not (schedule.catchup or is_new):
        return
    words, since = worded(new), effective(new, "start_date", now.date())
    many = f"more than {MOST_RUNS:,} runs" if runs > MOST_RUNS else f"{runs:,} run{'s' * (runs != 1)}"
    place = after.line(new.place("catchup" if schedule.catchup else "schedule"))
    ids = (change.dag_id,)
    if not schedule.catchup:
        yield Consequence("latest-run", Level.NOTICE, f"unpausing creates 1 run, the latest ({words})", ids, place)
        return
    why = f"{words}{f' since {since.at:%Y-%m-%d}' if since else ''}, catch-up is on"
    if is_new:
        yield Consequence("catch-up", Level.ATTENTION, f"unpausing creates {many} ({why})", ids, place, runs)
    elif "catchup" in names or (old and schedule_of(old, now).runs_at(now) != runs):
        text = f"creates up to {many} ({why}): all since its last run"
        yield Consequence("catch-up", Level.ATTENTION, text, ids, place)


def _history(change: DagChange, old: Dag | None, new: Dag | None) -> Iterator[Consequence]:
    """What Airflow remembers under ids that are gone."""
    if change.kind is Kind.RENAMED:
        text = f"renamed from {change.was}: its history stays with the old id"
        yield Consequence("history", Level.ATTENTION, text, (change.dag_id,), change.path)
    elif change.kind is Kind.REMOVED:
        text = "removed: it is never run again, its history stays in Airflow"
        yield Consequence("removed", Level.ATTENTION, text, (change.dag_id,), change.path)
    for node in change.nodes if old and new else ():
        if node.noun == "task" and (text := _lost(node, old, new)):
            level = Level.NOTICE if change.indirect or node.kind is Kind.REMOVED else Level.ATTENTION
            yield Consequence("task-history", level, text, (change.dag_id,), change.path)


def _lost(node: NodeChange, old: Dag | None, new: Dag | None) -> str:
    """What becomes of a task's history; nothing where its id in Airflow stays the same."""
    before = old.tasks.get(node.was or node.name) if old else None
    if old is None or new is None or before is None:
        return ""
    was = full_id(old, before)
    if node.kind is Kind.REMOVED:
        return f"task {was} is removed: its logs can be seen in old runs only"
    now = full_id(new, new.tasks[node.name]) if node.name in new.tasks else was
    if now == was:
        return ""
    verb = "renamed" if node.kind is Kind.RENAMED else "moved to another group"
    return f"task {was} is {verb} and is now {now}: its history stays with the old id"


def _more_often(change: DagChange, old: Dag, new: Dag) -> Iterator[Consequence]:
    if not any(each.name.startswith("schedule") for each in change.fields):
        return
    before, after = frequency(old), frequency(new)
    if before and after and after / before >= _OFTEN:
        words = [worded(dag) for dag in (old, new)]
        text = f"runs {after / before:.0f} times as often: {' → '.join(words)}"
        yield Consequence("frequency", Level.ATTENTION, text, (change.dag_id,), change.path)


def _reached(reaches: tuple[Reach, ...]) -> str:
    few = ", ".join(f"{each.dag_id} ({each.how})" for each in reaches[:5])
    return few + (f" and {len(reaches) - 5} more" if len(reaches) > 5 else "")
