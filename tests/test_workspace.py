"""What a question reads: little, but enough."""

import time
from collections.abc import Callable

import pytest

from mergeflow.workspace import WrongUse, find_root, select
from tests.conftest import Repository

A = "configs/team/a.yaml"
Make = Callable[..., Repository]


def read_for(made: Repository, *paths: str) -> set[str]:
    return set(select(made.root, [made.root / path for path in paths]).project.paths)


def test_one_file_needs_itself_those_that_name_its_dags_and_the_defaults_above(repository: Make) -> None:
    made = repository({
        A: "orders: {}",
        "configs/defaults.yml": "",
        "configs/team/defaults.yaml": "",
        "configs/other/defaults.yml": "",
        "configs/other/same.yaml": "'orders' : {}",
        "configs/other/waits.yaml": "x: {external_dag_id: orders}",
        "configs/other/longer.yaml": "orders_daily: {}\nall.orders: {}\nmy-orders: {}\n",
    })  # fmt: skip
    above = {"configs/defaults.yml", "configs/team/defaults.yaml", "configs/other/defaults.yml"}
    assert read_for(made, A) == {A, "configs/other/same.yaml", *above}


TRIGGER = "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator"
EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
B, C, D = (f"configs/other/{name}.yaml" for name in "bcd")


def makes(dag_id: str, *, when: str = "'@daily'", outlets: str = "[]") -> str:
    return f"{dag_id}: {{schedule: {when}, tasks: {{load: {{operator: {EMPTY}, outlets: {outlets}}}}}}}\n"


def test_one_file_needs_those_that_define_what_it_triggers_and_their_defaults(repository: Make) -> None:
    made = repository({
        A: f"orders: {{tasks: {{t: {{operator: {TRIGGER}, trigger_dag_id: report}}}}}}",
        B: makes("report"),
        C: "x: {trigger_dag_id: report}",
        D: makes("report_daily"),
        "configs/other/defaults.yml": "",
        "configs/third/defaults.yml": "report: x",
    })  # fmt: skip
    assert read_for(made, A) == {A, B, "configs/other/defaults.yml"}


def test_one_file_needs_those_that_produce_what_it_waits_for(repository: Make) -> None:
    made = repository({A: makes("x", when="[s3://a]"), B: makes("y", outlets="[s3://a]"), C: makes("z")})
    assert read_for(made, A) == {A, B}


def test_what_it_produces_is_followed_where_it_waits_for_assets_itself(repository: Make) -> None:
    files = {
        A: makes("w", when="[s3://d]", outlets="[s3://a]"),
        B: makes("x", when="[s3://a]", outlets="[s3://b]"),
        C: makes("y", when="[s3://b]", outlets="[s3://c]"),
        D: makes("z", when="[s3://c]", outlets="[s3://e]"),
    }
    assert read_for(repository(files), A) == {A, B, C, D}
    assert read_for(repository({A: makes("w", outlets="[s3://a]")}), A) == {A}


def test_a_circle_of_assets_is_found_from_any_of_its_files(repository: Make) -> None:
    ring = {A: ("s3://c", "s3://a"), B: ("s3://a", "s3://b"), C: ("s3://b", "s3://c")}
    files = {path: makes(path[-6], when=f"[{waits}]", outlets=f"[{made}]") for path, (waits, made) in ring.items()}
    made = repository(files | {D: makes("d"), "dags/other.py": ""})
    reports = [made.check(*paths).diagnostics for paths in ((), (A,), (B,), (C,))]
    assert [each.rule for each in reports[0]] == ["asset-loop"]
    assert all(report == reports[0] for report in reports)
    assert not made.check(D).diagnostics


@pytest.mark.parametrize(("key", "found"), [("sales_${{ item.id }}", True), ("'${{item.id}}_x_${{item.id}}'", False)])
def test_a_dag_that_is_made_for_an_item_is_found(key: str, found: bool, repository: Make) -> None:  # noqa: FBT001
    made = repository({
        A: f"orders: {{tasks: {{t: {{operator: {TRIGGER}, trigger_dag_id: sales_eu}}}}}}",
        B: f"{key}:\n  for_each: [{{id: eu}}, {{id: us}}]\n  tasks: {{load: {{operator: {EMPTY}}}}}\n",
        "dags/other.py": "",
    })  # fmt: skip
    assert (B in read_for(made, A)) is found
    rules = [[each.rule for each in made.check(*paths).diagnostics] for paths in ((), (A,))]
    assert rules == [[], []] if found else [["unknown-dag"], ["unknown-dag"]]


def test_a_hint_names_a_dag_of_a_file_that_is_not_read(repository: Make) -> None:
    made = repository({
        A: f"orders: {{tasks: {{t: {{operator: {TRIGGER}, trigger_dag_id: reprot}}}}}}",
        B: makes("report"),
        "dags/other.py": "",
    })  # fmt: skip
    (found,) = made.check(A).diagnostics
    assert (found.rule, found.hint) == ("unknown-dag", "did you mean `report`?")
    assert B not in read_for(made, A)
    assert made.check().diagnostics == (found,)


def test_a_dag_that_a_broken_file_seems_to_define_is_not_unknown(repository: Make) -> None:
    made = repository({A: f"orders: {{tasks: {{t: {{operator: {TRIGGER}, trigger_dag_id: x}}}}}}", B: "x: {tasks: ["})
    assert made.check(A).diagnostics == ()


def test_the_files_come_in_the_order_in_which_airflow_would_take_them(repository: Make) -> None:
    made = repository({"configs/team/b.yaml": "orders: {}", A: "orders: {}"})
    assert list(select(made.root, [made.root / "configs/team/b.yaml"]).project.paths) == [A, "configs/team/b.yaml"]


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "x${{" * 250_000 + ":", "a " * 500_000, "a" + " " * 1_000_000, "a" * 500_000 + " " * 500_000],
)
def test_looking_for_names_takes_time_in_proportion_to_the_text(text: str, repository: Make) -> None:
    made = repository({A: "orders: {}", "configs/other/long.yaml": text})
    begun = time.process_time()
    assert read_for(made, A) == {A}
    assert time.process_time() - begun < 3


def test_a_path_that_does_not_exist_is_wrong_use(repository: Make) -> None:
    with pytest.raises(WrongUse, match=r"gone\.yaml does not exist$"):
        read_for(repository({}), "gone.yaml")


def test_the_root_is_the_nearest_folder_with_configs(repository: Make) -> None:
    made = repository({"configs/team/deep/configs/x.yaml": "", "dags/deep/x.py": ""})
    assert find_root(made.root / "dags" / "deep") == made.root
    assert find_root(made.root / "configs/team/deep/configs") == made.root / "configs/team/deep"
    with pytest.raises(WrongUse):
        find_root(made.root.parent)
