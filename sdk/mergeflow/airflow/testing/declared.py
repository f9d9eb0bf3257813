"""Pools and connections that a DAG names, held against what anybody has declared."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mergeflow.alerts import alerts_of, connection_of
from mergeflow.dag import Dag
from mergeflow.diagnostic import Place, Route
from mergeflow.files import POLICY
from mergeflow.globs import matches
from mergeflow.project import Project

_LOCAL = "tool.mergeflow.local.connections"
_EVERYBODYS = ("default_pool",)


@dataclass(frozen=True)
class Declared:
    """Patterns of names; none where a repository does not declare anything of the kind, and so cannot lack any."""

    connections: tuple[str, ...] | None
    pools: tuple[str, ...] | None

    @classmethod
    def of(cls, root: Path, project: Project) -> "Declared":
        """What the policy grants to whomever, and the connections of a local Airflow."""
        policy = project.documents.get(POLICY)
        data = policy.data if policy and isinstance(policy.data, dict) else {}
        local = _local(root)
        granted = _granted(data, "connections")
        connections = None if granted is None and not local else (*(granted or ()), *local)
        return cls(connections, _granted(data, "pools"))


def undeclared(dag: Dag, declared: Declared) -> Iterator[tuple[Place, str]]:
    """Each pool and connection that nobody has declared, where the DAG names it."""
    seen: set[tuple[Place, str]] = set()
    for noun, name, route in _named(dag):
        patterns = declared.pools if noun == "pool" else declared.connections
        if patterns is None or any(matches(name, each) for each in patterns):
            continue
        where = f"the {noun}s of {POLICY}" + (f" or to {_LOCAL} in pyproject.toml" if noun == "connection" else "")
        found = (dag.place(*route), f"{noun} `{name}` is declared nowhere: add it to {where}")
        if found not in seen:
            seen.add(found)
            yield found


def _granted(policy: dict[Any, Any], kind: str) -> tuple[str, ...] | None:
    teams = policy.get("teams")
    holders = [policy.get("everyone"), *(teams.values() if isinstance(teams, dict) else ())]
    lists = [each[kind] for each in holders if isinstance(each, dict) and isinstance(each.get(kind), list)]
    return tuple(name for listed in lists for name in listed if isinstance(name, str)) if lists else None


def _local(root: Path) -> tuple[str, ...]:
    try:
        table: Any = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    for key in _LOCAL.split("."):
        table = table.get(key) if isinstance(table, dict) else None
    return tuple(table) if isinstance(table, dict) else ()


def _named(dag: Dag) -> Iterator[tuple[str, str, Route]]:
    yield from _below(dag.config.get("default_args"), ("default_args",))
    for node in (*dag.groups.values(), *dag.tasks.values()):
        yield from _below(node.config, node.route)
    for moment, alert in alerts_of(dag.config):
        inner, name = connection_of(alert) or ((), "")
        if inner:
            yield "connection", name, (*moment, *inner)


def _below(value: Any, route: Route) -> Iterator[tuple[str, str, Route]]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        at = (*route, key)
        noun = "connection" if str(key).lower().endswith("conn_id") else "pool" if key == "pool" else ""
        if noun and isinstance(each, str):
            if each and "{{" not in each and each not in _EVERYBODYS:
                yield noun, each, at
        elif isinstance(each, dict | list):
            yield from _below(each, at)
