"""A project becomes the configs that dag-factory builds: one per DAG, in memory, with its own text for the docs."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mergeflow.catalog import Catalog
from mergeflow.compiler.alerts import with_alerts
from mergeflow.compiler.names import in_full
from mergeflow.compiler.typed import untyped
from mergeflow.dag import Dag
from mergeflow.project import Project

_WITHIN = " \t\r\n-#}]"
"""What the first character of a line may be that still belongs to the block mapping's entry above it."""


@dataclass(frozen=True, slots=True)
class CompiledDag:
    """A DAG as dag-factory takes it, all defaults merged; `source` is its YAML as committed.

    Configs share values with each other and with their documents: whoever changes one, copies it first.
    """

    dag_id: str
    path: str
    config: dict[str, Any]
    source: str


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
    config = with_alerts(in_full(untyped(dag.config), catalog))
    key = str(dag.layers.own.route[0])
    return CompiledDag(dag.dag_id, dag.path, config, _own_text(project.documents[dag.path].text, key))


def _own_text(text: str, key: str) -> str:
    """The lines of a file that define one DAG; all of them where that cannot be told from the lines alone."""
    lines = text.splitlines(keepends=True)
    heads = tuple(f"{quote}{key}{quote}:" for quote in ("", '"', "'"))
    start = next((i for i, line in enumerate(lines) if line.startswith(heads)), None)
    if start is None:
        return text
    end = next((i for i in range(start + 1, len(lines)) if lines[i][0] not in _WITHIN), len(lines))
    return "".join(lines[start:end]).rstrip() + "\n"
