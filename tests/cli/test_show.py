"""`mergeflow show` says of each value where it comes from, and what it overrides."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

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
