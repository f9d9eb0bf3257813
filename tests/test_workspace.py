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


def test_one_file_needs_itself_the_defaults_above_and_those_that_name_its_dags(repository: Make) -> None:
    made = repository({
        A: "orders: {}",
        "configs/defaults.yml": "",
        "configs/team/defaults.yaml": "",
        "configs/other/defaults.yml": "",
        "configs/other/same.yaml": "'orders' : {}",
        "configs/other/waits.yaml": "x: {external_dag_id: orders}",
        "configs/other/longer.yaml": "orders_daily: {}\nall.orders: {}\nmy-orders: {}\n",
    })  # fmt: skip
    assert read_for(made, A) == {A, "configs/defaults.yml", "configs/team/defaults.yaml", "configs/other/same.yaml"}


def test_the_files_come_in_the_order_in_which_airflow_would_take_them(repository: Make) -> None:
    made = repository({"configs/team/b.yaml": "orders: {}", A: "orders: {}"})
    assert list(select(made.root, [made.root / "configs/team/b.yaml"]).project.paths) == [A, "configs/team/b.yaml"]


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "a " * 500_000, "a" + " " * 1_000_000, "a" * 500_000 + " " * 500_000]
)
def test_looking_for_names_takes_time_in_proportion_to_the_text(text: str, repository: Make) -> None:
    made = repository({A: "orders: {}", "configs/other/long.yaml": text})
    begun = time.monotonic()
    assert read_for(made, A) == {A}
    assert time.monotonic() - begun < 3


def test_a_path_that_does_not_exist_is_wrong_use(repository: Make) -> None:
    with pytest.raises(WrongUse, match=r"gone\.yaml does not exist$"):
        read_for(repository({}), "gone.yaml")


def test_the_root_is_the_nearest_folder_with_configs(repository: Make) -> None:
    made = repository({"configs/team/deep/configs/x.yaml": "", "dags/deep/x.py": ""})
    assert find_root(made.root / "dags" / "deep") == made.root
    assert find_root(made.root / "configs/team/deep/configs") == made.root / "configs/team/deep"
    with pytest.raises(WrongUse):
        find_root(made.root.parent)
