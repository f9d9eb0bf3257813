"""`mergeflow show` says of each value where it comes from, and what it overrides."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.files import from_directory
from mergeflow.project import load
from mergeflow.render.show import render
from mergeflow.render.text import width_of
from tests.conftest import Repository, Run

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
FILES = {
    "configs/defaults.yml": "catchup: true\ndefault_args:\n  owner: platform\n  retries: 1\n",
    "configs/team/defaults.yml": "default_args:\n  retries: 3\n",
    "configs/templates/nightly.yaml": f"""\
params: {{table: {{type: string}}}}
dag:
  schedule: "@daily"
  tasks:
    load: {{operator: {EMPTY}, doc_md: "loads ${{{{ params.table }}}}"}}
""",
    "configs/team/tables.csv": "name\norders\ncustomers\n",
    "configs/team/a.yaml": """\
load_${{ item.name }}:
  template: nightly
  for_each: {file: tables.csv}
  with: {table: "${{ item.name }}"}
  catchup: false
  tasks:
    load: {retry_delay: {__type__: datetime.timedelta, seconds: 5}}
""",
    "configs/team/b.yaml": f"plain:\n  tasks:\n  - task_id: a\n    operator: {EMPTY}\n    doc: {'x' * 99}\n",
}
MADE = f"""\
load_customers
made from configs/templates/nightly.yaml
made for configs/team/tables.csv:3:1
catchup false configs/team/a.yaml:5:12 (overrides true, configs/defaults.yml:1:10)
tasks
load
retry_delay {{__type__: datetime.timedelta, seconds: 5}} configs/team/a.yaml:7:25
operator {EMPTY[:49]}… configs/templates/nightly.yaml:5:22
doc_md loads customers configs/templates/nightly.yaml:5:88
schedule '@daily' configs/templates/nightly.yaml:3:13
default_args
owner platform configs/defaults.yml:3:10
retries 3 configs/team/defaults.yml:2:12 (overrides 1, configs/defaults.yml:4:12)
"""


@pytest.fixture
def root(repository: Callable[..., Repository]) -> Path:
    return repository(FILES).root


@pytest.mark.parametrize(
    ("dag_id", "hint"),
    [("load_custmers", ": did you mean `load_customers`?"), ("nothing_like_it", ""), ("load_${{ item.name }}", "")],
)
def test_a_dag_that_is_not_there_is_named(root: Path, mergeflow: Run, dag_id: str, hint: str) -> None:
    ran = mergeflow("show", dag_id, cwd=root)
    assert (ran.code, ran.out, ran.err) == (2, "", f"mergeflow: there is no DAG `{dag_id}`{hint}\n")


def test_a_dag_that_cannot_be_made_says_so(root: Path, mergeflow: Run) -> None:
    (root / "configs/team/b.yaml").write_text("broken: {template: nightly}")
    ran = mergeflow("show", "broken", cwd=root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "mergeflow: there is no DAG `broken`: it cannot be made; `mergeflow check` says why\n"


def test_every_value_has_its_place(root: Path, mergeflow: Run) -> None:
    ran = mergeflow("show", "load_customers", cwd=root)
    assert (ran.code, ran.err) == (0, "")
    assert "\n".join(" ".join(line.split()) for line in ran.out.splitlines()) == MADE.rstrip()


def test_tasks_in_a_list_have_their_names(root: Path, mergeflow: Run) -> None:
    lines = mergeflow("show", "plain", cwd=root).out.splitlines()
    assert lines[2:4] == ["  tasks", "    a"]
    assert any("…  configs/team/b.yaml:5:10" in line for line in lines)


def test_the_same_for_programs(root: Path, mergeflow: Run) -> None:
    shown = json.loads(mergeflow("show", "load_customers", "--format", "json", cwd=root).out)
    assert shown["config"]["tasks"]["load"]["doc_md"] == "loads customers"
    places = {tuple(each["route"]): (each["set_at"], each["overrides"]) for each in shown["origins"]}
    assert places["default_args", "retries"] == ("configs/team/defaults.yml:2:12", ["configs/defaults.yml:4:12"])


def test_the_graph_is_drawn_as_wide_as_the_terminal(
    root: Path, mergeflow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "configs/team/c.yaml").write_text(
        f"three:\n  tasks:\n    a: {{operator: {EMPTY}}}\n    b: {{operator: {EMPTY}, dependencies: [a]}}\n"
        f"    c: {{operator: {EMPTY}, dependencies: [a, b]}}\n"
    )
    ran = mergeflow("show", "three", "--graph", cwd=root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "three    3 tasks", "●    a  EmptyOperator", "├─●  b  EmptyOperator", "●─╯  c  EmptyOperator",
    ]  # fmt: skip
    monkeypatch.setenv("COLUMNS", "12")
    assert mergeflow("show", "three", "--graph", cwd=root).out.splitlines()[1] == "●    a  Emp…"


def test_the_graph_as_mermaid(root: Path, mergeflow: Run) -> None:
    ran = mergeflow("show", "plain", "--format", "mermaid", cwd=root)
    assert (ran.code, ran.out) == (0, 'flowchart LR\n  t0["a"]\n')
    assert mergeflow("show", "plain", "--graph", "--format", "mermaid", cwd=root).out == ran.out


def test_a_graph_is_no_json(root: Path, mergeflow: Run) -> None:
    ran = mergeflow("show", "plain", "--graph", "--format", "json", cwd=root)
    assert (ran.code, ran.out) == (2, "")
    assert "`--format json` alone has the tasks below `config`" in ran.err


def test_in_a_terminal_what_is_overridden_is_struck_through(root: Path) -> None:
    project = load(from_directory(root))
    (dag,) = (each for each in project.dags if each.dag_id == "load_customers")
    assert "(overrides \x1b[9mtrue\x1b[0m, configs/defaults.yml:1:10)" in render(project, dag, color=True)
    assert "\x1b" not in render(project, dag)


def test_wide_characters_leave_the_columns_straight(root: Path, mergeflow: Run) -> None:
    (root / "configs/team/c.yaml").write_text("wide:\n  tasks:\n    注文: {doc: 読む}\n    b: {doc: b}\n")
    lines = [line for line in mergeflow("show", "wide", cwd=root).out.splitlines() if "doc" in line]
    first, second = (width_of(line.partition("configs/")[0]) for line in lines)
    assert first == second
