"""A compiled DAG becomes an Airflow DAG, through dag-factory's builder.

dag-factory's public loader would read the files again, expand the environment into them and print them into the
DAG's docs. Its builder only builds. What is known of its insides is in `builder` and `values`, which are imported where
everything that goes wrong is a BuildError: with another release every DAG says so, where a stub would have a traceback.
tests/airflow/test_dagfactory_contract.py holds them against the installed release.
"""

from contextlib import suppress
from typing import Any

import dagfactory
from airflow.sdk import DAG

from mergeflow.airflow.docs import add_docs
from mergeflow.airflow.notifiers import attach
from mergeflow.airflow.storable import is_plain, refuse_unstorable
from mergeflow.alerts import ALERTS
from mergeflow.compiler import CompiledDag

RELEASE = dagfactory.__version__
MADE_FOR = "1.1"
"""The releases of dag-factory that Mergeflow is tried with. Another is used, and named where a DAG cannot be built."""

with suppress(Exception):  # imported before a dag-processor or a scheduler forks; each DAG says what is wrong with them
    from mergeflow.airflow import builder, values  # noqa: F401

_sound: set[str] = set()
"""The schedules that Airflow has found right: many DAGs have few, and parsing one costs as much as a whole task."""


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
        dag = _built(compiled, config)
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
        raise BuildError(_one_line(error) + _of_another_release()) from error
    return dag


def _built(compiled: CompiledDag, config: dict[str, Any]) -> DAG:
    """What the builder makes of a config."""
    from mergeflow.airflow.builder import Builder
    from mergeflow.airflow.values import spelled, with_values

    made = Builder(compiled.dag_id, spelled(with_values(config)), "").build().get("dag")
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


def _one_line(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split()).encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001 - somebody else's `__str__`
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _of_another_release() -> str:
    if f"{RELEASE}.".startswith(f"{MADE_FOR}."):
        return ""
    return f" (dag-factory {RELEASE} is installed, and Mergeflow is made for {MADE_FOR})"
