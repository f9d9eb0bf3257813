"""Hold data against an expectation suite, and stop the pipeline when what is critical does not hold."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseOperator, Context
from airflow.sdk.bases.skipmixin import XCOM_SKIPMIXIN_KEY, XCOM_SKIPMIXIN_SKIPPED, SkipMixin
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    DownstreamTasksSkipped,
)

if TYPE_CHECKING:
    from mergeflow.quality.batch import Batch
    from mergeflow.quality.result import Result
    from mergeflow.quality.suite import Suite

DATA = ("table", "query", "file", "rows_of")
ON_FAILURE = ("fail", "warn", "skip_downstream")


class ExpectationsOperator(BaseOperator, SkipMixin):
    """Hold a table, a query's result, a file or another task's rows against a suite of `validators/expectations/`.

    When a critical expectation does not hold, the task fails at once and without a retry: the same rows would break it
    again. Where all that breaks is what could not be looked at, it is tried again. Warnings are logged, and sent as the
    DAG's alerts say. The message shows the values that broke an expectation. The summary, which is the task's XCom
    either way and the extra of its assets' events, holds none.

    :param suite: the suite's name, `team/name`, as it stands in the commit that the run is pinned to.
    :param conn_id: the Airflow connection of the database; Great Expectations' queries run there.
    :param table: a table or view of it, `name` or `schema.name`.
    :param query: or a SELECT.
    :param file: or, without a connection, a .csv, .jsonl or .parquet file; relative to the repository.
    :param rows_of: or a task that this one waits for, and that has returned rows.
    :param window: of a table, the rows of this run: `{column: at, hours: 1}` are those of the hour before it was due,
        and `{column: at}` those of its data interval, where it has one.
    :param on_failure: `fail`, or `warn`: go on all the same, or `skip_downstream`: succeed, and skip all that waits.
    """

    template_fields = ("conn_id", "table", "query", "file")
    template_fields_renderers = {"query": "sql"}  # noqa: RUF012 - as Airflow declares it
    ui_color = "#e6f4ea"

    def __init__(  # noqa: PLR0913 - what a config says
        self,
        *,
        suite: str,
        conn_id: str | None = None,
        table: str | None = None,
        query: str | None = None,
        file: str | None = None,
        rows_of: str | None = None,
        window: Mapping[str, Any] | None = None,
        on_failure: str = "fail",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sum(each is not None for each in (table, query, file, rows_of)) != 1:
            raise ValueError("give one of `table`, `query`, `file` and `rows_of`")
        if (conn_id is None) == (table is not None or query is not None):
            raise ValueError("give `conn_id` with `table` or `query`, and without `file` or `rows_of`")
        if window is not None and (table is None or not window.get("column")):
            raise ValueError("give `window` with `table`, and in it a `column`")
        if on_failure not in ON_FAILURE:
            raise ValueError(f"`on_failure` is one of {', '.join(ON_FAILURE)}")
        self.suite = suite
        self.conn_id = conn_id
        self.table = table
        self.query = query
        self.file = file
        self.rows_of = rows_of
        self.window = window
        self.on_failure = on_failure

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the summary. Raises AirflowFailException for bad data, AirflowException where none could be seen."""
        begun = monotonic()
        try:
            result = self._result(context)
        except Exception as error:
            _report(context, None, str(error), monotonic() - begun)
            raise
        except BaseException as error:  # a timeout too; its text may quote what is sensitive
            _report(context, None, f"it raised {type(error).__name__}; the task's log has more", monotonic() - begun)
            raise
        _report(context, result, None, monotonic() - begun)
        return self._concluded(result, context)

    def _result(self, context: Context) -> "Result":
        from mergeflow.quality.batch import BatchError
        from mergeflow.quality.suite import SuiteError, find_root, read_suite
        from mergeflow.quality.validate import validate

        is_secret = False
        try:
            root = find_root(Path(self.get_dag().fileloc))  # type: ignore[union-attr]  # a running task has a DAG
            suite = read_suite(root, self.suite)
            is_secret = any(column.sensitive for column in suite.columns)
            with self._batch(suite, root, context) as batch:
                return validate(suite, batch)
        except SuiteError as error:
            raise AirflowFailException(str(error)) from None
        except ImportError as error:
            raise AirflowException(f"suite `{self.suite}`: {error}; it comes with `mergeflow[quality]`") from None
        except BatchError as error:
            raise AirflowException(f"suite `{self.suite}`: {error}") from None
        except Exception as error:
            if not is_secret:
                raise
            said = f"{type(error).__name__}, and what that says is not shown: it may quote a sensitive column"
            raise AirflowException(f"suite `{self.suite}`: {said}") from None

    def _concluded(self, result: "Result", context: Context) -> dict[str, Any]:
        """What becomes of the task, and of those that wait for it."""
        summary = result.summary()
        stops = result.stopping and self.on_failure != "warn"
        if stops and self.do_xcom_push:
            context["ti"].xcom_push("return_value", summary)
        if stops and self.on_failure == "fail":
            seen = any(each.status == "failed" for each in result.stopping)
            raise (AirflowFailException if seen else AirflowException)(str(result))
        if not result.stopping and not result.reported:
            self.log.info("%s", result)
        else:
            self.log.warning("%s", result)
            self._warn(result, context)
        if stops:
            self._skip_downstream(context)
        else:
            self._tell_assets(summary, context)
        return summary

    def _skip_downstream(self, context: Context) -> None:
        """Skip all that waits for this task, also through others, and whatever these make of skipped ones.

        Teardowns run. No asset is updated: what waits for one would run on data that is not as it should be. Raises
        DownstreamTasksSkipped, with which Airflow lets this task succeed. Its own `skip` leaves out what is mapped: it
        skips nothing for a mapped gate, and knows no instances of a mapped task.
        """
        task: Any = context["ti"].task
        task.outlets = []
        waiting = [each for each in task.get_flat_relatives(upstream=False) if not each.is_teardown]
        if not waiting:
            return
        ids = [each.task_id for each in waiting]
        context["ti"].xcom_push(XCOM_SKIPMIXIN_KEY, {XCOM_SKIPMIXIN_SKIPPED: ids})  # asked for where they are cleared
        skipped = [*ids, *(instance for each in waiting for instance in _instances(each))]
        raise DownstreamTasksSkipped(tasks=skipped)  # type: ignore[no-untyped-call]

    def _tell_assets(self, summary: Mapping[str, Any], context: Context) -> None:
        for each in self.outlets:
            if isinstance(each, Asset):
                context["outlet_events"][each].extra["expectations"] = dict(summary)

    def _warn(self, result: "Result", context: Context) -> None:
        from mergeflow.airflow.notifiers import warn

        warn(self.get_dag(), context, str(result))  # type: ignore[arg-type]  # a running task has a DAG

    @contextmanager
    def _batch(self, suite: "Suite", root: Path, context: Context) -> Iterator["Batch"]:
        from mergeflow.quality.types import MOMENTS

        moments = [column.name for column in suite.columns if column.type in MOMENTS]
        if self.file is not None:
            from mergeflow.quality.frames import of_file

            yield of_file(root / self.file, self.file, moments)
        elif self.rows_of is not None:
            from mergeflow.quality.frames import of_rows

            rows = context["ti"].xcom_pull(task_ids=self._whole_id(self.rows_of))
            yield of_rows(rows, f"rows of task `{self.rows_of}`", moments)
        else:
            with self._in_database(suite, context) as batch:
                yield batch

    def _whole_id(self, name: str) -> str:
        """The task's id with those of its groups, which a config does not write."""
        ids = self.get_dag().task_dict  # type: ignore[union-attr]  # a running task has a DAG
        return name if name in ids else next((each for each in ids if each.endswith(f".{name}")), name)

    @contextmanager
    def _in_database(self, suite: "Suite", context: Context) -> Iterator["Batch"]:
        from mergeflow.airflow.connections import engine as engine_of
        from mergeflow.quality.batch import BatchError, of_query, of_table
        from mergeflow.quality.masking import masking_of

        try:
            window = self._window(context)
            engine = engine_of(str(self.conn_id))
        except AirflowNotFoundException:
            raise BatchError(f"there is no connection `{self.conn_id}`") from None
        except ValueError as error:  # of a connection that is of no use, or a run without a window
            raise BatchError(str(error)) from None
        masking = masking_of(suite)
        try:
            if self.query is not None:
                batch = of_query(engine, self.query, masking)
            else:
                batch = of_table(engine, str(self.table), window, masking)
            try:
                yield batch
            finally:
                batch.close()
        finally:
            engine.dispose()

    def _window(self, context: Context) -> Any:
        if self.window is None:
            return None
        from mergeflow.airflow.windows import window_of

        return window_of(self.window, context, self.get_dag().timezone)  # type: ignore[union-attr]


def _instances(task: Any) -> Iterator[tuple[str, int]]:
    """The instances that a mapped task has from the beginning: of what is mapped over values that its config holds."""
    specified = getattr(task, "_get_specified_expand_input", None)
    mapped = specified().value if specified else None
    lists: list[Any] = [*mapped.values()] if isinstance(mapped, Mapping) else [mapped]  # `expand`, or `expand_kwargs`
    if lists and all(isinstance(each, Mapping | Sequence) for each in lists):
        count = 1
        for each in lists:
            count *= len(each)
        yield from ((task.task_id, index) for index in range(count))


def _report(context: Context, result: "Result | None", error: str | None, seconds: float) -> None:
    from mergeflow.airflow.reports import write

    write(context, result, error, seconds)
