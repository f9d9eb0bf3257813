"""One test by its node id: what pytest says of it, and what only looks like passing."""

import os
from pathlib import Path

import pytest

from mergeflow.airflow.testing.dag_of_tests.outcome import Status
from mergeflow.airflow.testing.dag_of_tests.running import run_test, run_with_fixtures
from mergeflow.airflow.testing.dag_of_tests.suite import Test
from tests.airflow.testing.dag_of_tests.suites import write

TESTS = """
import os
import sys
import unittest
from pathlib import Path

import pytest

@pytest.fixture(scope="module")
def shared():
    yield 3

@pytest.fixture
def broken():
    raise OSError("no shop")

@pytest.fixture
def skipping():
    pytest.skip("no data")

@pytest.fixture
def defer_leaking():
    yield
    raise OSError("no end")

def test_passes(shared, tmp_path):
    assert shared == 3
    assert Path("tests/smoke").is_dir()

def test_fails():
    left = [1, 2]
    assert left == [1, 3], "as the shop says"

def test_exits():
    sys.exit(0)

def test_ends_pytest():
    pytest.exit("enough", returncode=0)

def test_cannot_begin(broken): pass

def test_cannot_end(defer_leaking): pass

def test_fails_twice(defer_leaking):
    assert not "first"

def test_is_skipped(skipping): raise AssertionError

def test_skips_itself(): pytest.skip("no data")

@pytest.mark.skipif(True, reason="no data")
def test_is_never_run(): raise AssertionError

@pytest.mark.xfail(reason="no data")
def test_is_expected_to_fail(): raise AssertionError

@pytest.mark.xfail(reason="no data", run=False)
def test_is_not_even_tried(): os._exit(1)

def test_gives_up(): pytest.xfail("no data")

@pytest.mark.xfail(reason="no data")
def test_is_better_than_expected(): pass

@pytest.mark.xfail(reason="no data", strict=True)
def test_must_fail(): pass

@pytest.mark.parametrize("value", ["a b", "[/]", "x::y"])
def test_odd(value): assert value != "[/]"

def test_has_its_context(task_ctx, dag):
    assert (task_ctx["run_id"], dag) == ("monday", "the DAG")

def test_warns():
    import warnings
    warnings.warn("old")

def test_subtests_fail(subtests):
    for number in (1, 2):
        with subtests.test(number=number):
            assert number == 1

def test_a_subtest_is_skipped(subtests):
    with subtests.test():
        pytest.skip("no data")

class TestOld(unittest.TestCase):
    def test_fails(self): self.assertEqual(1, 2)
    def test_passes(self): pass
"""

OUTCOMES = {
    "test_passes": (Status.PASSED, ""),
    "test_fails": (Status.FAILED, "as the shop says"),
    "test_exits": (Status.FAILED, "SystemExit"),
    "test_ends_pytest": (Status.ERROR, "pytest ended early"),
    "test_cannot_begin": (Status.ERROR, "no shop"),
    "test_cannot_end": (Status.ERROR, "no end"),
    "test_fails_twice": (Status.FAILED, "first"),
    "test_is_skipped": (Status.SKIPPED, "no data"),
    "test_skips_itself": (Status.SKIPPED, "no data"),
    "test_is_never_run": (Status.SKIPPED, "no data"),
    "test_is_expected_to_fail": (Status.XFAILED, "no data"),
    "test_is_not_even_tried": (Status.XFAILED, "no data"),
    "test_gives_up": (Status.XFAILED, "no data"),
    "test_is_better_than_expected": (Status.XPASSED, "no data"),
    "test_must_fail": (Status.FAILED, "XPASS(strict)"),
    "test_odd[a b]": (Status.PASSED, ""),
    "test_odd[[/]]": (Status.FAILED, "assert '[/]' != '[/]'"),
    "test_odd[x::y]": (Status.PASSED, ""),
    "test_has_its_context": (Status.PASSED, ""),
    "test_warns": (Status.FAILED, "UserWarning: old"),
    "test_subtests_fail": (Status.FAILED, "assert 2 == 1"),
    "test_a_subtest_is_skipped": (Status.PASSED, ""),
    "TestOld::test_fails": (Status.FAILED, "1 != 2"),
    "TestOld::test_passes": (Status.PASSED, ""),
    "test_that_is_gone": (Status.ERROR, "pytest does not find"),
    "test_odd": (Status.ERROR, "several tests"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("repository")
    write(made, {"tests/smoke/test_a.py": TESTS, "tests/smoke/test_gone.py": "import nowhere\n"})
    return made


@pytest.mark.parametrize(("name", "expected"), OUTCOMES.items(), ids=OUTCOMES)
def test_the_outcome_of_a_test(name: str, expected: tuple[Status, str], root: Path) -> None:
    outcome = run_test(write(root, {}), f"tests/smoke/test_a.py::{name}", {"run_id": "monday", "dag": "the DAG"})
    status, text = expected
    assert outcome.status is status
    assert text in outcome.message
    assert bool(text) == bool(outcome.message)


def test_a_file_that_cannot_be_imported_any_more_is_an_error(root: Path) -> None:
    outcome = run_test(write(root, {}), "tests/smoke/test_gone.py::test_a", {})
    assert outcome.status is Status.ERROR
    assert "No module named 'nowhere'" in outcome.message


def test_nothing_is_left_behind(root: Path) -> None:
    before, here = {*root.rglob("*")}, Path.cwd()
    descriptor = os.fstat(0)
    run_test(write(root, {}), "tests/smoke/test_a.py::test_passes", {})
    assert Path.cwd() == here
    assert os.fstat(0) == descriptor
    assert {each for each in {*root.rglob("*")} - before if "__pycache__" not in each.parts} == set()


def test_pytest_finds_a_broken_session_out(root: Path) -> None:
    asked = write(root, {})
    outcome = run_test(
        type(asked)(asked.root, asked.paths, ("--no-such-option",)), "tests/smoke/test_a.py::test_passes", {}
    )
    assert outcome.status is Status.ERROR


@pytest.mark.parametrize("signature", ["**kwargs", "task_ctx"])
def test_a_report_of_the_suites_own_sees_the_context(signature: str, tmp_path: Path) -> None:
    name = signature.strip("*")
    conftest = f"""
        import pytest

        @pytest.fixture(scope="session")
        def dag_report({signature}):
            assert {name}["report"] == {{"total": 3}}
            raise OSError("nobody reads it")
        """
    path = f"tests/smoke/test_{name}.py"  # this process imports both
    asked = write(tmp_path, {"tests/smoke/conftest.py": conftest, path: "def test_a(): assert 0\n"})
    seen: list[object] = []

    def use(request: pytest.FixtureRequest, tests: object) -> None:
        seen.append(tests)
        request.getfixturevalue("dag_report")

    outcome = run_with_fixtures(asked, use, {"report": {"total": 3}})
    assert "nobody reads it" in outcome.message
    assert seen == [(Test(f"{path}::test_a"),)]
