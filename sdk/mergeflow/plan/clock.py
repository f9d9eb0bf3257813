"""The moments at which Airflow creates runs, to the second: what `CronMixin` and `DeltaMixin` of Airflow 3.3.2 do.

Airflow steps along the wall clock of the DAG's time zone, except for a cron that fires in every hour, which it steps
along real time. So what happens on the days on which clocks are changed is stepped through, and the rest is counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from mergeflow.schedules import Cron, count_runs

_FIRST_CHANGE = 1900
"""Before this year no clocks were changed."""


class Clock(Protocol):
    """When something fires. All moments have a time zone."""

    def after(self, moment: datetime) -> datetime | None:
        """The first time after a moment; none when it never fires again."""
        ...

    def since(self, moment: datetime) -> datetime | None:
        """The first time from a moment on."""
        ...

    def until(self, moment: datetime) -> datetime | None:
        """The last time up to a moment."""
        ...

    def count(self, first: datetime, last: datetime, most: int) -> int:
        """How often it fires from a time at which it does until a moment, both included; more than `most` is enough."""
        ...


@dataclass(frozen=True, slots=True)
class Delta:
    """What fires again after a span of time, whenever it fires first."""

    span: timedelta

    def after(self, moment: datetime) -> datetime | None:
        """A span later."""
        try:
            return moment.astimezone(UTC) + self.span
        except OverflowError:
            return None

    def before(self, moment: datetime) -> datetime | None:
        """A span earlier."""
        try:
            return moment - self.span
        except OverflowError:
            return None

    def since(self, moment: datetime) -> datetime | None:
        """The moment itself."""
        return moment

    def until(self, moment: datetime) -> datetime | None:
        """The moment itself."""
        return moment

    def count(self, first: datetime, last: datetime, most: int) -> int:
        """One for each span that has passed, and one for the first moment."""
        return 0 if last < first else min((last - first) // self.span + 1, most + 1)


@dataclass(frozen=True, slots=True)
class CronClock:
    """A cron on the walls of a time zone."""

    cron: Cron
    zone: tzinfo

    def after(self, moment: datetime) -> datetime | None:
        """As `CronMixin._get_next`."""
        return self._moved(moment, forward=True)

    def since(self, moment: datetime) -> datetime | None:
        """As `CronMixin._align_to_next`."""
        following = self.after(moment)
        return moment if following and self._moved(following, forward=False) == moment else following

    def until(self, moment: datetime) -> datetime | None:
        """As `CronMixin._align_to_prev`."""
        before = self._moved(moment, forward=False)
        return moment if before and self.after(before) == moment else before

    def count(self, first: datetime, last: datetime, most: int) -> int:
        """Counted along the wall clock; set right by what really happens where clocks are changed."""
        if last < first:
            return 0
        start, stop = self._wall(first), self._wall(last)
        found = 1 + count_runs(self.cron, start + _TICK, stop, most)
        if found > most:
            return most + 1
        seen = first
        for day in self._changes(start.date(), stop.date()):
            if self._wall(seen) >= datetime.combine(day + timedelta(days=1), time()):
                continue  # stepped through already, with the change before it
            reached, stepped, counted = self._through(max(seen, self._before(day) or seen), day, last)
            found += stepped - counted
            seen = reached
        return found

    def _through(self, start: datetime, day: date, last: datetime) -> tuple[datetime, int, int]:
        """Step over a day; where this leads to, in how many steps, and in how many the wall clock would."""
        steps, at, end = 0, start, datetime.combine(day + timedelta(days=1), time())
        while self._wall(at) < end:
            following = self.after(at)
            if following is None or following > last:
                stop = self._wall(last)
                return last, steps, count_runs(self.cron, self._wall(start) + _TICK, stop, steps + _DENSE)
            at, steps = following, steps + 1
        return at, steps, count_runs(self.cron, self._wall(start) + _TICK, self._wall(at), steps + _DENSE)

    def _before(self, day: date) -> datetime | None:
        return self._moved(self._aware(datetime.combine(day, time())), forward=False)

    def _changes(self, first: date, last: date) -> Iterator[date]:
        """The days on which clocks are changed, from the day before the first."""
        if self.zone is UTC:
            return
        day = max(first - timedelta(days=1) if first > date.min else first, date(_FIRST_CHANGE, 1, 1))
        offset = self._offset(day)
        while day <= last and day < date.max:
            following = day + timedelta(days=1)
            next_offset = self._offset(following)
            if next_offset != offset:
                yield day
            day, offset = following, next_offset

    def _offset(self, day: date) -> timedelta | None:
        return self.zone.utcoffset(datetime.combine(day, time(), self.zone))

    def _moved(self, moment: datetime, *, forward: bool) -> datetime | None:
        from croniter import CroniterError, croniter  # type: ignore[import-untyped]

        try:
            here = self._wall(moment)
            steps = croniter(self.cron.text, here)
            there = steps.get_next(datetime) if forward else steps.get_prev(datetime)
            by_the_hour = self.cron.fields[1] == ("*",)
            return moment.astimezone(UTC) + (there - here) if by_the_hour else self._aware(there)
        except (CroniterError, OverflowError, ValueError):
            return None  # it never fires again

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _aware(self, wall: datetime) -> datetime:
        """A time on the wall as a moment: of two the second, and what is skipped is as much later as is skipped."""
        before, after = (wall.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1))
        skipped = after - before if before is not None and after is not None and after > before else timedelta()
        return (wall + skipped).replace(tzinfo=self.zone, fold=1).astimezone(UTC)


_TICK = timedelta(microseconds=1)
_DENSE = 100_000
"""More than any cron fires in the days around a change of clocks."""
