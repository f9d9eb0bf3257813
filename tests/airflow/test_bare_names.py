"""A bare name builds the same DAG as the import path that it stands for."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from mergeflow.airflow import load_dags, raise_config_errors
from mergeflow.airflow.config_errors import ConfigErrors
from tests.conftest import Repository

STANDARD = "airflow.providers.standard"
CONFIG = """
orders:
  schedule: "@daily"
  start_date: 2024-01-01
  default_args: {{owner: shop, retries: 1}}
  tasks:
    one: {{operator: {bash}, bash_command: echo hello, append_env: true}}
    two: {{decorator: {task}, python_callable: shlex.join, split_command: [a], dependencies: [one]}}
    many: {{operator: {bash}, expand: {{bash_command: [a, b]}}, dependencies: [two]}}
"""
BARE = CONFIG.format(bash="BashOperator", task="task.bash")
FULL = CONFIG.format(bash=f"{STANDARD}.operators.bash.BashOperator", task=f"{STANDARD}.decorators.bash.bash_task")
AS_A_LIST = (
    BARE.replace("one: {", "- {task_id: one, ")
    .replace("two: {", "- {task_id: two, ")
    .replace("many: {", "- {task_id: many, ")
)

Make = Callable[..., Repository]


def stored(made: Repository) -> dict[str, Any]:
    """Each DAG as Airflow stores it, but for where it stands and the YAML in its docs."""
    namespace: dict[str, Any] = {"__file__": str(made.root / "dags/team.py")}
    load_dags(namespace, "team")
    found = {}
    for dag in namespace.values():
        if isinstance(dag, DAG):
            data = DagSerialization.to_dict(dag)["dag"]
            kept = {key: value for key, value in data.items() if key not in ("fileloc", "relative_fileloc", "doc_md")}
            found[dag.dag_id] = json.loads(json.dumps(kept, default=str, sort_keys=True))
    return found


@pytest.mark.parametrize("config", [BARE, AS_A_LIST], ids=["mapping", "list"])
def test_a_bare_name_builds_an_equal_dag(config: str, repository: Make) -> None:
    made = repository({"configs/team/a.yaml": config})
    assert made.check().diagnostics == ()
    bare = stored(made)
    made.write({"configs/team/a.yaml": FULL})
    assert bare == stored(made)
    assert bare.keys() == {"orders"}


def test_without_a_catalog_a_bare_name_leaves_its_dag_out_and_says_what_to_write(repository: Make) -> None:
    made = repository({"configs/team/a.yaml": BARE, "configs/team/b.yaml": FULL.replace("orders", "others")})
    (made.root / "validators/catalog.json").unlink()
    assert stored(made).keys() == {"others"}
    namespace: dict[str, Any] = {"__file__": str(made.root / "dags/config_errors.py")}
    raise_config_errors(namespace)
    with pytest.raises(ConfigErrors, match="without a catalog a bare name is not known"):
        namespace["config_errors"].validate()


def test_a_broken_catalog_costs_only_the_dags_with_bare_names(repository: Make) -> None:
    made = repository({"configs/team/a.yaml": BARE, "configs/team/b.yaml": FULL.replace("orders", "others")})
    made.write({"validators/catalog.json": "{"})
    assert stored(made).keys() == {"others"}


def test_where_no_name_is_bare_the_catalog_is_not_read(repository: Make) -> None:
    made = repository({"configs/team/a.yaml": FULL})
    (made.root / "validators/catalog.json").unlink()
    (made.root / "validators/catalog.json").mkdir()
    assert stored(made).keys() == {"orders"}
