"""What a template is given without a run: a scheduled run's values, and placeholders for what only a run can know."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG
from airflow.sdk.api.datamodels._generated import DagRun, DagRunState, DagRunType, TIRunContext
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

AT = datetime(2026, 1, 1, tzinfo=UTC)
"""The logical date, where a DAG has no later start."""
_INTERVAL = timedelta(days=1)


class Placeholder(str):
    """Stands for what only a run knows, such as another task's result: whatever is asked of it, there is an answer.

    `used` says whether one was asked for since it was last set.
    """

    __slots__ = ()
    used = False

    def __new__(cls, what: str = "placeholder") -> "Placeholder":
        """A text, so that JSON and filters take it."""
        Placeholder.used = True
        return super().__new__(cls, what)

    def __getattr__(self, name: str) -> "Placeholder":
        if name.startswith("__") or name in ("unsafe_callable", "alters_data", "jinja_pass_arg"):
            raise AttributeError(name)  # what Jinja asks of each value, and of which a yes means something
        return Placeholder()

    def __call__(self, *args: Any, **kwargs: Any) -> "Placeholder":
        del args, kwargs
        return Placeholder()

    def __getitem__(self, key: Any) -> "Placeholder":
        del key
        return Placeholder()

    def __iter__(self) -> Any:
        return iter([Placeholder()])

    def __int__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def _same(self, other: object) -> "Placeholder":
        del other
        return Placeholder()

    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __rmul__ = __pow__ = _same
    __mul__ = __mod__ = _same

    def _is(self, other: object) -> bool:
        del other
        return True

    __lt__ = __le__ = __gt__ = __ge__ = _is


class _Named:
    """`var.value`, `var.json` and `conn`: whatever is named is there."""

    def __getattr__(self, name: str) -> Placeholder:
        if name.startswith("__") or name in ("unsafe_callable", "alters_data", "jinja_pass_arg"):
            raise AttributeError(name)
        return Placeholder(name)

    def get(self, name: Any, *default: Any, **default_var: Any) -> Placeholder:
        """As `var.value.get('name', 'default')` asks."""
        del default, default_var
        return Placeholder(str(name))


class _Instance(RuntimeTaskInstance):
    """A task's try, whose XComs are placeholders."""

    def xcom_pull(self, *args: Any, **kwargs: Any) -> Any:
        """As in a run, but nothing has run."""
        del args, kwargs
        return Placeholder()

    def xcom_push(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is kept."""


def context_of(dag: DAG, task: Any) -> dict[str, Any]:
    """What Airflow gives to this task's templates in a scheduled run.

    Raises whatever Airflow raises where a param has no value that its schema takes.
    """
    at = max(AT, dag.start_date) if dag.start_date else AT
    run_id = f"scheduled__{at.isoformat()}"
    run = DagRun(
        dag_id=dag.dag_id,
        run_id=run_id,
        logical_date=at,
        data_interval_start=at - _INTERVAL,
        data_interval_end=at,
        run_after=at,
        start_date=at,
        end_date=None,
        run_type=DagRunType.SCHEDULED,
        state=DagRunState.RUNNING,
        conf=_conf(dag),
        consumed_asset_events=[],
        partition_key=None,
    )
    instance = _Instance.model_construct(  # type: ignore[call-arg]
        id=uuid.uuid4(),
        task=task,
        dag_id=dag.dag_id,
        task_id=task.task_id,
        run_id=run_id,
        try_number=1,
        map_index=-1,
        hostname="localhost",
        start_date=at,
        max_tries=task.retries,
    )
    instance._ti_context_from_server = TIRunContext(dag_run=run, max_tries=task.retries)  # noqa: SLF001 - as its runner does
    context: dict[str, Any] = {**instance.get_template_context()}
    placeholders = (
        *("prev_data_interval_start_success", "prev_data_interval_end_success", "prev_start_date_success"),
        *("prev_end_date_success",),
    )
    more: dict[str, Any] = {
        **dict.fromkeys(placeholders, at - _INTERVAL),
        "var": {"value": _Named(), "json": _Named()},
        "conn": _Named(),
        "task_state_store": _Named(),
        "asset_state_store": _Named(),
        "inlet_events": _Named(),
        "triggering_asset_events": _Named(),
        "expanded_ti_count": 1,
        "templates_dict": {},
        "test_mode": False,
        "try_number": 1,
    }
    return context | more


_SAMPLES = {"integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}, "null": None}


def _conf(dag: DAG) -> dict[str, Any]:
    """A value for each param that has none, as somebody would have to give it in a form."""
    found: dict[str, Any] = {}
    for name in dag.params:
        param = dag.params.get_param(name)
        if param.has_value:
            continue
        kinds = param.schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else next((each for each in kinds if each != "null"), "string")
        enum = param.schema.get("enum")
        found[name] = enum[0] if enum else param.schema.get("minimum", _SAMPLES.get(kind, Placeholder(name)))
    return found
