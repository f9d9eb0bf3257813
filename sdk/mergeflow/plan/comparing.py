"""Two compiled projects, compared as the DAGs that they are.

A file that is only reformatted, reordered or written in another form changes nothing, and a default that changes shows
at every DAG that it reaches.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mergeflow.compiler import CompiledDag
from mergeflow.dag import NODE_LISTS
from mergeflow.plan.changes import DagChange, FieldChange, Graph, Kind, NodeChange, Plan, State
from mergeflow.plan.nodes import edges_of, groups_of, node_changes, nodes_of, noun_of
from mergeflow.plan.values import canonical, differences

_STATES: Mapping[Kind, State] = {
    Kind.ADDED: "added",
    Kind.CHANGED: "changed",
    Kind.REMOVED: "removed",
    Kind.RENAMED: "changed",
}
_ONE_BY_ONE = ("default_args", "alerts")


def diff(base: Iterable[CompiledDag], head: Iterable[CompiledDag]) -> Plan:
    """Compare two compiled projects."""
    before, after = ({dag.dag_id: dag for dag in side} for side in (base, head))
    renamed = _renamed(before, after)
    old_ids = set(renamed.values())
    pairs = (
        (before.get(renamed.get(dag_id, dag_id)), after.get(dag_id))
        for dag_id in sorted({*before, *after})
        if dag_id not in old_ids
    )
    return Plan(tuple(change for old, new in pairs if (change := _dag_change(old, new))))


def _renamed(before: Mapping[str, CompiledDag], after: Mapping[str, CompiledDag]) -> dict[str, str]:
    """The ids of DAGs that have the tasks and the schedule of just one that is gone, and that one's id."""
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    if not gone or not come:
        return {}
    by_content = [_by_content(before, gone), _by_content(after, come)]
    shared = by_content[0].keys() & by_content[1].keys()
    pairs = ((by_content[1][each], by_content[0][each]) for each in shared)
    return {new[0]: old[0] for new, old in pairs if len(new) == len(old) == 1}


def _by_content(dags: Mapping[str, CompiledDag], dag_ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for dag_id in dag_ids:
        config = dags[dag_id].config
        nodes = {key: nodes_of(config, key, name) for key, name in NODE_LISTS}
        if nodes["tasks"]:
            found.setdefault(canonical([nodes, config.get("schedule")]), []).append(dag_id)
    return found


def _dag_change(before: CompiledDag | None, after: CompiledDag | None) -> DagChange | None:
    if before is None or after is None:
        there = after or before
        return _whole(there, Kind.ADDED if after else Kind.REMOVED) if there else None
    if before.config is after.config and before.path == after.path:
        return None  # both sides share what neither of them has changed
    fields = tuple(_fields(before.config, after.config))
    nodes = tuple(node_changes(before.config, after.config))
    renamed, moved = before.dag_id != after.dag_id, before.path != after.path
    if not (fields or nodes or renamed or moved):
        return None
    return DagChange(
        Kind.RENAMED if renamed else Kind.CHANGED,
        after.dag_id,
        after.path,
        fields,
        nodes,
        tasks=len(nodes_of(after.config, *NODE_LISTS[0])),
        was=before.dag_id if renamed else "",
        was_in=before.path if moved else "",
        graph=_graph(before.config, after.config, nodes) if nodes else None,
    )


def _whole(dag: CompiledDag, kind: Kind) -> DagChange:
    """A DAG that is added or removed as a whole."""
    tasks = len(nodes_of(dag.config, *NODE_LISTS[0]))
    if kind is Kind.REMOVED:
        return DagChange(kind, dag.dag_id, dag.path, tasks=tasks)
    nodes = tuple(node_changes({}, dag.config))
    return DagChange(kind, dag.dag_id, dag.path, nodes=nodes, tasks=tasks, graph=_graph({}, dag.config, nodes))


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    return differences(_settings(before), _settings(after))


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """A DAG's settings without its tasks, those of `default_args` and `alerts` one by one."""
    lists = {key for key, _ in NODE_LISTS}
    own = {key: value for key, value in config.items() if key not in lists and key not in _ONE_BY_ONE}
    opened = ((name, config.get(name) or {}) for name in _ONE_BY_ONE)
    return own | {f"{name}.{key}": value for name, inner in opened for key, value in inner.items()}


def _graph(before: Mapping[str, Any], after: Mapping[str, Any], nodes: Iterable[NodeChange]) -> Graph:
    """Both sides' tasks and edges in one; what is renamed stands there under its new name."""
    states: dict[tuple[str, str], State] = {}
    renamed: dict[tuple[str, str], str] = {}
    for each in nodes:
        states[each.noun, each.name] = _STATES[each.kind]
        renamed |= {(each.noun, each.was): each.name} if each.was else {}
    old, new = edges_of(before, renamed), edges_of(after, {})
    edges: dict[tuple[str, str], State] = {}
    for edge in sorted(old | new):
        edges[edge] = "same" if edge in old and edge in new else "added" if edge in new else "removed"
    named: dict[str, dict[str, State]] = {"task": {}, "task group": {}}
    for key, name_key in NODE_LISTS:
        noun = noun_of(key)
        gone = (name for name in nodes_of(before, key, name_key) if states.get((noun, name)) == "removed")
        for name in (*nodes_of(after, key, name_key), *gone):
            named[noun][name] = states.get((noun, name), "same")
    gone_from = {node: group for node, group in groups_of(before).items() if states.get(node) == "removed"}
    return Graph(named["task"], named["task group"], {**gone_from, **groups_of(after)}, edges)
