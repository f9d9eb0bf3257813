"""Which moments belong to a run: its data interval, or a span that ends when the run was due."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

if TYPE_CHECKING:
    from mergeflow.quality.window import Window

SPANS = ("minutes", "hours", "days")


class WindowError(ValueError):
    """A run to which no moments belong; the text is for the user."""


def window_of(said: Mapping[str, Any], context: Context, zone: tzinfo = UTC) -> "Window":
    """The window of a run, as a task's `window` says: `{column: at}` or `{column: at, hours: 1}`. Raises WindowError.

    Most runs of Airflow 3 have an empty data interval: a cron run's begins and ends when the run is due. So without a
    span only timetables with real intervals will do. Days are those of the DAG's time `zone`, where some have 23 hours.
    """
    from mergeflow.quality.window import Window

    start, end = (_moment(context.get(f"data_interval_{each}")) for each in ("start", "end"))
    run: Any = context.get("dag_run")
    end = end or _moment(getattr(run, "logical_date", None)) or _moment(getattr(run, "run_after", None))
    if end is None:
        raise WindowError("this run has no moment by which its window could be told")
    spans = {key: said[key] for key in SPANS if said.get(key) is not None}
    if spans:
        start = _back(end, spans, zone)
    elif start is None or start >= end:
        raise WindowError("this run has no data interval, so `window` must say how far back it reaches: `hours: 1`")
    return Window(str(said["column"]), start, end, zone)


def _back(end: datetime, spans: Mapping[str, int], zone: tzinfo) -> datetime:
    """Days by the calendar and the clock on the wall, hours and minutes by the time that passes."""
    by_clock = _due_by_clock(end, zone) - timedelta(days=spans.get("days", 0))
    begun = by_clock.replace(tzinfo=zone, fold=end.astimezone(zone).fold) if spans.get("days") else end
    return begun.astimezone(UTC) - timedelta(hours=spans.get("hours", 0), minutes=spans.get("minutes", 0))


def _due_by_clock(end: datetime, zone: tzinfo) -> datetime:
    """What the clock on the wall says when a run is due; of one that came later since its hour was skipped, that hour.

    Nobody can tell it from a run that is always due then; for that, an hour is in two windows, and none is missed.
    """
    before = (end - timedelta(days=1)).astimezone(zone).utcoffset() or timedelta(0)
    meant = end.astimezone(UTC).replace(tzinfo=None) + before
    is_skipped = meant.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != meant
    return meant if is_skipped else end.astimezone(zone).replace(tzinfo=None)


def _moment(found: Any) -> datetime | None:
    if not isinstance(found, datetime):
        return None
    return datetime.fromisoformat(found.isoformat()).astimezone(UTC)  # no pendulum: its arithmetic is another
