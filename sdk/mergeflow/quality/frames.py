"""Data that stands in no database: a file, or rows that another task has handed over; pandas holds all of it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeflow.quality.batch import Batch, BatchError, reason
from mergeflow.quality.importing import import_great_expectations
from mergeflow.quality.types import of_frame

if TYPE_CHECKING:
    from pandas import DataFrame


def of_file(file: Path, name: str, moments: Collection[str]) -> Batch:
    """A CSV, JSON-lines or Parquet file, read whole; the columns `moments` are read as dates. Raises BatchError."""
    return _batch(read_frame(file, name, moments), f"file `{name}`")


def of_rows(rows: Any, name: str, moments: Collection[str]) -> Batch:
    """Rows as a task returns them: a list of mappings, a frame, or `{data: [[…]], columns: […]}`. Raises BatchError."""
    return _batch(_dated(_framed(rows, name), moments), name)


def read_frame(file: Path, name: str, moments: Collection[str]) -> "DataFrame":
    """A file's rows, without Great Expectations. Raises BatchError."""
    return _dated(_read(file, name), moments)


def _batch(frame: "DataFrame", name: str) -> Batch:
    import_great_expectations()
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.execution_engine.pandas_batch_data import PandasBatchData

    execution = PandasExecutionEngine()
    types = {str(column): of_frame(frame[column]) for column in frame.columns}
    return Batch(name, execution, PandasBatchData(execution, frame), types)


def _read(file: Path, name: str) -> "DataFrame":
    """Opened here and not by pandas, which would also fetch what an address names."""
    import pandas as pd

    try:
        with file.open("rb") as stream:
            match file.suffix:
                case ".csv":
                    # a column's type is told from all of it: told from parts, a large file's may be several
                    return pd.read_csv(stream, low_memory=False)
                case ".jsonl":
                    return pd.read_json(stream, lines=True)
                case ".parquet":
                    return pd.read_parquet(stream)
                case other:
                    raise BatchError(f"file `{name}` is none of .csv, .jsonl and .parquet, but `{other}`")
    except OSError as error:
        raise BatchError(f"file `{name}` cannot be read: {str(error.strerror).lower()}") from None
    except (ValueError, ImportError) as error:  # pandas' own errors, and text that is not UTF-8, are ValueErrors
        raise BatchError(f"file `{name}` cannot be read: {reason(error)}") from None


def _dated(frame: "DataFrame", moments: Collection[str]) -> "DataFrame":
    import pandas as pd

    for column in set(moments) & set(frame.columns):
        with suppress(ValueError, TypeError):  # it stays text then, and that is what is reported
            frame[column] = pd.to_datetime(frame[column], format="ISO8601")
    return frame


def _framed(rows: Any, name: str) -> "DataFrame":
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return rows.reset_index(drop=True)
    columns = None
    if isinstance(rows, Mapping) and {"data", "columns"} <= rows.keys():
        rows, columns = rows["data"], rows["columns"]
    if rows is None:
        raise BatchError(f"there are no {name}: it has returned nothing")
    listed = list(rows) if isinstance(rows, Sequence) and not isinstance(rows, str | bytes) else None
    wanted = Mapping if columns is None else Sequence
    if listed is None or not all(isinstance(each, wanted) for each in listed):
        kind = type(rows).__name__ if listed is None else "a list of something else"
        raise BatchError(f"{name} must be a list of mappings, or `data` with `columns`; this is {kind}")
    try:
        return pd.DataFrame(listed, columns=columns)
    except ValueError as error:
        raise BatchError(f"{name} cannot be read: {reason(error)}") from None
