"""Values of another type than their column: SQLite keeps a text among integers without a word, and so do frames."""

from typing import TYPE_CHECKING, Any

from mergeflow.quality.types import MOMENTS

if TYPE_CHECKING:
    from mergeflow.quality.batch import Batch

_STORED = {"integer": ("integer",), "boolean": ("integer",), "number": ("integer", "real"), "text": ("text",)}
"""What SQLite calls the values of our types; dates may be stored in any way that it can read."""


def strays(batch: "Batch", column: str, wanted: str) -> str:
    """Which values of a column are of another type than all of it seems to be; nothing in stricter databases.

    Raises SQLAlchemyError where the database cannot say.
    """
    engine = getattr(batch.execution, "engine", None)
    if engine is None:
        frame = batch.data.dataframe
        return _in_frame(frame[column]) if wanted == "text" and column in frame else ""
    if engine.dialect.name != "sqlite":
        return ""
    if wanted in MOMENTS:
        return _no_moments(batch, column, wanted)
    return _in_sqlite(batch, column, wanted) if wanted in _STORED else ""


def _in_frame(column: Any) -> str:
    """Of a frame's column that is taken for text, what is none."""
    others = [type(each).__name__ for each in column.dropna() if not isinstance(each, str)]
    return _said(len(others), set(others)) if others else ""


def _in_sqlite(batch: "Batch", column: str, wanted: str) -> str:
    import sqlalchemy as sa

    kind = sa.func.typeof(sa.column(column)).label("kind")
    part = sa.select(kind, sa.func.count().label("found")).select_from(batch.source).group_by(kind)
    with batch.execution.engine.connect() as connection:
        found = {each.kind: each.found for each in connection.execute(part) if each.kind != "null"}
    others = {name: count for name, count in found.items() if name not in _STORED[wanted]}
    return _said(sum(others.values()), set(others)) if others else ""


def _no_moments(batch: "Batch", column: str, wanted: str) -> str:
    """The texts of a column of dates that are none, and that no window would have."""
    import sqlalchemy as sa

    value: sa.ColumnElement[Any] = sa.column(column)
    condition = sa.and_(sa.func.typeof(value) == "text", sa.func.datetime(value).is_(None))
    counted = sa.select(sa.func.count()).select_from(batch.source).where(condition)
    with batch.execution.engine.connect() as connection:
        found = int(connection.execute(counted).scalar_one())
    return f"but for {found} {'text that is' if found == 1 else 'texts that are'} no {wanted}" if found else ""


def _said(count: int, kinds: set[str]) -> str:
    return f"but for {count} {'value' if count == 1 else 'values'} of the type {' or '.join(sorted(kinds))}"
