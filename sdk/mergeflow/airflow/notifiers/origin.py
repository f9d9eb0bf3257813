"""Where a config says what a task is: found when somebody must be told, so that no parse has to know lines."""

from pathlib import Path

from mergeflow.airflow.reading import root_of
from mergeflow.dag import Dag
from mergeflow.files import CONFIGS, ENVIRONMENTS, TEMPLATES, from_directory, read
from mergeflow.paths import defaults_above
from mergeflow.project import Project, load


def origin(fileloc: str, path: str, dag_id: str, task_id: str) -> str:
    """`configs/team/a.yaml:7`, the line of a task or else of its DAG; only the path where that cannot be told.

    `fileloc` is the stub that the DAG is from; above it lies `configs/`, in the state that Airflow runs.
    """
    try:
        root = root_of({"__file__": fileloc})
        project = _project(root, path)
        dag = next(each for each in project.dags if each.dag_id == dag_id)
        location = project.locate(dag.place(*_route(dag, task_id), part="key"))
    except Exception:  # noqa: BLE001 - an alert without a line is still an alert
        return path
    return f"{location.path}:{location.span.start.line}"


def _project(root: Path, path: str) -> Project:
    """The file with what it is made from: defaults, templates, environments, items."""
    import os

    environment = os.environ.get("MERGEFLOW_ENV", "")
    near = (path, *defaults_above(path))
    files = {each: read(root, each) for each in near if (root / each).exists()}
    files |= from_directory(root, TEMPLATES, ENVIRONMENTS)
    sources = load(files).made_from.get(path, frozenset()) - files.keys()
    inside = (each for each in sources if each.startswith(f"{CONFIGS}/") and (root / each).is_file())
    return load({**files, **{each: read(root, each) for each in inside}}).within(environment)


def _route(dag: Dag, task_id: str) -> tuple[str | int, ...]:
    """The way to a task, whose id may begin with its groups'."""
    task = dag.tasks.get(task_id) or dag.tasks.get(task_id.rpartition(".")[2])
    return task.route if task else ()
