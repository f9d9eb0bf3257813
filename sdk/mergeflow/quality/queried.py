"""A table, a query or a file as a pandas frame, for tests that look at data."""

from pathlib import Path
from typing import TYPE_CHECKING

from mergeflow.quality.batch import BatchError, reason
from mergeflow.quality.frames import read_frame

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame  # noqa: PLC0414 - so that a fixture can name it, too
    from sqlalchemy import Engine

_WORDS = ("select ", "with ", "values ")
"""What a query begins with; anything else is a table's name."""


def from_database(engine: "Engine | str", what: str) -> "DataFrame":
    """All rows of a table, `name` or `schema.name`, or of a query. `engine` may be a URL. Raises BatchError."""
    import pandas as pd
    from sqlalchemy import MetaData, NullPool, Table, create_engine, select, text
    from sqlalchemy.exc import SQLAlchemyError

    try:
        opened = create_engine(engine, poolclass=NullPool) if isinstance(engine, str) else engine
        with opened.connect() as connection:
            if f"{what.split(maxsplit=1)[0] if what.split() else ''} ".lower() in _WORDS:
                return pd.read_sql_query(text(what), connection)
            schema, _, name = what.rpartition(".")
            return pd.read_sql_query(
                select(Table(name, MetaData(), schema=schema or None, autoload_with=connection)), connection
            )
    except SQLAlchemyError as error:
        raise BatchError(f"`{what}` cannot be read: {reason(error)}") from None


def from_file(file: Path) -> "DataFrame":
    """A .csv, .jsonl or .parquet file. Raises BatchError."""
    return read_frame(file, file.name, ())
