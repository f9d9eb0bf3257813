"""A project becomes the configs that dag-factory builds: one per DAG, in memory, with its own text for the docs."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mergeflow.catalog import Catalog
from mergeflow.compiler.alerts import with_alerts
from mergeflow.compiler.names import in_full
from mergeflow.compiler.origin import NOWHERE, Origin, origin_of, own_text
from mergeflow.compiler.tags import with_team
from mergeflow.compiler.typed import untyped
from mergeflow.dag import Dag
from mergeflow.project import Project


@dataclass(frozen=True, slots=True)
class CompiledDag:
    """A DAG as dag-factory takes it, all defaults merged; `source` is its YAML as committed.

    Configs share values with each other and with their documents: whoever changes one, copies it first.
    """

    dag_id: str
    path: str
    config: dict[str, Any]
    source: str
    origin: Origin = NOWHERE


def compile_project(
    project: Project, broken: Collection[tuple[str, str]] = (), catalog: Catalog | None = None
) -> list[CompiledDag]:
    """Compile every DAG that is not broken. A DAG without errors always compiles.

    Whoever checked with a catalog gives it, too: then bare names of operators are import paths.
    """
    dags = (dag for dag in project.dags if (dag.path, dag.dag_id) not in broken)
    return [compile_dag(project, dag, catalog or Catalog()) for dag in dags]


def compile_dag(project: Project, dag: Dag, catalog: Catalog) -> CompiledDag:
    """Compile one DAG."""
    config = with_team(with_alerts(in_full(untyped(dag.config), catalog)), dag.path)
    line, source = own_text(project.documents[dag.path].text, str(dag.layers.own.route[0]))
    return CompiledDag(dag.dag_id, dag.path, config, source, origin_of(project, dag, line))
