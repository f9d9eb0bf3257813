"""`mergeflow new team` and `new dag` write files that are right as they are, and never overwrite one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository, Run

TEMPLATE = """\
params:
  table: {type: string, description: the table to load}
  most: {type: integer}
  retries: {type: integer, default: 2}
dag:
  description: load ${{ params.table }}
  tasks:
    load: {operator: airflow.providers.standard.operators.empty.EmptyOperator, retries: "${{ params.retries }}"}
"""


@pytest.fixture
def root(repository: Callable[..., Repository]) -> Path:
    return repository({"configs/templates/nightly.yaml": TEMPLATE}).root


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("team", "Fx Rates"), "`Fx Rates` cannot be a team's name; try `fx_rates`"),
        (("team", "../up"), "`../up` cannot be a team's name; try `up`"),
        (("team", "templates"), "`templates` cannot be a team's name; for example `payments`"),
        (("team", ""), "`` cannot be a team's name; for example `payments`"),
        (("dag", "orders"), "say whose DAG it is, `TEAM/DAG_ID`: for example `payments/orders`"),
        (("dag", "team/a b"), "`a b` cannot be a DAG's name; try `a_b`"),
        (("dag", "team/../../x"), "`../../x` cannot be a DAG's name; try `x`"),
        (("dag", "team/x", "--template", "nigthly"), "there is no template `nigthly`: did you mean `nightly`?"),
    ],
)
def test_a_name_that_cannot_be_is_refused(root: Path, mergeflow: Run, arguments: tuple[str, ...], said: str) -> None:
    before = sorted(root.rglob("*"))
    ran = mergeflow("new", *arguments, cwd=root)
    assert (ran.code, ran.out, ran.err) == (2, "", f"mergeflow: {said}\n")
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("arguments", [("team", "team"), ("dag", "team/orders")])
def test_what_is_there_is_never_overwritten(root: Path, mergeflow: Run, arguments: tuple[str, ...]) -> None:
    (root / "configs/team").mkdir()
    (root / "configs/team/orders.yaml").write_text("# mine")
    ran = mergeflow("new", *arguments, cwd=root)
    assert ran.code == 2
    assert "exists already, and is not overwritten" in ran.err
    assert (root / "configs/team/orders.yaml").read_text() == "# mine"


def test_a_new_dag_of_a_new_team_is_right_as_it_is(root: Path, mergeflow: Run) -> None:
    ran = mergeflow("new", "dag", "payments/fx_rates", cwd=root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "wrote configs/payments/fx_rates.yaml",
        "wrote dags/payments.py",
        "wrote configs/payments/defaults.yml",
        "It is right as it is. Change it into the DAG that you want.",
    ]
    assert mergeflow("check", "--no-house-rules", cwd=root).code == 0
    assert "operator: BashOperator\n" in (root / "configs/payments/fx_rates.yaml").read_text()


def test_without_a_catalog_the_operator_has_its_whole_path(root: Path, mergeflow: Run) -> None:
    (root / "validators/catalog.json").unlink()
    assert mergeflow("new", "dag", "team/orders", cwd=root).code == 0
    assert "standard.operators.bash.BashOperator" in (root / "configs/team/orders.yaml").read_text()


def test_a_dag_from_a_template_names_what_it_needs(root: Path, mergeflow: Run) -> None:
    ran = mergeflow("new", "dag", "team/orders", "--template", "nightly", cwd=root)
    assert ran.code == 1, "a TODO is no number"
    assert "write a value for each TODO" in ran.out
    assert (root / "configs/team/orders.yaml").read_text() == (
        "orders:\n  template: nightly\n  with:\n"
        "    table: TODO  # the table to load\n    most: TODO\n    # retries: 2\n"
    )


def test_a_policy_that_lists_its_teams_is_told_of_a_new_one(root: Path, mergeflow: Run) -> None:
    (root / "validators/policy.yaml").write_text("teams: {team: {dag_ids: ['team_*']}}\n")
    ran = mergeflow("new", "team", "payments", cwd=root)
    assert ran.code == 0
    assert "validators/policy.yaml lists the teams; add this below `teams:`:\n\n  payments:\n" in ran.out
    ran = mergeflow("new", "dag", "team/orders", cwd=root)
    assert ran.code == 1
    assert "[foreign-dag-id]" in ran.out
