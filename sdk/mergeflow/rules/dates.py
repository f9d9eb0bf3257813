"""Dates and time zones as dag-factory reads them (`dagfactory.utils.get_datetime` of dag-factory 1.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from mergeflow.dag import Dag
from mergeflow.diagnostic import Route

ANY_DAY = date(2025, 1, 1)
"""A today for questions whose answer is the same on every day."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RELATIVE = re.compile(
    r"((?P<hours>\d+?)\s+hour)?((?P<minutes>\d+?)\s+minute)?((?P<seconds>\d+?)\s+second)?((?P<days>\d+?)\s+day)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a DAG or of its `default_args`, as written; `route` leads to them from the DAG."""

    route: Route
    data: Mapping[str, Any]

    def given(self) -> dict[str, object]:
        """The dates that are set, by key."""
        return {key: self.data[key] for key in ("start_date", "end_date") if self.data.get(key) is not None}

    def zone(self) -> tzinfo | None:
        """Their time zone; none where there is no such zone, or where it cannot be told from the text."""
        name = self.data.get("timezone", "UTC")
        return zone_of(name) if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that holds for a DAG: the route to it, and what it means."""

    route: Route
    at: datetime


def blocks_of(dag: Dag) -> tuple[Dates, ...]:
    """The two places of a DAG in which dag-factory reads dates, the stronger first."""
    default_args = dag.config.get("default_args")
    own = Dates((), dag.config)
    return (own, Dates(("default_args",), default_args)) if isinstance(default_args, dict) else (own,)


def effective(dag: Dag, key: str, today: date) -> Moment | None:
    """The DAG's own start or end, else that of its `default_args`; none when it is not there or cannot be read."""
    for block in blocks_of(dag):
        value = block.given().get(key)
        if value is not None:
            zone = block.zone()
            at = moment(value, zone, today) if zone else None
            return Moment((*block.route, key), at) if at else None
    return None


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo | None:
    """The time zone of this name, or none when there is no such zone."""
    if name.lower() == "utc":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def moment(value: object, zone: tzinfo, today: date) -> datetime | None:
    """What a date means; a text such as `2 days` counts back from the beginning of today. None: it cannot be read."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    if not isinstance(value, str):
        return None
    parsed = parse(value, today)
    return parsed.replace(tzinfo=zone) if parsed else None


@lru_cache(maxsize=1024)
def parse(text: str, today: date) -> datetime | None:
    """A text as pendulum reads it, else as a time before today. Its own offset is lost, as dag-factory loses it."""
    if _DAY.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    import pendulum
    from pendulum.parsing.exceptions import ParserError

    try:
        parsed = pendulum.parse(text)
    except ParserError:
        return _before(text, today)
    except (ValueError, TypeError, OverflowError, AttributeError):
        return None  # what dag-factory does not catch either
    return _plain(parsed) if isinstance(parsed, pendulum.DateTime) else None


def _plain(at: datetime) -> datetime:
    return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond)  # noqa: DTZ001


def _before(text: str, today: date) -> datetime | None:
    found = _RELATIVE.match(text)
    try:
        spans = {unit: int(many) for unit, many in found.groupdict().items() if many} if found else {}
        return datetime.combine(today, time()) - timedelta(**spans) if spans else None
    except (OverflowError, ValueError):
        return None
