"""Whatever bytes, values and graphs there are: a report, the same each time, and never an exception.

`MERGEFLOW_FUZZ=50000 pytest tests/test_fuzz.py` looks longer.
"""

import os
from collections.abc import Mapping
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mergeflow.catalog import load_catalog
from mergeflow.checker import check
from mergeflow.compiler import compile_project
from mergeflow.dag import NODE_LISTS
from mergeflow.diagnostic import Report
from mergeflow.plan import diff
from mergeflow.project import load
from mergeflow.render import plan as plan_text
from mergeflow.render import text
from mergeflow.rules import Known
from tests.conftest import ROOT

E = "airflow.providers.standard.operators.empty.EmptyOperator"
KNOWN = Known(load_catalog(ROOT), frozenset({"team"}))
PATHS = (
    "configs/team/a.yaml",
    "configs/team/b.yaml",
    "configs/defaults.yml",
    "configs/team/defaults.yaml",
    "configs/c.yaml",
)
LOOK = settings(
    max_examples=int(os.environ.get("MERGEFLOW_FUZZ", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

NAMED = f"""
orders default tasks task_groups task_id group_name operator dependencies default_args tags retries schedule params
expand task_group_name parent_group_name decorator partial __type__ __and__ variables_as_arguments attribute catchup
start_date on_failure_callback python_callable bash_command << = on a b @daily 2024-13-45 é 注 {E}
"""
WORDS = st.sampled_from([*NAMED.split(), "{{ ds }}", "\t", ""])
SCALARS = (
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes()
    | st.text(st.characters(codec="utf-8"), max_size=5) | st.binary(max_size=3)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | SCALARS, inner, max_size=4),
    max_leaves=25,
)
TASK = st.dictionaries(WORDS, VALUES, max_size=3).map(lambda extra: {"operator": E} | extra)
NAMES = st.sampled_from(["a", "b", "c", "etl"])
NODES = st.dictionaries(NAMES, TASK, max_size=3) | st.lists(
    st.builds(lambda name, task: {"task_id": name, **task}, NAMES, TASK), max_size=3
)
DAGS = st.builds(lambda tasks, extra: {"tasks": tasks} | extra, NODES, st.dictionaries(WORDS, VALUES, max_size=3))
FILES = st.dictionaries(NAMES | st.just("default"), DAGS | VALUES, max_size=3) | VALUES | DAGS
SIGNS = "? - : { } [ ] | > ' \" # & * ! <<: &a *a !!int !x 0x 1:2:3 %YAML \0"
SNIPPETS = st.sampled_from(
    [*SIGNS.split(), "&a ", "<<: *a", "? ", ": ", "- ", "\n---\n", "\n", "\t", "\r", "\u2028", "\ufeff"]
)


def report_on(files: Mapping[str, bytes]) -> Report:
    """Check, compile, compare and print; the report, when all that went well."""
    project = load(files)
    report = check(project, KNOWN)
    shown = text.render(report, everything=True)
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    for each in report.diagnostics:
        document = project.documents.get(each.location.path)
        start = each.location.span.start
        assert start.line >= 1
        assert 1 <= start.column <= len(each.source_line) + 1 or document is None
    compiled = compile_project(project, report.broken)
    planned = plan_text.render(diff([], compiled), "a", "b") + plan_text.render(diff(compiled, compiled), "a", "b")
    assert planned.endswith("Plan: nothing changes.")
    again = check(load(files), KNOWN)
    assert (again.diagnostics, again.broken) == (report.diagnostics, report.broken)
    return report


def dumped(value: Any, *, flow: bool) -> str:
    return yaml.dump(value, allow_unicode=True, default_flow_style=flow, sort_keys=False)


@LOOK
@given(st.binary(max_size=200))
@example(b"\xff\xfea")
def test_any_bytes(content: bytes) -> None:
    report_on(dict.fromkeys(PATHS, content))


@LOOK
@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@`#, \n\t\r0x12.<=~"), max_size=60))
def test_any_text_of_yaml_signs(content: str) -> None:
    report_on({path: content.encode() for path in PATHS})


@LOOK
@given(st.dictionaries(st.sampled_from(PATHS), FILES, min_size=1, max_size=4), st.booleans(), st.data())
def test_any_values_also_when_their_text_is_tampered_with(
    files: dict[str, Any],
    flow: bool,  # noqa: FBT001 - hypothesis passes it
    data: st.DataObject,
) -> None:
    report_on({path: tampered(dumped(value, flow=flow), data).encode() for path, value in files.items()})


def tampered(written: str, data: st.DataObject) -> str:
    """A text with up to two places overwritten."""
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(written)))
        after = at + data.draw(st.integers(0, 4))
        written = written[:at] + data.draw(SNIPPETS) + written[after:]
    return written


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """A DAG with random dependencies among tasks and nested groups."""
    tasks = [f"t{i}" for i in range(draw(st.integers(1, 6)))]
    groups = [f"g{i}" for i in range(draw(st.integers(0, 3)))]
    depends = st.lists(st.sampled_from(tasks + groups), max_size=2, unique=True)
    made: dict[str, Any] = {"tasks": {}, "task_groups": {}}
    for name in tasks:
        made["tasks"][name] = {"operator": E, "dependencies": draw(depends)}
        if groups and draw(st.booleans()):
            made["tasks"][name]["task_group_name"] = draw(st.sampled_from(groups))
    for i, name in enumerate(groups):
        made["task_groups"][name] = {"dependencies": draw(depends)}
        if i and draw(st.booleans()):
            made["task_groups"][name]["parent_group_name"] = draw(st.sampled_from(groups[:i]))
    return made


def has_cycle(dag: dict[str, Any]) -> bool:
    """The slow and obvious way: which task waits for which, groups written out, until nothing new follows."""
    tasks, groups = dag["tasks"], dag["task_groups"]

    def inside(group: str) -> set[str]:
        own = {name for name, each in tasks.items() if each.get("task_group_name") == group}
        return own.union(*(inside(name) for name, each in groups.items() if each.get("parent_group_name") == group))

    waits: set[tuple[str, str]] = set()
    members = {name: {name} for name in tasks} | {name: inside(name) for name in groups}
    for name, each in {**tasks, **groups}.items():
        waits |= {(a, b) for other in each["dependencies"] for a in members[name] for b in members[other]}
    while True:
        more = waits | {(a, d) for a, b in waits for c, d in waits if b == c}
        if more == waits:
            return any(a == b for a, b in waits)
        waits = more


@LOOK
@given(graphs())
def test_a_cycle_is_found_exactly_where_there_is_one(dag: dict[str, Any]) -> None:
    in_list = {key: [{name_key: name, **each} for name, each in dag[key].items()] for key, name_key in NODE_LISTS}
    for form in (dag, in_list):
        report = report_on({"configs/team/a.yaml": dumped({"orders": form}, flow=False).encode()})
        assert [each.rule for each in report.diagnostics] == ["cycle"] * has_cycle(dag)
