"""The one place that knows dag-factory's insides: a compiled DAG becomes an Airflow DAG.

dag-factory's public loader would read the files again, expand the environment into them and print them into the
DAG's docs. Its builder, which this adapter calls, only builds. A contract test holds the adapter against the
installed release.
"""

from typing import Any

from airflow.sdk import DAG
from dagfactory import settings
from dagfactory.dagbuilder import DagBuilder
from dagfactory.utils import cast_with_type

from mergeflow.compiler import CompiledDag

settings.enable_telemetry = False


class BuildError(Exception):
    """dag-factory or an operator refused a DAG; the text is one line for the user."""


def build(compiled: CompiledDag) -> DAG:
    """Build one DAG. Raises BuildError, whatever dag-factory or an operator's constructor raised."""
    try:
        built = DagBuilder(
            dag_name=compiled.dag_id,
            dag_config=cast_with_type(compiled.config),
            default_config={},
            yml_dag=f"# {compiled.path}\n{compiled.source}",
        ).build()
    except Exception as error:  # an operator may raise anything, and one DAG must not cost another
        raise BuildError(_one_line(error)) from error
    dag: Any = built.get("dag")
    if not isinstance(dag, DAG) or dag.dag_id != compiled.dag_id:
        raise BuildError(f"dag-factory returned {getattr(dag, 'dag_id', dag)!r} instead of a DAG of this id")
    return dag


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
