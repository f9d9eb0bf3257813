"""The corpus: each dag-factory config gives the same DAGs through Mergeflow as through dag-factory alone."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mergeflow.checker import check
from mergeflow.diagnostic import Diagnostic, Severity
from mergeflow.paths import is_defaults, team_of
from mergeflow.project import load
from mergeflow.relations import full_id
from mergeflow.render.task_graph import tasks_of
from mergeflow.workspace import known_around, select

CORPUS = Path(__file__).parents[1] / "corpus"
CATALOG = Path(__file__).parents[2] / "validators/catalog.json"
WRITTEN_FOR = "/opt/airflow/dags"
"""Where the corpus's configs take their Airflow's `dags/` to be."""

pytestmark = pytest.mark.filterwarnings("ignore::Warning")  # Airflow warns of keys that it means to drop

CONFIGS = sorted(
    path.relative_to(CORPUS).as_posix()
    for path in (CORPUS / "configs").rglob("*.y*ml")
    if not is_defaults(path.as_posix())
)
BEYOND = "configs/beyond/"
"""Configs that dag-factory documents or suggests, and cannot build."""
REFUSED: Mapping[str, Any] = yaml.safe_load((CORPUS / "refused.yaml").read_text())


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The corpus as a repository, on Airflow's import path, with the HTTP provider's classes and a Variable."""
    root = _copied(CORPUS, tmp_path_factory.mktemp("corpus") / "repository")
    from tests.airflow import stand_in_for_http

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "dags"))
        patch.setenv("AIRFLOW_VAR_CORPUS_COMMAND", "echo from a Variable")
        stand_in_for_http.install(patch)
        yield root


@pytest.fixture(scope="module")
def through_mergeflow(repository: Path) -> Mapping[str, Any]:
    """Every DAG of the corpus as Mergeflow builds it."""
    return _by_mergeflow(repository, *(stub.stem for stub in (repository / "dags").glob("*.py")))


@pytest.fixture(scope="module")
def errors(repository: Path) -> list[Diagnostic]:
    """What `mergeflow check` calls an error in the corpus."""
    report = check(select(repository, []).project, known_around(repository))
    return [each for each in report.diagnostics if each.severity is Severity.ERROR]


@pytest.mark.parametrize("path", [path for path in CONFIGS if not path.startswith(BEYOND)])
def test_dags_equal_those_of_dag_factory(path: str, repository: Path, through_mergeflow: Mapping[str, Any]) -> None:
    by_dag_factory = _by_dag_factory(repository, path)
    assert by_dag_factory
    assert sorted(by_dag_factory) == _defined_in(repository, path)
    for dag_id, dag in by_dag_factory.items():
        assert through_mergeflow[dag_id] == dag


@pytest.mark.parametrize("path", [path for path in CONFIGS if path.startswith(BEYOND)])
def test_dags_that_dag_factory_cannot_build_are_built(
    path: str, repository: Path, through_mergeflow: Mapping[str, Any]
) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        _by_dag_factory(repository, path)
    assert set(_defined_in(repository, path)) <= set(through_mergeflow)


@pytest.mark.parametrize("path", CONFIGS)
def test_check_finds_no_error(path: str, errors: list[Diagnostic]) -> None:
    assert [each for each in errors if each.location.path == path] == []


