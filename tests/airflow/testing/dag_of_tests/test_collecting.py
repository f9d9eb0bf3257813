"""Pytest says which tests there are, in a process of its own, and runs nothing."""

from pathlib import Path

import pytest

from mergeflow.airflow.testing.dag_of_tests.collecting import Asked, collect, inputs
from mergeflow.airflow.testing.dag_of_tests.suite import SuiteError
from tests.airflow.testing.dag_of_tests.suites import write

SUITE = {
    "tests/conftest.py": """
        import pathlib
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def database():
            pathlib.Path("evaluated").touch()

        @pytest.fixture
        def connection(database):
            pathlib.Path("evaluated").touch()

        @pytest.fixture
        def dag_report(connection):
            pathlib.Path("evaluated").touch()
        """,
    "tests/smoke/test_a.py": '''
        import pytest

        @pytest.fixture(scope="session")
        def dag():
            raise AssertionError

        @pytest.mark.slow
        def test_one():
            """Looks at orders."""

        def test_two():
            pass
        ''',
    "pytest.ini": "[pytest]\naddopts = -n 2 --strict-markers\nfilterwarnings = error\nmarkers = slow: takes long\n",
}


def test_tests_and_reserved_fixtures_are_seen_and_none_is_evaluated(tmp_path: Path) -> None:
    suite = collect(write(tmp_path, SUITE))
    assert [(test.node, test.doc) for test in suite.tests] == [
        ("tests/smoke/test_a.py::test_one", "Looks at orders."),
        ("tests/smoke/test_a.py::test_two", ""),
    ]
    assert suite.custom == {"dag", "dag_report"}
    assert not (tmp_path / "evaluated").exists()


def test_what_does_not_stand_above_all_tests_is_not_the_suites(tmp_path: Path) -> None:
    asked = write(tmp_path, SUITE | {"tests/smoke/test_b.py": "def test_three(): pass\n"})
    assert collect(asked).custom == {"dag_report"}


def test_pytest_chooses(tmp_path: Path) -> None:
    asked = write(tmp_path, SUITE)
    assert [test.node for test in collect(asked, ["-m", "slow"]).tests] == ["tests/smoke/test_a.py::test_one"]
    assert collect(asked, ["-k", "nothing"]).tests == ()


@pytest.mark.parametrize(
    ("files", "more", "text"),
    [
        ({"tests/smoke/test_a.py": "import nowhere"}, [], "No module named 'nowhere'"),
        ({"tests/smoke/conftest.py": "1 / 0"}, [], "ZeroDivisionError"),
        ({"tests/smoke/test_a.py": "import os; os._exit(7)"}, [], "pytest ended with exit code 7"),
        ({}, [], "file or directory not found: tests/smoke"),
        (SUITE, ["-m", "slow and"], "Wrong expression passed to '-m'"),
        (SUITE, ["--no-such-option"], "--no-such-option"),
    ],
)
def test_what_cannot_be_collected_is_told_in_pytests_words(
    files: dict[str, str], more: list[str], text: str, tmp_path: Path
) -> None:
    with pytest.raises(SuiteError) as raised:
        collect(write(tmp_path, files), more)
    assert text in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_a_module_that_does_not_end_is_ended(tmp_path: Path) -> None:
    asked = write(tmp_path, {"tests/smoke/test_a.py": "import time; time.sleep(600)"})
    with pytest.raises(SuiteError, match="had not collected the tests after 1 s"):
        collect(asked, seconds=1)


@pytest.mark.parametrize("path", ["/etc", "../other", "tests/../../other", "tests/../..::test_a"])
def test_a_suite_is_inside_the_repository(path: str, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="is not a path below the root"):
        Asked(tmp_path, (path,))


def test_what_decides_about_the_tests(tmp_path: Path) -> None:
    files = ("tests/smoke/cases.csv", "tests/helpers.py", "dags/callables/shop/orders.py", "src/other.py", "README.md")
    asked = write(tmp_path, SUITE | dict.fromkeys(files, ""))
    (tmp_path / "tests/smoke/__pycache__").mkdir()
    (tmp_path / "tests/smoke/__pycache__/test_a.pyc").touch()
    assert [file.relative_to(tmp_path).as_posix() for file in inputs(asked)] == [
        "dags/callables/shop/orders.py",
        "pytest.ini",
        "tests/conftest.py",
        "tests/helpers.py",
        "tests/smoke/cases.csv",
        "tests/smoke/test_a.py",
    ]
