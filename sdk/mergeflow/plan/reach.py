"""Who is downstream of a DAG: what it triggers, what waits for it, what waits for its assets."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mergeflow.assets import Asset, awaited, produced
from mergeflow.dag import Dag
from mergeflow.plan.changes import Reach
from mergeflow.relations import references


class Downstream:
    """The DAGs of a repository by what they wait for; worked out when the first is asked for."""

    def __init__(self, dags: Iterable[Dag]) -> None:
        self._waits: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._assets: dict[Asset, list[str]] = defaultdict(list)
        for dag in dags:
            for use in awaited(dag):
                self._assets[use.asset].append(dag.dag_id)
            for each in references(dag):
                if each.verb == "waits for" and each.kind == "DAG" and each.dag_id != dag.dag_id:
                    self._waits[each.dag_id].append((dag.dag_id, f"task {each.task.name} waits for it"))

    def of(self, dag: Dag) -> tuple[Reach, ...]:
        """Every DAG that this one reaches directly, by id."""
        found: dict[str, str] = {}
        for dag_id, how in self._reached(dag):
            found.setdefault(dag_id, how)
        return tuple(Reach(dag_id, found[dag_id]) for dag_id in sorted(found) if dag_id != dag.dag_id)

    def _reached(self, dag: Dag) -> Iterator[tuple[str, str]]:
        for use in produced(dag):
            for asset in use.asset.provides:
                yield from ((dag_id, f"asset {use.asset}") for dag_id in self._assets.get(asset, ()))
        yield from self._waits.get(dag.dag_id, ())
        for each in references(dag):
            if each.verb == "triggers" and each.kind == "DAG":
                yield each.dag_id, f"triggered by {each.task.name}"
