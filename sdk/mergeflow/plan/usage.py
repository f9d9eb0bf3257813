"""What the DAGs of a team use: connections, pools, and packages that are neither Airflow's nor the repository's own."""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from mergeflow.alerts import alerts_of, connection_of
from mergeflow.code import Code
from mergeflow.dag import Dag
from mergeflow.diagnostic import Route
from mergeflow.plan.sides import Side
from mergeflow.rules.named_code import named_in

_OURS = frozenset({"airflow", "mergeflow"})


class Used(NamedTuple):
    """A connection, pool or package; `noun` is what it is."""

    noun: str
    name: str


def used_by(side: Side, dag_ids: frozenset[str]) -> dict[Used, tuple[str, str]]:
    """What these DAGs use, each with the first DAG that does, and the file and line where it says so."""
    found: dict[Used, tuple[str, str]] = {}
    for dag_id in sorted(dag_ids & side.dags.keys()):
        dag = side.dags[dag_id]
        for used, route in _named(dag):
            found.setdefault(used, (dag_id, side.line(dag.place(*route))))
    for dag, named in named_in(side.project):
        package = named.text.partition(".")[0]
        if dag.dag_id in dag_ids and named.file is None and _is_foreign(side.code, named.text):
            found.setdefault(Used("package", package), (dag.dag_id, side.line(named.place(dag))))
    return found


def _is_foreign(code: Code | None, text: str) -> bool:
    segments = text.split(".")
    if len(segments) < 2 or segments[0] in _OURS or segments[0] in sys.stdlib_module_names:
        return False
    return code is None or not code.is_ours(segments)


def _named(dag: Dag) -> Iterator[tuple[Used, Route]]:
    yield from _below(dag.config.get("default_args"), ("default_args",))
    for node in (*dag.groups.values(), *dag.tasks.values()):
        yield from _below(node.config, node.route)
    for moment_route, alert in alerts_of(dag.config):
        inner, name = connection_of(alert) or ((), "")
        if inner:
            yield Used("connection", name), (*moment_route, *inner)


def _below(value: Any, route: Route) -> Iterator[tuple[Used, Route]]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        at = (*route, key)
        noun = "connection" if str(key).lower().endswith("conn_id") else "pool" if key == "pool" else ""
        if noun and isinstance(each, str):
            if each and "{{" not in each and each != "default_pool":
                yield Used(noun, each), at
        elif isinstance(each, dict | list):
            yield from _below(each, at)
