"""The part of a table that belongs to one run: from one moment on, up to another, by a column that holds moments."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.type_api import TypeEngine


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` on and before `end`, so that windows of runs that follow each other share no row and miss none.

    `zone` is the DAG's: a column of dates holds days there, each of which is in the window in which it begins.
    """

    column: str
    start: datetime
    end: datetime
    zone: tzinfo = UTC

    def __str__(self) -> str:
        return f"`{self.column}` from {_shown(self.start)} to {_shown(self.end)}"

    def where(
        self, column: "ColumnElement[Any]", kind: "TypeEngine[Any]", dialect: str
    ) -> "ColumnElement[bool] | None":
        """The condition in SQL; nothing where the column's type holds no moments.

        Moments without a time zone are UTC. SQLite has no type for moments, so its texts are read as such, in any form
        of ISO 8601; what it cannot read is in no window.
        """
        from sqlalchemy import and_, func, types

        start: Any
        end: Any
        if isinstance(kind, types.Date):
            start, end = self._day(self.start), self._day(self.end)
        elif dialect == "sqlite" and isinstance(kind, types.DateTime | types.String):
            column = func.datetime(column)
            start, end = (f"{_utc(each):%Y-%m-%d %H:%M:%S}" for each in (self.start, self.end))
        elif isinstance(kind, types.DateTime):
            start, end = (each if kind.timezone else _utc(each) for each in (self.start, self.end))
            if dialect in ("mysql", "mariadb") and isinstance(kind, types.TIMESTAMP):
                # Which is kept in UTC, and shown and compared in the time zone of whoever asks.
                start, end = (func.from_unixtime(each.timestamp()) for each in (self.start, self.end))
        else:
            return None
        return and_(column >= start, column < end)

    def _day(self, moment: datetime) -> date:
        """The first day that begins at a moment or after it."""
        day = moment.astimezone(self.zone).date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)  # where it is skipped: when that happens
        return day if midnight.astimezone(UTC) >= moment.astimezone(UTC) else day + timedelta(days=1)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _shown(moment: datetime) -> str:
    return f"{_utc(moment).isoformat(' ', 'seconds')} UTC"
