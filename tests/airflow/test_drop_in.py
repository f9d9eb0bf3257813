"""A repository of dag-factory configs gives the same DAGs through Mergeflow as through dag-factory alone."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "drop_in"
REPOSITORIES = sorted(path.name for path in HERE.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", REPOSITORIES)
def test_dags_equal_those_of_dag_factory(name: str, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(HERE / name, root / "configs")
    through_mergeflow = _by_mergeflow(root)
    by_dag_factory = _by_dag_factory(root / "configs")
    assert sorted(through_mergeflow) == sorted(by_dag_factory)
    for dag_id, dag in by_dag_factory.items():
        assert through_mergeflow[dag_id] == dag


def test_the_comparison_sees_a_single_changed_default(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(HERE / "defaults", root / "configs")
    before = _by_mergeflow(root)
    defaults = root / "configs/team/deep/defaults.yml"
    defaults.write_text(defaults.read_text().replace("retries: 5", "retries: 6"))
    block = root / "configs/team/deep/below.yaml"
    block.write_text(block.read_text().replace("retries: 7, ", ""))
    after = _by_mergeflow(root)
    assert before["no_block"] == after["no_block"]
    assert before["inherits_everything"] != after["inherits_everything"]


def _by_mergeflow(root: Path) -> dict[str, Any]:
    from mergeflow.airflow import load_dags

    namespace: dict[str, Any] = {"__file__": str(root / "dags/team.py")}
    (root / "dags").mkdir(exist_ok=True)
    (root / "dags/team.py").touch()
    load_dags(namespace, "team")
    return dict(_serialized(namespace))


def _by_dag_factory(configs: Path) -> dict[str, Any]:
    from dagfactory import load_yaml_dags

    namespace: dict[str, Any] = {}
    for path in sorted(configs.rglob("*.y*ml")):
        if not path.name.startswith("defaults"):
            load_yaml_dags(namespace, config_filepath=str(path), defaults_config_path=str(configs))
    return dict(_serialized(namespace))


def _serialized(namespace: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each DAG as Airflow stores it, without where it came from and the YAML that dag-factory adds to its docs."""
    from airflow.sdk import DAG
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in namespace.values():
        if isinstance(dag, DAG):
            own_docs = (dag.doc_md or "").partition("## YML DAG")[0]
            stored = DagSerialization.to_dict(dag)["dag"]
            for key in ("fileloc", "relative_fileloc", "bundle_name", "doc_md"):
                stored.pop(key, None)
            yield dag.dag_id, json.loads(json.dumps([stored, own_docs], default=str, sort_keys=True))
