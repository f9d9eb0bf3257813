"""What the adapter makes of dag-factory's builder: a DAG, or one line that says why not."""

from unittest.mock import Mock

import pytest

from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.compiler import CompiledDag

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"


def compiled(**config: object) -> CompiledDag:
    return CompiledDag("orders", "configs/team/orders.yaml", {"schedule": "@daily", **config}, "orders: …\n")


def test_a_dag_is_built_and_marked_as_dag_factorys() -> None:
    dag = build(compiled(tasks={"run": {"operator": EMPTY}}))
    assert (dag.dag_id, dag.task_ids) == ("orders", ["run"])
    assert "dagfactory" in dag.tags


def test_building_leaves_the_compiled_config_as_it_was() -> None:
    config = {"tasks": {"run": {"operator": EMPTY}}, "tags": ["a"]}
    given = compiled(**config)
    build(given)
    assert given.config == {"schedule": "@daily", "tasks": {"run": {"operator": EMPTY}}, "tags": ["a"]}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"tasks": {"run": {"operator": "no.such.Operator"}}}, "ModuleNotFoundError: No module named 'no'"),
        ({"tasks": {"run": {"operator": EMPTY, "bogus": 1}}}, "bogus"),
        ({"tasks": {"run": {"operator": EMPTY}}, "schedule": "every day"}, "AirflowTimetableInvalid"),
    ],
)
def test_whatever_goes_wrong_is_one_line(config: dict[str, object], said: str) -> None:
    with pytest.raises(BuildError, match=said) as raised:
        build(compiled(**config))
    assert "\n" not in str(raised.value)


def test_a_builder_that_returns_another_dag_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    other = build(CompiledDag("other", "p", {"tasks": {"run": {"operator": EMPTY}}}, ""))
    monkeypatch.setattr("dagfactory.dagbuilder.DagBuilder.build", lambda _: {"dag_id": "other", "dag": other})
    with pytest.raises(BuildError, match="returned 'other' instead of a DAG of this id"):
        build(compiled(tasks={"run": {"operator": EMPTY}}))


def test_a_builder_that_swallows_a_dag_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagfactory.dagbuilder.DagBuilder.build", lambda _: {})
    with pytest.raises(BuildError, match="returned None instead of a DAG"):
        build(compiled(tasks={"run": {"operator": EMPTY}}))


@pytest.mark.parametrize("times", [1, 2])
def test_a_schedule_that_is_none_is_refused_however_often_it_comes(times: int) -> None:
    build(compiled(tasks={"run": {"operator": EMPTY}}))
    for _ in range(times):
        with pytest.raises(BuildError, match="AirflowTimetableInvalid"):
            build(compiled(tasks={"run": {"operator": EMPTY}}, schedule="61 * * * *"))


def test_the_tasks_of_a_dag_are_validated_also_where_its_schedule_was_right_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build(compiled(tasks={"run": {"operator": EMPTY}}))
    refusal = Mock(side_effect=ValueError("Setup tasks must be followed"))
    monkeypatch.setattr("airflow.sdk.DAG.validate_setup_teardown", refusal)
    with pytest.raises(BuildError, match="Setup tasks"):
        build(compiled(tasks={"run": {"operator": EMPTY}}))
