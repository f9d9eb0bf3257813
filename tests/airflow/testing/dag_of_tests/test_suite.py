"""Task ids: valid, readable, and the same as long as the test is."""

import re

import pytest
from airflow.sdk.definitions._internal.node import validate_key

from mergeflow.airflow.testing.dag_of_tests.suite import SuiteError, Test, folder_of, task_id_of, task_ids

ODD = [
    "tests/smoke/test_a.py::test_b[a b]",
    "tests/smoke/test_a.py::test_b[a_b]",
    "tests/smoke/test_a.py::test_b[a/b]",
    "tests/smoke/test_a.py::test_b[a::b]",
    "tests/smoke/test_a.py::test_b[a[b]]",
    "tests/smoke/test_a.py::test_b[]",
    "tests/smoke/test_a.py::test_b[\\xe9]",
    "tests/smoke/test_a.py::test_b[é]",
    "tests/smoke/test_a.py::test_b[{{ ds }}]",
    "tests/smoke/test_a.py::test_b[-]",
    f"tests/smoke/test_a.py::test_b[{'a' * 300}]",
    f"tests/smoke/test_a.py::test_b[{'a' * 301}]",
    "tests/smoke/test_a.py::test_b::[",
    "tests/smoke/test-a.py::test_b",
    "tests/smoke/test/a.py::test_b",
    "tests/smoke/test.a.py::test_b",
    "tests/smoke/test_a.py::b::test_b",
    "tests/smoke/a/b.py::c",
    "tests/smoke/a.py::b::c",
    "tests/smoke/orders.txt::orders.txt",
    "tests/smoke/ümläut.py::test_ä",
    "::",
]


@pytest.mark.parametrize("node", ODD)
def test_airflow_takes_every_id(node: str) -> None:
    task_id = task_id_of(node, "tests/smoke")
    validate_key(task_id)
    assert task_id.isascii()


def test_no_two_tests_have_one_id() -> None:
    assert len(task_ids(map(Test, ODD), "tests/smoke")) == len(ODD)


def test_two_items_of_one_name_are_told() -> None:
    with pytest.raises(SuiteError, match=re.escape("two tests would be the task `a-b`")):
        task_ids([Test("a.py::b"), Test("a.py::b")], "")


@pytest.mark.parametrize(
    ("node", "folder", "task_id"),
    [
        ("tests/smoke/test_a.py::test_total", "tests/smoke", "test_a-test_total"),
        ("tests/smoke/eu/test_a.py::test_total", "tests/smoke", "eu.test_a-test_total"),
        (
            "tests/smoke/test_a.py::TestRefund::test_total[eur-1.5]",
            "tests/smoke",
            "test_a-TestRefund-test_total--eur-1.5",
        ),
        ("tests/smoke/test_a.py::test_total", "", "tests.smoke.test_a-test_total"),
        ("tests/smokers/test_a.py::test_total", "tests/smoke", "tests.smokers.test_a-test_total"),
    ],
)
def test_an_id_reads_like_its_test(node: str, folder: str, task_id: str) -> None:
    assert task_id_of(node, folder) == task_id


@pytest.mark.parametrize(
    ("paths", "folder"),
    [
        ((), ""),
        ((".",), ""),
        (("tests/smoke",), "tests/smoke"),
        (("tests/smoke/",), "tests/smoke"),
        (("tests/smoke/test_a.py::test_b",), "tests/smoke"),
        (("tests/smoke/eu", "tests/smoke/us/test_a.py"), "tests/smoke"),
        (("tests/smoke", "other"), ""),
        (("tests/smoke", "tests/smokers"), "tests"),
    ],
)
def test_the_folder_is_what_all_paths_share(paths: tuple[str, ...], folder: str) -> None:
    assert folder_of(paths) == folder
