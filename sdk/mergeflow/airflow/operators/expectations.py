"""Hold data against an expectation suite, and stop the pipeline when what is critical does not hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

if TYPE_CHECKING:
    from mergeflow.quality.batch import Batch
    from mergeflow.quality.suite import Suite


class ExpectationsOperator(BaseOperator):
    """Hold a table, a query's result or a file against a suite of `validators/expectations/`.

    The task fails, at once and without a retry, when a critical expectation does not hold or cannot be looked at: the
    same rows would break it again. Warnings are logged. The message shows the values that broke an expectation. The
    summary, which is the task's XCom either way, holds none.

    :param suite: the suite's name, `team/name`, as it stands in the commit that the run is pinned to.
    :param conn_id: the Airflow connection of the database; Great Expectations' queries run there.
    :param table: a table or view of it, `name` or `schema.name`.
    :param query: or a SELECT.
    :param file: or, without a connection, a .csv, .jsonl or .parquet file; relative to the repository.
    """

    template_fields = ("conn_id", "table", "query", "file")
    template_fields_renderers = {"query": "sql"}  # noqa: RUF012 - as Airflow declares it
    ui_color = "#e6f4ea"

    def __init__(
        self,
        *,
        suite: str,
        conn_id: str | None = None,
        table: str | None = None,
        query: str | None = None,
        file: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sum(each is not None for each in (table, query, file)) != 1:
            raise ValueError("give one of `table`, `query` and `file`")
        if (conn_id is None) == (file is None):
            raise ValueError("give `conn_id` with `table` or `query`, and without `file`")
        self.suite = suite
        self.conn_id = conn_id
        self.table = table
        self.query = query
        self.file = file

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the summary. Raises AirflowFailException for bad data, AirflowException where none could be seen."""
        from mergeflow.quality.batch import BatchError
        from mergeflow.quality.suite import SuiteError, find_root, read_suite
        from mergeflow.quality.validate import validate

        try:
            root = find_root(Path(self.get_dag().fileloc))  # type: ignore[union-attr]  # a running task has a DAG
            suite = read_suite(root, self.suite)
            with self._batch(suite, root) as batch:
                result = validate(suite, batch)
        except SuiteError as error:
            raise AirflowFailException(str(error)) from None
        except ImportError as error:
            raise AirflowException(f"suite `{self.suite}`: {error}; it comes with `mergeflow[quality]`") from None
        except (BatchError, ValueError) as error:
            raise AirflowException(f"suite `{self.suite}`: {error}") from None
        summary = result.summary()
        if result.stopping:
            if self.do_xcom_push:
                context["ti"].xcom_push("return_value", summary)
            raise AirflowFailException(str(result))
        (self.log.warning if result.reported else self.log.info)("%s", result)
        return summary

    @contextmanager
    def _batch(self, suite: "Suite", root: Path) -> Iterator["Batch"]:
        from mergeflow.quality.batch import BatchError, of_file, of_query, of_table
        from mergeflow.quality.types import MOMENTS

        if self.file is not None:
            moments = [column.name for column in suite.columns if column.type in MOMENTS]
            yield of_file(root / self.file, self.file, moments)
            return
        from mergeflow.airflow.connections import engine as engine_of

        try:
            engine = engine_of(str(self.conn_id))
        except AirflowNotFoundException:
            raise BatchError(f"there is no connection `{self.conn_id}`") from None
        try:
            batch = of_query(engine, self.query) if self.query is not None else of_table(engine, str(self.table))
            try:
                yield batch
            finally:
                batch.close()
        finally:
            engine.dispose()
