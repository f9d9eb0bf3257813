"""What Airflow runs against a commit, for a terminal: a head line, a block for each state, and a last line."""

from collections.abc import Iterator
from datetime import UTC, datetime

from mergeflow.render.plan_words import many
from mergeflow.render.text import BLUE, GREEN, RED, RESET, YELLOW, printable, shortened
from mergeflow.status import DagStatus, State, Status, last_line, short

SHOWN = 50
"""So many DAGs of a state are named; the rest are counted."""
_COLORS = {State.SYNCED: GREEN, State.PAUSED: BLUE, State.ORPHAN: YELLOW, State.OUT_OF_SYNC: YELLOW}
_ORDER = (State.SYNCED, State.PAUSED, State.OUT_OF_SYNC, State.MISSING, State.STALE, State.ERROR, State.ORPHAN)
_WIDTH = max(len(state.value) for state in State)


def render(status: Status, now: datetime, *, color: bool = False) -> str:
    """The whole answer; `now` is what ages are told from."""
    blocks = [[*_head(status, now)], [*_states(status, color=color)], [*_failures(status)], [*_notes(status)]]
    blocks.append([summary(status)])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def summary(status: Status) -> str:
    """One line: whether it is done."""
    good, total = sum(each.state.is_in_sync for each in status.dags), len(status.dags)
    if status.in_sync:
        return f"In sync: {many(total, 'DAG')}."
    failures = f", and {many(len(status.failures), 'import error')} besides" if status.failures else ""
    return f"Not in sync: {good:,} of {many(total, 'DAG')} in sync{failures}."


def _head(status: Status, now: datetime) -> Iterator[str]:
    observed, newest = status.observed, status.newest
    runs = "runs none of these DAGs"
    if newest is not None:
        commit = printable(short(newest.commit)) if newest.commit else "files without a commit"
        runs = f"runs {commit}, last parsed {age(newest.parsed, now)}"
    yield f"Airflow {printable(observed.version)} at {printable(observed.url)} {runs}"
    yield f"expected {printable(status.expected.label)}"
    for name, state in observed.unwell.items():
        yield f"the {name.replace('_', '-')} is {printable(state)}: what follows may be old"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago something was, in the largest unit that it fills, and when."""
    if moment is None:
        return "never"
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} ago ({moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"
    return f"{seconds} s ago ({moment.astimezone(UTC):%H:%M:%S} UTC)"


def _states(status: Status, *, color: bool) -> Iterator[str]:
    for state in _ORDER:
        dags = [each for each in status.dags if each.state is state]
        if not dags:
            continue
        start, end = (_COLORS.get(state, RED), RESET) if color else ("", "")
        head = f"  {start}{state.value:<{_WIDTH}}{end}  {len(dags):>5,}"
        lines = [*_dags(state, dags)]
        yield f"{head}   {lines[0]}" if lines else head
        yield from (f"  {'':<{_WIDTH + 10}}{line}" for line in lines[1:])


def _dags(state: State, dags: list[DagStatus]) -> Iterator[str]:
    if state is State.SYNCED:
        return
    if state is State.PAUSED:
        names = [printable(each.dag_id) for each in dags[:SHOWN]]
        yield ", ".join(names) + (f" and {len(dags) - SHOWN:,} more" if len(dags) > SHOWN else "")
        return
    shown = dags[:SHOWN]
    width = max(len(printable(each.dag_id)) for each in shown)
    for each in shown:
        yield f"{printable(each.dag_id):<{width}}  {printable(shortened(each.detail))}".rstrip()
    if len(dags) > SHOWN:
        yield f"and {len(dags) - SHOWN:,} more; --format json has all"


def _failures(status: Status) -> Iterator[str]:
    """The import errors that no DAG's line has told."""
    for each in status.failures[:SHOWN]:
        text = each.text.strip().removeprefix("ConfigErrors:").strip()  # what Airflow puts before it
        yield f"import error in {printable(each.file)}:"
        if "Traceback" in text:
            yield f"  {printable(shortened(last_line(text)))}"
        else:
            yield from (f"  {printable(line)}".rstrip() for line in text.splitlines()[:SHOWN])


def _notes(status: Status) -> Iterator[str]:
    if status.unversioned:
        whose = f"the bundle {status.bundle}" if status.bundle else "the bundle"
        yield f"{printable(whose)} names no commit for {many(status.unversioned, 'DAG')}: known is only that"
        since = f"{printable(status.expected.label)} was made" if status.expected.commit else "the last change here"
        yield f"they are there and were parsed after {since}, not what they run"
    for commit in status.unknown:
        name = printable(short(commit))
        yield f"this clone does not have {name}, which Airflow runs: `git fetch`, in CI without a depth"
