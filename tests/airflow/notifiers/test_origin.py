"""The line of a task is found when somebody must be told, wherever the task is written; never at any price."""

from pathlib import Path

import pytest

from mergeflow.airflow.notifiers.origin import origin

E = "airflow.providers.standard.operators.empty.EmptyOperator"
A = "configs/team/a.yaml"
FILES = {
    A: f"""\
orders:
  task_groups: {{g: {{tooltip: x}}}}
  tasks:
    load: {{operator: {E}}}
    clean: {{operator: {E}, task_group_name: g}}
    listed: {{operator: {E}}}
made:
  template: t
"${{{{ item.id }}}}_items":
  for_each: {{file: items.csv}}
  template: t
""",
    "configs/team/items.csv": "id\na\nb\n",
    "configs/templates/t.yaml": f"dag:\n  tasks:\n    load: {{operator: {E}}}\n",
    "configs/team/b.yaml": "listed: [",
}


@pytest.fixture
def stub(tmp_path: Path) -> str:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return str(tmp_path / "dags/team.py")


@pytest.mark.parametrize(
    ("dag_id", "task_id", "found"),
    [
        ("orders", "load", f"{A}:4"),
        ("orders", "g.clean", f"{A}:5"),
        ("orders", "of_no_config", f"{A}:1"),
        ("made", "load", "configs/templates/t.yaml:3"),
        ("b_items", "load", "configs/templates/t.yaml:3"),
        ("gone", "load", A),
    ],
)
def test_the_line_is_where_the_task_is_written(stub: str, dag_id: str, task_id: str, found: str) -> None:
    assert origin(stub, A, dag_id, task_id) == found


@pytest.mark.parametrize("fileloc", ["", "/nowhere/dags/team.py", "\0"])
def test_without_the_repository_the_path_is_enough(fileloc: str) -> None:
    assert origin(fileloc, "configs/nowhere/a.yaml", "orders", "load") == "configs/nowhere/a.yaml"