@pytest.mark.parametrize("dag_id", REFUSED)
def test_check_finds_what_cannot_be_built(dag_id: str, repository: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for name in ("dags", "validators"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).symlink_to(repository / name)
    config = root / "configs/tasks/refused.yaml"
    config.parent.mkdir(parents=True)
    text = yaml.safe_dump({dag_id: REFUSED[dag_id]}, sort_keys=False)
    config.write_text(text.replace(WRITTEN_FOR, str(root / "dags")))
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever dag-factory, an operator or Airflow raises
        _by_dag_factory(root, "configs/tasks/refused.yaml")
    report = check(select(root, []).project, known_around(root))
    errors = [each for each in report.diagnostics if each.severity is Severity.ERROR]
    assert errors
    assert [each.message for each in errors if not each.hint] == []


def test_the_docs_link_every_config_of_the_corpus() -> None:
    docs = (CORPUS.parents[1] / "docs/dag-factory.md").read_text()
    assert sorted(re.findall(r"\(\.\./tests/corpus/(configs/[^)]+)\)", docs)) == CONFIGS


def test_the_comparison_sees_a_single_changed_default(
    repository: Path, through_mergeflow: Mapping[str, Any], tmp_path: Path
) -> None:
    path = "configs/defaults/team/nearest_wins.yaml"
    changed = _copied(repository, tmp_path / "changed")
    defaults = changed / "configs/defaults/defaults.yml"
    defaults.write_text(defaults.read_text().replace("retries: 1", "retries: 2"))
    assert _by_dag_factory(changed, path) != _by_dag_factory(repository, path)
    after = _by_mergeflow(changed, "defaults")
    differing = {dag_id for dag_id in after if after[dag_id] != through_mergeflow[dag_id]}
    assert "nearest_wins" in differing
    assert {"block_inherited", "block_overridden"}.isdisjoint(differing)  # their file's block sets it


def test_each_dag_alone_is_the_dag_among_all(
    repository: Path, through_mergeflow: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a worker builds it, to start a task."""
    monkeypatch.setenv("MERGEFLOW_CACHE", str(tmp_path))
    dags = {dag.dag_id: team_of(dag.path) for dag in select(repository, []).project.dags}
    for dag_id in through_mergeflow:
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", dag_id)
        assert _by_mergeflow(repository, dags[dag_id] or "") == {dag_id: through_mergeflow[dag_id]}


def test_a_graph_is_drawn_as_airflow_has_it(repository: Path, through_mergeflow: Mapping[str, Any]) -> None:
    dags = {dag.dag_id: dag for dag in select(repository, []).project.dags}
    edges = 0
    for dag_id, (stored, _) in through_mergeflow.items():
        dag = dags[dag_id]
        ids = {name: full_id(dag, node) for name, node in dag.tasks.items()}
        told = {(ids[each], ids[name]) for name, task in tasks_of(dag).items() for each in task.waits}
        has = {
            (task["__var"]["task_id"], each)
            for task in stored["tasks"]
            for each in task["__var"].get("downstream_task_ids", ())
        }
        assert told == has, dag_id
        edges += len(has)
    assert edges > 50


def _copied(source: Path, root: Path) -> Path:
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (root / "configs").rglob("*.y*ml"):
        path.write_bytes(path.read_bytes().replace(WRITTEN_FOR.encode(), bytes(root / "dags")))
    for team in (root / "configs").iterdir():
        (root / f"dags/{team.name}.py").touch()
    (root / "validators").mkdir(exist_ok=True)
    shutil.copy(CATALOG, root / "validators")
    return root


def _by_mergeflow(root: Path, *teams: str) -> dict[str, Any]:
    from mergeflow.airflow import load_dags

    dags: dict[str, Any] = {}
    for team in teams:
        namespace: dict[str, Any] = {"__file__": str(root / f"dags/{team}.py")}
        load_dags(namespace, team)
        dags |= _stored(namespace, f"team:{team}")
    return dags


def _by_dag_factory(root: Path, path: str) -> dict[str, Any]:
    from dagfactory import load_yaml_dags

    namespace: dict[str, Any] = {"__file__": str(root / "dags/dag_factory.py")}
    load_yaml_dags(namespace, config_filepath=str(root / path), defaults_config_path=str(root / "configs"))
    return _stored(namespace)


def _defined_in(root: Path, path: str) -> list[str]:
    return sorted(dag.dag_id for dag in load({path: (root / path).read_bytes()}).dags)


def _stored(namespace: dict[str, Any], *added_tags: str) -> dict[str, Any]:
    """Each DAG as Airflow stores it, without where it came from and what is added to its docs and tags."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG
    from airflow.serialization.serialized_objects import DagSerialization

    bag = DagBag("/dev/null", collect_dags=False, load_op_links=False)
    stored = {}
    for dag in namespace.values():
        if isinstance(dag, DAG):
            dag.fileloc = namespace["__file__"]
            dag.validate()
            bag.bag_dag(dag)
            plain = DagSerialization.to_dict(dag)["dag"]
            for tag in added_tags:
                plain["tags"].remove(tag)
            for key in ("fileloc", "relative_fileloc", "bundle_name", "doc_md"):
                plain.pop(key, None)
            stored[dag.dag_id] = json.loads(json.dumps([plain, _own(dag.doc_md)], default=str, sort_keys=True))
    return stored


def _own(docs: str | None) -> str:
    """What a config gives as docs: dag-factory adds its YAML, Mergeflow that and a paragraph before."""
    head, _, after = (docs or "").partition("\n\n")
    if head.startswith("`configs/"):
        docs = after
    return re.split("## (?:YML DAG|YAML)\n", docs or "")[0].strip()
