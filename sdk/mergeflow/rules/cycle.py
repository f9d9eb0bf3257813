"""A task waits for itself.

*Why*: Airflow refuses a DAG whose dependencies run in a circle; the whole DAG would not appear.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [load]}
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [extract]}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [extract]}
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.references import results_taken

ID = "cycle"
SEVERITY = Severity.ERROR

Point = tuple[str, str]
"""A task, or the start or the end of a task group, with its name: `("task", "extract")`, `("end", "etl")`."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """One problem per DAG that has a cycle, at the dependency that closes it."""
    del known
    for dag in project.dags:
        if _is_in_order(dag):
            continue
        graph = _graph(dag)
        try:
            TopologicalSorter({point: list(waits) for point, waits in graph.items()}).prepare()
        except CycleError as error:
            if any(kind == "task" for kind, _ in error.args[1]):  # else it is a task-group-cycle
                yield _problem(dag, graph, error.args[1])


def _is_in_order(dag: Dag) -> bool:
    """Whether each task waits only for tasks that stand above it, as nearly all do: then there is no circle."""
    if dag.groups:
        return False
    above: set[str] = set()
    for name, task in dag.tasks.items():
        waits = task.config.get("dependencies")
        if isinstance(waits, list) and not all(isinstance(each, str) and each in above for each in waits):
            return False
        if not all(each in above for _, _, each in results_taken(task)):
            return False
        above.add(name)
    return True


def _graph(dag: Dag) -> dict[Point, dict[Point, Route]]:
    """What waits for what, with the route of the dependency that says so."""
    graph: dict[Point, dict[Point, Route]] = {}
    for node, key, start, end in _nodes(dag):
        waits = graph.setdefault(start, {})
        for route, name in node.dependencies:
            waits.setdefault(("end", name) if name in dag.groups else ("task", name), route)
        for route, _, name in results_taken(node):
            if name in dag.tasks:
                waits.setdefault(("task", name), route)
        parent = node.config.get(key)
        if isinstance(parent, str) and parent in dag.groups:
            waits.setdefault(("start", parent), (*node.route, key))
            graph.setdefault(("end", parent), {}).setdefault(end, (*node.route, key))
    return graph


def _nodes(dag: Dag) -> Iterator[tuple[Node, str, Point, Point]]:
    for name, node in dag.tasks.items():
        yield node, "task_group_name", ("task", name), ("task", name)
    for name, node in dag.groups.items():
        yield node, "parent_group_name", ("start", name), ("end", name)


def _problem(dag: Dag, graph: Mapping[Point, Mapping[Point, Route]], found: list[Point]) -> Problem:
    """graphlib names a cycle backwards and begins anywhere: turn it, and begin at the first task in the file."""
    ring = found[:0:-1]
    order = {point: i for i, point in enumerate(graph)}
    first = ring.index(min(ring, key=lambda point: (point[0] != "task", order.get(point, 0))))
    ring = ring[first:] + ring[:first]
    # `ring` reads "each waits for the next", so its last point's wait for the first closes the cycle.
    names = [name for i, (_, name) in enumerate(ring) if name != ring[i - 1][1] or len(ring) == 1]
    path = " → ".join(f"`{name}`" for name in (*names, names[0]))
    waits = [graph[here][after] for here, after in pairwise((*ring, ring[0]))]
    route = next((route for route in waits if route[-2:-1] == ("dependencies",)), waits[0])
    message = f"these tasks wait for each other in a circle: {path}"
    if len(set(names)) == 1:
        message = f"task `{names[0]}` waits for itself"
    return Problem(ID, message, dag.place(*route), "remove one of these dependencies")
