"""Data that stands in no database: a file, or rows that another task has handed over; pandas holds all of it."""

import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mergeflow.quality.batch import Batch, BatchError, reason
from mergeflow.quality.importing import import_great_expectations
from mergeflow.quality.outcome import cut
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
                    return _csv(stream, name)
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


def _csv(stream: IO[bytes], name: str) -> "DataFrame":
    """Raises BatchError where a column would be held against what the suite says of another."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            # A column's type is told from all of it: told from parts, a large file's may be several. Without
            # `index_col` cells that are too many would shift all others, and silently.
            frame = pd.read_csv(stream, low_memory=False, index_col=False)
        except pd.errors.ParserWarning:
            raise BatchError(f"file `{name}` has rows with more cells than its header names") from None
    stream.seek(0)
    header = pd.read_csv(stream, header=None, nrows=1, dtype=str).iloc[0].dropna()
    if not header.is_unique:  # pandas gives the second another name
        raise BatchError(f"file `{name}` has two columns `{cut(str(header[header.duplicated()].iloc[0]))}`")
    return frame


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
