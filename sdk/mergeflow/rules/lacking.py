"""Tasks for which something is neither said nor inherited: one problem for each DAG, as one default mends it."""

from collections.abc import Iterator, Sequence

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.relations import given


def lacking(rule: str, dag: Dag, tasks: Sequence[Node], key: str, hint: str) -> Iterator[Problem]:
    """A problem at the DAG when some of these tasks get no value for a parameter, or an empty text."""
    names = [task.name for task in tasks if (given(dag, task, key) or ((), ""))[1] == ""]
    if not names:
        return
    if len(names) == len(dag.tasks):
        message = f"DAG `{dag.dag_id}` has no `{key}`"
    else:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        message = f"DAG `{dag.dag_id}` has no `{key}` for task `{names[0]}`{more}"
    yield Problem(rule, message, Place(dag.path, (dag.dag_id,), "key"), hint, Severity.WARNING)
