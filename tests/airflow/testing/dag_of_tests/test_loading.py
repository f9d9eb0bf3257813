"""A stub makes a DAG of a suite: quick where nothing has changed, and an import error where there is none to make."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from mergeflow.airflow import load_test_dag
from mergeflow.airflow.testing.dag_of_tests import collecting, loading
from mergeflow.airflow.testing.dag_of_tests.building import DagOfTests
from tests.airflow.testing.dag_of_tests.suites import write

SUITE = {"tests/smoke/test_a.py": "def test_one():\n    '''Looks.'''\n\ndef test_two(): pass\n"}


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGEFLOW_CACHE", str(tmp_path / "cache"))


def loaded(root: Path, files: Mapping[str, str] = SUITE, **given: Any) -> tuple[DagOfTests | None, DAG]:
    """What a stub gets, and the DAG that Airflow finds."""
    write(root, files)
    namespace: dict[str, Any] = {"__file__": str(root / "dags/smoke.py")}
    made = load_test_dag(namespace, "smoke", "tests/smoke", **given)
    (dag,) = (value for value in namespace.values() if isinstance(value, DAG))
    return made, dag


def error(dag: DAG) -> str:
    with pytest.raises(loading.NoTests) as raised:
        dag.validate()
    return str(raised.value)


def test_every_test_is_a_task_between_source_and_sink(tmp_path: Path) -> None:
    made, dag = loaded(tmp_path, source="start", sink="report", schedule="@daily", default_args={"owner": "shop"})
    assert made is not None
    assert dag is made.dag
    assert (made.source.task_id, made.sink.task_id) == ("start", "report")
    assert made.source.downstream_task_ids == made.sink.upstream_task_ids == {"test_a-test_one", "test_a-test_two"}
    one = dag.task_dict["test_a-test_one"]
    assert (one.task_display_name, one.doc_md) == ("tests/smoke/test_a.py::test_one", "Looks.")
    assert (one.owner, one.retries) == ("shop", 0)
    assert dag.schedule == "@daily"


def test_the_stored_dag_does_not_name_the_checkout(tmp_path: Path) -> None:
    """Each commit has a folder of its own, and every merge would be a new version of the DAG."""
    _, dag = loaded(tmp_path)
    dag.fileloc = "smoke.py"
    assert str(tmp_path) not in json.dumps(DagSerialization.to_dict(dag))


def test_airflow_finds_the_dag_in_a_stub_of_two_lines(tmp_path: Path) -> None:
    stub = 'from mergeflow.airflow import load_test_dag\n\nload_test_dag(globals(), "smoke", "tests/smoke")\n'
    write(tmp_path, SUITE | {"dags/smoke.py": stub})
    bag = DagBag(tmp_path / "dags", bundle_path=tmp_path / "dags")
    assert not bag.import_errors
    assert [*bag.dags] == ["smoke"]


def test_pytest_is_asked_again_when_something_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(loading, "collect", lambda *_, **__: pytest.fail("asked again"))
        loaded(tmp_path)
    _, dag = loaded(tmp_path, {"tests/smoke/test_b.py": "def test_three(): pass\n"})
    assert "test_b-test_three" in dag.task_dict


@pytest.mark.parametrize(
    ("files", "given", "text"),
    [
        ({"tests/smoke/test_a.py": "import nowhere\n"}, {}, "No module named 'nowhere'"),
        ({"tests/smoke/test_a.py": ""}, {}, "pytest collects no tests in tests/smoke"),
        (SUITE, {"source": "x", "sink": "x"}, "two tasks `x`"),
        (SUITE, {"source": "test_a-test_one"}, "two tasks `test_a-test_one`"),
        (SUITE, {"options": ["-k", "nothing"]}, "pytest collects no tests"),
    ],
)
def test_what_is_in_the_way_is_an_import_error(
    files: dict[str, str], given: dict[str, Any], text: str, tmp_path: Path
) -> None:
    made, dag = loaded(tmp_path, files, **given)
    assert made is None
    assert text in error(dag)


def test_a_collection_ends_before_airflows_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(loading, "left", lambda: 20.0)
    monkeypatch.setattr(
        loading, "collect", lambda asking, seconds: (asked.append(seconds), collecting.collect(asking))[1]
    )
    loaded(tmp_path)
    assert asked == [18.0]


CONFTEST = """
    import pytest
    from airflow.sdk import DAG

    @pytest.fixture(scope="session", autouse=True)
    def database():
        raise AssertionError("evaluated while a DAG is made")

    @pytest.fixture(scope="session")
    def dag_default_args():
        return {"owner": "shop", "retries": 2}
    """


def test_the_suites_own_default_args_count(tmp_path: Path) -> None:
    _, dag = loaded(tmp_path, {"tests/smoke/test_c.py": "def test_c(): pass\n", "tests/smoke/conftest.py": CONFTEST})
    assert (dag.default_args["owner"], dag.default_args["retries"]) == ("shop", 2)
    assert dag.task_dict["test_c-test_c"].retries == 2


def test_the_suites_own_dag_gets_the_tasks(tmp_path: Path) -> None:
    conftest = f"""{CONFTEST}
    @pytest.fixture
    def dag(dag_default_args):
        return DAG("theirs", schedule="@weekly", default_args=dag_default_args)
    """
    suite = {"tests/smoke/test_d.py": "def test_d(): pass\n", "tests/smoke/conftest.py": conftest}
    made, dag = loaded(tmp_path, suite)
    assert made is not None
    assert (dag.dag_id, dag.schedule, dag.owner) == ("theirs", "@weekly", "shop")
    _, dag = loaded(tmp_path, suite, schedule="@daily")
    assert "so `schedule` has no effect" in error(dag)
