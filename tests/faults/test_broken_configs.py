"""Configs that are broken on main, past every hook: nobody else notices, and everybody can read why."""

from typing import Any

from tests.faults.fleet import DAGS, ORDERS, Fleet
from tests.faults.schedule import DAG_ID
from tests.live import EMPTY, eventually, until_live

MANY = 200
DAILY = f'daily_{{n}}:\n  schedule: "@daily"\n  start_date: 2024-01-01\n  tasks:\n    run: {{{{operator: {EMPTY}}}}}\n'


def test_a_broken_dag_costs_neither_its_file_nor_its_team(fleet: Fleet) -> None:
    head, _, refunds = ORDERS.partition("refunds:")
    fleet.origin.push({"configs/shop/orders.yaml": f"{head}refunds:{refunds.replace('schedule', 'shedule')}"})
    assert (
        "configs/shop/orders.yaml:7:3: error: unknown key `shedule` in DAG `refunds` [unknown-key]\n"
        "  |\n"
        "7 |   shedule: null\n"
        "  |   ^^^^^^^\n"
        "  = hint: did you mean `schedule`?\n"
    ) in fleet.until_error()
    fleet.until_live(DAGS - {"refunds"})

    fleet.origin.push({"configs/shop/orders.yaml": ORDERS})
    fleet.until_live(DAGS)
    fleet.until_no_error()


def test_two_hundred_broken_configs_are_all_named(fleet: Fleet) -> None:
    paths = [f"configs/shop/daily_{n:03}.yaml" for n in range(MANY)]
    texts = {path: DAILY.format(n=n) for n, path in enumerate(paths)}
    fleet.origin.push({path: text.replace("schedule:", "shedule:") for path, text in texts.items()})
    error = fleet.until_error()
    assert [line.partition(":")[0] for line in error.splitlines() if ":2:3: error: unknown key" in line] == paths
    assert fleet.live() == DAGS

    until_live(fleet.airflow, [f"daily_{n}" for n in range(MANY)], fleet.origin.push(texts))
    fleet.until_no_error()


def test_docs_name_the_commit_that_touched_the_file_last(fleet: Fleet) -> None:
    commit = fleet.origin.push({"configs/shop/orders.yaml": f"{ORDERS}# nothing that a DAG is made of\n"})

    def details(dag_id: str) -> dict[str, Any]:
        return dict(fleet.airflow.client._http.call("GET", f"/api/v2/dags/{dag_id}/details"))

    named = f"commit `{commit[:7]}`"
    eventually(fleet.airflow, lambda: named in details("refunds")["doc_md"], "the docs name the commit")
    assert details("refunds")["doc_md"].startswith(f"`configs/shop/orders.yaml:6` · {named}")
    assert "team:shop" in [tag["name"] for tag in details("refunds")["tags"]]
    assert "commit `" in details(DAG_ID)["doc_md"]
    assert named not in details(DAG_ID)["doc_md"]
    fleet.origin.push({"configs/shop/orders.yaml": ORDERS})
