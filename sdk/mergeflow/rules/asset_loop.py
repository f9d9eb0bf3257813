"""DAGs wait in a circle for each other's assets.

*Why*: by themselves none of them ever runs; started once, they start each other again and again.

*Bad*:

    orders:
      schedule: ["s3://shop/prices.parquet"]
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: ["s3://shop/orders.parquet"]
    prices:
      schedule: ["s3://shop/orders.parquet"]
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: ["s3://shop/prices.parquet"]

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: ["s3://shop/orders.parquet"]
    prices:
      schedule: ["s3://shop/orders.parquet"]
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: ["s3://shop/prices.parquet"]
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping

from mergeflow.assets import Asset, Use, awaited, produced
from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "asset-loop"
SEVERITY = Severity.WARNING

MOST_NAMED = 9
"""A circle of more DAGs than these is cut short in the message; its notes name each."""

Point = str | Asset
"""A DAG by its id, or an asset."""
Graph = Mapping[Point, Mapping[Point, Use]]
"""What waits for what: a DAG for assets, an asset for the DAGs that produce it; its size is that of the configs."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """One problem for each set of DAGs that are caught in a circle: the shortest way round from its first DAG."""
    del known
    graph = _graph(project)
    for circle in _circles(graph):
        start = next(each for each in graph if each in circle and isinstance(each, str))
        yield _problem(graph, _ring(graph, start))


def _graph(project: Project) -> Graph:
    """Only of DAGs that wait for an asset and produce one: no other can be in a circle."""
    waits = {dag.dag_id: uses for dag in reversed(project.dags) if (uses := awaited(dag))}
    graph: dict[Point, dict[Point, Use]] = {}
    for dag in project.dags if waits else ():
        uses = list(produced(dag)) if dag.dag_id in waits else []
        if uses and dag.dag_id not in graph:
            graph[dag.dag_id] = {use.asset: use for use in waits[dag.dag_id]}
            for use in uses:
                for asset in use.asset.provides:
                    graph.setdefault(asset, {}).setdefault(dag.dag_id, use)
    return graph


def _circles(graph: Graph) -> Iterator[set[Point]]:
    """The sets of points that all wait for each other, in time proportional to the graph (Kosaraju's two passes)."""
    back: dict[Point, list[Point]] = {}
    for here, waits in graph.items():
        for there in waits:
            back.setdefault(there, []).append(here)
    done: set[Point] = set()
    for last in reversed(_by_finish(graph)):
        circle = _reached(back, last, done)
        done |= circle
        if len(circle) > 1:
            yield circle


def _by_finish(graph: Graph) -> list[Point]:
    """Every point, after all that it waits for where that is possible."""
    finished: list[Point] = []
    seen: set[Point] = set()
    for root in graph:
        stack = [(root, iter(graph[root]))] if root not in seen else []
        seen.add(root)
        while stack:
            here, waits = stack[-1]
            there = next((each for each in waits if each not in seen), None)
            if there is None:
                finished.append(here)
                stack.pop()
            else:
                seen.add(there)
                stack.append((there, iter(graph.get(there, ()))))
    return finished


def _reached(graph: Mapping[Point, Iterable[Point]], start: Point, but: Collection[Point]) -> set[Point]:
    reached, stack = ({start}, [start]) if start not in but else (set[Point](), [])
    while stack:
        more = [each for each in graph.get(stack.pop(), ()) if each not in reached and each not in but]
        reached.update(more)
        stack.extend(more)
    return reached


def _ring(graph: Graph, start: str) -> list[Point]:
    """The shortest way from a DAG back to it, beginning and ending with it."""
    before: dict[Point, Point] = {}
    queue: deque[Point] = deque([start])
    while start not in before:
        here = queue.popleft()
        for there in graph.get(here, ()):
            if there not in before:
                before[there] = here
                queue.append(there)
    ring: list[Point] = [start, before[start]]
    while ring[-1] != start:
        ring.append(before[ring[-1]])
    return ring[::-1]


def _problem(graph: Graph, ring: list[Point]) -> Problem:
    """`ring` reads "each waits for the next": DAG, asset, DAG, …, and the first DAG again."""
    dag_ids = [str(each) for each in ring[::2]]
    first = graph[ring[0]][ring[1]]
    cut = dag_ids if len(dag_ids) <= MOST_NAMED + 1 else [*dag_ids[: MOST_NAMED - 1], "…", dag_ids[0]]
    path = " → ".join(each if each == "…" else f"`{each}`" for each in cut)
    message = f"these DAGs wait for each other's assets in a circle: {path}"
    if len(dag_ids) == 2:
        message = f"DAG `{dag_ids[0]}` waits for the asset `{first.asset}`, which it produces itself"
    uses = [graph[ring[i]][ring[i + 1]] for i in range(1, len(ring), 2)]
    related = tuple(Related(use.dag.place(*use.route), f"`{use.dag.dag_id}` produces `{use.asset}`") for use in uses)
    return Problem(ID, message, first.dag.place(*first.route), "take one of these assets out", related=related)
