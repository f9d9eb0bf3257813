"""The tasks and task groups of a DAG, before and after; a task that only has another name is renamed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mergeflow.dag import NODE_LISTS, Node
from mergeflow.plan.changes import Kind, NodeChange
from mergeflow.plan.values import canonical, differences
from mergeflow.rules.references import results_taken

Nodes = Mapping[str, Mapping[str, Any]]

_BOX = {"tasks": "task_group_name", "task_groups": "parent_group_name"}


def nodes_of(config: Mapping[str, Any], key: str, name_key: str) -> dict[str, dict[str, Any]]:
    """Tasks or task groups by name, in either form."""
    listed = config.get(key) or {}
    if isinstance(listed, dict):
        return {name: each or {} for name, each in listed.items()}
    return {each[name_key]: {k: v for k, v in each.items() if k != name_key} for each in listed}


def node_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[NodeChange]:
    """Every task, then every task group, that is added, changed, removed or renamed; by name."""
    for key, name_key in NODE_LISTS:
        yield from _changes(nodes_of(before, key, name_key), nodes_of(after, key, name_key), noun_of(key))


def noun_of(key: str) -> str:
    """What an entry of the list is called: `task` or `task group`."""
    return key.rstrip("s").replace("_", " ")


def edges_of(config: Mapping[str, Any], renamed: Mapping[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Every dependency, also by taking a result, from what is waited for to what waits; names are what they become."""
    new = {old: name for (_, old), name in renamed.items()}
    return {
        (new.get(each, each), new.get(name, name))
        for key, name_key in NODE_LISTS
        for name, node in nodes_of(config, key, name_key).items()
        for each in (*dependencies_of(node), *(taken for *_, taken in results_taken(Node(name, (), node))))
    }


def groups_of(config: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The group that each task and each group lies in."""
    return {
        (noun_of(key), name): node[_BOX[key]]
        for key, name_key in NODE_LISTS
        for name, node in nodes_of(config, key, name_key).items()
        if isinstance(node.get(_BOX[key]), str)
    }


def dependencies_of(node: Mapping[str, Any]) -> list[str]:
    """The names of what a task or group waits for."""
    listed = node.get("dependencies")
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _changes(old: Nodes, new: Nodes, noun: str) -> Iterator[NodeChange]:
    renamed = _renamed(old, new)
    had, before = {name: old_name for old_name, name in renamed.items()}, _under_new_names(old, renamed)
    for name in sorted({*before, *new}):
        if name not in new:
            yield NodeChange(Kind.REMOVED, noun, name)
        elif name not in before:
            after = tuple(dependencies_of(new[name]))
            yield NodeChange(Kind.ADDED, noun, name, operator=_operator(new[name]), after=after)
        else:
            fields = tuple(differences(before[name], new[name]))
            if name in had:
                yield NodeChange(Kind.RENAMED, noun, name, fields, was=had[name])
            elif fields:
                yield NodeChange(Kind.CHANGED, noun, name, fields)


def _renamed(old: Nodes, new: Nodes) -> dict[str, str]:
    """The new names of those that have the config and the edges of just one that is gone."""
    others: set[str] = set()
    while True:
        renamed = _matched(old, new, others)
        was, now = _waiting(_under_new_names(old, renamed)), _waiting(new)
        wrong = {gone for gone, come in renamed.items() if was.get(come, set()) != now.get(come, set())}
        if not wrong:
            return renamed
        others |= wrong  # what waits for it is another


def _matched(old: Nodes, new: Nodes, others: set[str]) -> dict[str, str]:
    """Who has the config of one that is gone, without `others`, and waits for the same.

    What is found may be what tells the next apart, so it is looked for until no more are found.
    """
    renamed: dict[str, str] = {}
    while True:
        before = _under_new_names(old, renamed)
        was = _by_content(before, before.keys() - new.keys() - others)
        now = _by_content(new, new.keys() - before.keys()) if was else {}
        pairs = [(was[each], now[each]) for each in was.keys() & now.keys()]
        found = {gone[0]: come[0] for gone, come in pairs if len(gone) == len(come) == 1}
        if not found:
            return renamed
        renamed |= found


def _by_content(nodes: Nodes, names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(canonical(_settled(nodes[name])), []).append(name)
    return found


def _waiting(nodes: Nodes) -> dict[str, set[str]]:
    """Who waits for each."""
    waiting: dict[str, set[str]] = {}
    for name, node in nodes.items():
        for each in dependencies_of(node):
            waiting.setdefault(each, set()).add(name)
    return waiting


def _settled(node: Mapping[str, Any]) -> dict[str, Any]:
    return {**node, "dependencies": sorted(dependencies_of(node))}


def _under_new_names(nodes: Nodes, renamed: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Tasks under the names that they have now, which their dependencies use as well."""
    if not renamed:
        return dict(nodes)
    return {renamed.get(name, name): _waiting_for(node, renamed) for name, node in nodes.items()}


def _waiting_for(node: Mapping[str, Any], renamed: Mapping[str, str]) -> Mapping[str, Any]:
    listed = node.get("dependencies")
    if not isinstance(listed, list):
        return node
    return {**node, "dependencies": [renamed.get(each, each) if isinstance(each, str) else each for each in listed]}


def _operator(node: Mapping[str, Any]) -> str:
    """What does a task's work: the last part of the import path."""
    named = node.get("operator") or node.get("decorator")
    return named.rpartition(".")[2] if isinstance(named, str) else ""
