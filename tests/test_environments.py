"""Environments: variables and patches say what is different where DAGs run, and every environment is checked."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mergeflow.compiler import compile_project
from mergeflow.project import load
from tests.conftest import Repository, Run

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
A = "configs/team/a.yaml"
DEV = "configs/environments/dev.yaml"
ORDERS = f"""\
orders:
  schedule: "@daily"
  default_args: {{pool: big, retries: 2}}
  tasks:
    load: {{operator: {EMPTY}, doc: "into ${{{{ vars.warehouse }}}}"}}
"""
PLAIN = ORDERS.replace("${{ vars.warehouse }}", "it")
FILES = {
    A: ORDERS,
    DEV: "vars: {warehouse: small}\npatches:\n- {dags: 'ord*', set: {schedule: null, default_args: {pool: one}}}\n",
    "configs/environments/prod.yaml": "vars: {warehouse: large}\n",
}

Make = Callable[..., Repository]


def built(files: Mapping[str, str], environment: str) -> dict[str, Any]:
    """The configs that are built in an environment."""
    project = load({path: text.encode() for path, text in files.items()}).within(environment)
    return {each.dag_id: each.config for each in compile_project(project)}


def test_a_patch_is_stronger_than_the_dag_and_leaves_what_it_does_not_say() -> None:
    dev, prod = (built(FILES, name)["orders"] for name in ("dev", "prod"))
    assert (dev["schedule"], prod["schedule"]) == (None, "@daily")
    assert dev["default_args"] == {"pool": "one", "retries": 2}
    assert prod["default_args"] == {"pool": "big", "retries": 2}
    assert (dev["tasks"]["load"]["doc"], prod["tasks"]["load"]["doc"]) == ("into small", "into large")


def test_of_two_patches_the_later_is_stronger_and_the_dags_own_the_strongest() -> None:
    dev = "patches:\n- {dags: '*', set: {catchup: true, max_active_runs: 1, description: a}}\n"
    dev += "- {dags: [orders], set: {max_active_runs: 2, description: b}}\n"
    own = PLAIN + "  environments: {dev: {description: c}, prod: {description: d}}\n"
    config = built({A: own, DEV: dev}, "dev")["orders"]
    assert (config["catchup"], config["max_active_runs"], config["description"]) == (True, 2, "c")
    assert "environments" not in config


def test_without_an_environment_no_patch_applies() -> None:
    files = FILES | {A: PLAIN + "  environments: {dev: {description: c}}\n"}
    config = built(files, "")["orders"]
    assert config["schedule"] == "@daily"
    assert not config.keys() & {"environments", "description"}


def test_what_needs_a_variable_is_not_built_without_one() -> None:
    assert built(FILES, "") == {}


def test_a_patched_value_keeps_its_place() -> None:
    (dag,) = load({path: text.encode() for path, text in FILES.items()}).within("dev").dags
    assert dag.place("schedule")[:2] == (DEV, ("patches", 0, "set", "schedule"))
    assert dag.place("default_args", "pool").path == DEV
    assert dag.place("default_args", "retries").path == A


def test_a_mistake_of_one_environment_is_found_and_says_where(repository: Make) -> None:
    files = FILES | {DEV: FILES[DEV].replace("null", "daily")}
    (found,) = repository(files).check().diagnostics
    assert (found.rule, str(found.location)) == ("invalid-schedule", f"{DEV}:3:34")
    assert (found.notes[-1].message, found.notes[-1].location.path) == ("in the environment `dev`", DEV)


@pytest.mark.parametrize("paths", [(), (A,), (DEV,)])
def test_every_environment_is_checked_whatever_is_asked_about(repository: Make, paths: tuple[str, ...]) -> None:
    files = FILES | {"configs/environments/prod.yaml": "vars: {warehose: large}\n"}
    found = repository(files).check(*paths).diagnostics
    assert [(each.rule, each.location.path) for each in found if paths != (DEV,)] == [("unknown-expression", A)] * (
        paths != (DEV,)
    )


def test_a_mistake_everywhere_is_reported_once(repository: Make) -> None:
    (found,) = repository(FILES | {A: ORDERS.replace("retries", "retires")}).check().diagnostics
    assert (found.rule, found.notes) == ("unknown-key", ())


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("vars: [a]\n", ["wrong-type"]),
        ("var: {a: 1}\n", ["unknown-key"]),
        ("patches: [{set: {}}]\n", ["missing-key"]),
        ("patches: [{dags: orders, set: {schedul: null}}]\n", ["unknown-key"]),
        ("patches: [{dags: oders, set: {schedule: null}}]\n", ["unmatched-patch"]),
        ("patches: [{dags: [], set: {}}]\n", ["unmatched-patch"]),
        ("[]\n", ["wrong-type"]),
    ],
)
def test_a_wrong_environment_is_a_problem_at_its_place(repository: Make, text: str, rules: list[str]) -> None:
    found = repository({A: PLAIN, DEV: text}).check().diagnostics
    assert [each.rule for each in found] == rules
    assert all(each.location.path == DEV for each in found)


def test_a_variable_that_no_environment_has_is_unknown(repository: Make) -> None:
    found = repository({A: ORDERS}).check().diagnostics
    assert [(each.rule, each.message) for each in found] == [("unknown-expression", "`vars` has no `warehouse`")]


def test_an_ignore_that_one_environment_needs_is_no_idle_one(repository: Make) -> None:
    comment = "# mergeflow: ignore[invalid-schedule] tried out\n"
    dev = f"vars: {{warehouse: x}}\npatches:\n- dags: orders\n  {comment}  set: {{schedule: daily}}\n"
    assert repository(FILES | {DEV: dev}).check().diagnostics == ()


def test_commands_take_an_environment(repository: Make, mergeflow: Run) -> None:
    made = repository(FILES | {"configs/environments/prod.yaml": "vars: {}\n"})
    assert mergeflow("check", "-q", "--env", "dev", cwd=made.root).code == 0
    assert mergeflow("check", "-q", "--env", "prod", cwd=made.root).code == 1
    assert mergeflow("check", "-q", cwd=made.root).code == 1
    assert "into small" in mergeflow("show", "orders", "--env", "dev", cwd=made.root).out
    ran = mergeflow("check", "--env", "prd", cwd=made.root)
    assert (ran.code, ran.err) == (2, "mergeflow: there is no environment `prd`: did you mean `prod`?\n")


def test_the_plan_is_made_for_an_environment(repository: Make, mergeflow: Run) -> None:
    made = repository(FILES)
    for command in ("init -q -b main", "add .", "-c user.name=a -c user.email=a@b commit -qm a"):
        subprocess.run(["git", *command.split()], cwd=made.root, check=True)
    Path(made.root, "configs/environments/prod.yaml").write_text("vars: {warehouse: huge}\n")
    assert "nothing changes" in mergeflow("plan", "--env", "dev", cwd=made.root).out
    assert "into large → into huge" in mergeflow("plan", "--env", "prod", cwd=made.root).out
