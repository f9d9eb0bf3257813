"""A team's stub, or all of a team, is removed: the others notice nothing, and it comes back with its history."""

from tests.faults.fleet import DAGS, FILES, Fleet

STOCK = {"stock", "returns"}


def test_a_deleted_stub_is_named_and_comes_back_with_its_history(fleet: Fleet) -> None:
    client = fleet.airflow.client
    before = fleet.run("stock")
    fleet.origin.push({"dags/stock.py": None})
    error = fleet.until_error()
    assert (
        "configs/stock/stock.yaml:1:1: error: team `stock` has no stub dags/stock.py, so its DAGs are never live"
        " [missing-stub]"
    ) in error
    assert "`mergeflow stubs` writes it" in error
    fleet.until_live(DAGS - STOCK)
    assert client.dag("stock").stale
    assert before in client.runs("stock")

    fleet.origin.push({"dags/stock.py": FILES["dags/stock.py"]})
    fleet.until_live(DAGS)
    fleet.until_no_error()
    assert not client.dag("stock").paused
    after = fleet.run("stock")
    assert [run.run_id for run in client.runs("stock")][:2] == [after.run_id, before.run_id]


def test_a_removed_team_is_gone_without_an_error(fleet: Fleet) -> None:
    run = fleet.run("stock")
    fleet.origin.push({"dags/stock.py": None, "configs/stock/stock.yaml": None})
    fleet.until_live(DAGS - STOCK)
    assert fleet.airflow.client.import_errors() == []
    assert run in fleet.airflow.client.runs("stock")
