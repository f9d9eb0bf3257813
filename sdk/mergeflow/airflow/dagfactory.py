"""The one place that knows dag-factory's insides: a compiled DAG becomes an Airflow DAG.

dag-factory's public loader would read the files again, expand the environment into them and print them into the
DAG's docs. Its builder, which this adapter calls, only builds. A contract test holds the adapter against the
installed release.
"""

import operator
from functools import reduce
from typing import Any

from airflow.sdk import DAG
from dagfactory import settings
from dagfactory.utils import cast_with_type

from mergeflow.airflow.builder import Builder, spelled
from mergeflow.airflow.docs import add_docs
from mergeflow.airflow.notifiers import attach
from mergeflow.airflow.storable import is_plain, refuse_unstorable
from mergeflow.alerts import ALERTS
from mergeflow.compiler import CompiledDag
from mergeflow.model.shape import BUILT_BY_DAG_FACTORY

_READ_BY_DAG_FACTORY = frozenset((*BUILT_BY_DAG_FACTORY, "__args__"))

_sound: set[str] = set()
"""The schedules that Airflow has found right: many DAGs have few, and parsing one costs as much as a whole task."""

settings.enable_telemetry = False


class BuildError(Exception):
    """dag-factory, an operator or Airflow refused a DAG; the text is one line for the user."""


def build(compiled: CompiledDag, fileloc: str = "", *, for_storage: bool = True) -> DAG:
    """Build one DAG; `for_storage` also tries what Airflow's dag-processor does with it, which no worker needs.

    `fileloc` is the file that Airflow reads the DAG from, beside which it looks for templates.

    Raises BuildError, whatever was raised: also SystemExit and Airflow's time-out for a module that hangs, which are no
    Exceptions. One DAG must not cost another.
    """
    try:
        config = {key: value for key, value in compiled.config.items() if key != ALERTS}
        dag = _built(compiled, spelled(_own(config)))
        attach(dag, compiled.config.get(ALERTS) or {}, compiled.path)
        add_docs(dag, compiled, fileloc)
        dag.fileloc = fileloc or dag.fileloc
        _validate(dag)
        dag.check_cycle()
        if for_storage and not is_plain(config):
            refuse_unstorable(dag)
    except BuildError:
        raise
    except BaseException as error:
        raise BuildError(_one_line(error)) from error
    return dag


def _built(compiled: CompiledDag, config: dict[str, Any]) -> DAG:
    """What the builder makes of a config."""
    made = Builder(compiled.dag_id, config, "").build().get("dag")
    if not isinstance(made, DAG) or made.dag_id != compiled.dag_id:
        raise BuildError(f"dag-factory returned {getattr(made, 'dag_id', made)!r} instead of a DAG of this id")
    return made


def _validate(dag: DAG) -> None:
    """Validate a DAG as Airflow does before it takes it: of a schedule that was right before, only its tasks.

    The rest of Airflow's `validate` looks at owners' links, which dag-factory sets none of.
    """
    schedule = dag.schedule
    if isinstance(schedule, str) and schedule in _sound:
        dag.validate_setup_teardown()  # type: ignore[no-untyped-call]
        return
    dag.validate()  # type: ignore[no-untyped-call]
    if isinstance(schedule, str):
        _sound.add(schedule)


def _own(value: Any) -> Any:
    """A copy for the builder, which changes what it is given, with every value built that the config describes.

    The only copy, and the only walk: dag-factory makes four of each, one after the other.
    """
    if isinstance(value, list):
        return [_own(each) for each in value]
    if not isinstance(value, dict):
        return value
    if not _READ_BY_DAG_FACTORY.isdisjoint(value):
        return _combined(cast_with_type(value))
    return {key: _own(each) for key, each in value.items()}


def _combined(value: Any) -> Any:
    """`__and__`, `__or__` and `__join__` worked out, as dag-factory does between reading a file and building."""
    if isinstance(value, list):
        return [_combined(each) for each in value]
    if not isinstance(value, dict):
        return value
    for key, sign, combine in (("__and__", "&", operator.and_), ("__or__", "|", operator.or_)):
        if key in value:
            parts = [_combined(each) for each in value[key]]
            try:
                return reduce(combine, parts)
            except TypeError:
                return f"({f' {sign} '.join(str(each) for each in parts)})"
    if "__join__" in value:
        return "".join(str(_combined(each)) for each in value["__join__"])
    return {key: _combined(each) for key, each in value.items()}


def _one_line(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except BaseException:  # noqa: BLE001 - somebody else's `__str__`
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
