"""`mergeflow test`: what it says, and what it ends with. What its jobs find is written here: no Airflow is started."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mergeflow.cli import waiting
from mergeflow.tested import Kind, Status, Step, Tested
from mergeflow.testing.jobs import Job
from mergeflow.testing.session import Session
from tests.conftest import Repository, Run
from tests.live import STUB
from tests.test_files import commit

E = "airflow.providers.standard.operators.empty.EmptyOperator"
A = "configs/team/a.yaml"
BASE = {
    "dags/team.py": STUB.format(team="team"),
    A: f"orders:\n  start_date: 2026-01-01\n  tasks: {{a: {{operator: {E}}}}}\n",
}
Make = Callable[..., Repository]


@pytest.fixture
def committed(repository: Make) -> Repository:
    made = repository(BASE)
    commit(made.root)
    return made


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Status, str]]:
    """What comes of each DAG, by id; all others pass. Its key `asked` notes how the session was asked for."""
    results: dict[str, tuple[Status, str]] = {}

    def run(self: Session, jobs: Sequence[Job]) -> Iterator[Tested]:
        self.took["starting Airflow"] = 3.0
        results["asked"] = (Status.PASSED, f"{self.slots} {self.limit:g} {self.environment}")
        for job in jobs:
            for dag_id in (job.path, *(job.dag_ids or ())):
                status, message = results.get(dag_id, (Status.PASSED, ""))
                path = A if dag_id in (job.dag_ids or ()) else job.path
                yield Tested(Kind.INTEGRITY, path, dag_id, status, message, 1, 0.5, (Step("rendering", 0.5),))

    monkeypatch.setattr(Session, "run", run)
    return results


Found = dict[str, tuple[Status, str]]


def test_a_failure_is_exit_code_1_with_its_message_at_the_end(
    committed: Repository, found: Found, mergeflow: Run
) -> None:
    found["orders"] = Status.FAILED, "row 7\nrow 8"
    ran = mergeflow("test", cwd=committed.root)
    assert (ran.code, ran.err) == (1, "")
    *lines, last = ran.out.splitlines()
    assert lines == [
        "failed     0.50 s  integrity  configs/team/a.yaml:1 orders",
        "passed     0.50 s  integrity  dags/team.py:1  (rendering 0.50 s)",
        "",
        "configs/team/a.yaml::integrity::orders",
        "  row 7",
        "  row 8",
        "",
        "2 tests: 1 failed, 1 passed",
    ]
    assert last.endswith("s: starting Airflow 3.0 s, rendering 1.0 s")


@pytest.mark.parametrize(
    ("status", "code"), [(Status.PASSED, 0), (Status.SKIPPED, 0), (Status.FAILED, 1), (Status.ERROR, 1)]
)
def test_the_exit_code(committed: Repository, found: Found, mergeflow: Run, status: Status, code: int) -> None:
    found["orders"] = status, "why"
    assert mergeflow("test", "orders", cwd=committed.root).code == code


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["ordres"], "`ordres` is no DAG, team, suite, file or test here: did you mean `orders`?"),
        (["--changed", "nowhere"], "Git knows no revision `nowhere` here"),
        (["orders", "--changed", "main"], "--changed finds the tests itself: give either"),
        (["--env", "dev"], "there is no environment `dev`: it would be configs/environments/dev.yaml"),
        (["--only", "unit"], "Invalid value for '--only'"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
    ],
)
def test_wrong_use_is_one_line(
    committed: Repository, found: Found, mergeflow: Run, arguments: list[str], expected: str
) -> None:
    ran = mergeflow("test", *arguments, cwd=committed.root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"mergeflow: {expected}")
    assert "asked" not in found


def test_outside_a_repository_it_says_so(tmp_path: Path, mergeflow: Run) -> None:
    ran = mergeflow("test", cwd=tmp_path)
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_without_airflow_it_says_what_to_install(
    committed: Repository, found: Found, mergeflow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "airflow" else object())
    ran = mergeflow("test", cwd=committed.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "mergeflow: these tests need Airflow: pip install 'mergeflow[airflow]'\n"
    assert "asked" not in found


@pytest.mark.usefixtures("found")
def test_nothing_to_test_is_fine_and_said(committed: Repository, mergeflow: Run) -> None:
    ran = mergeflow("test", "--changed", "main", cwd=committed.root)
    assert (ran.code, ran.out, ran.err) == (0, "nothing to test has changed since main\n", "")
    ran = mergeflow("test", "--only", "sample", cwd=committed.root)
    assert (ran.code, ran.out) == (0, "there is nothing to test\n")
    assert json.loads(mergeflow("test", "--changed", "main", "--format", "json", cwd=committed.root).out)["ok"] is True


def test_the_tests_are_named_and_not_run(committed: Repository, found: Found, mergeflow: Run) -> None:
    ran = mergeflow("test", "--list", cwd=committed.root)
    assert (ran.code, ran.out) == (
        0,
        "configs/team/a.yaml::integrity::orders\ndags/team.py::integrity::dags/team.py\n",
    )
    assert "asked" not in found


def test_options_reach_the_session(committed: Repository, found: Found, mergeflow: Run) -> None:
    committed.write({"configs/environments/dev.yaml": "vars: {a: b}\n"})
    assert mergeflow("test", "--jobs", "3", "--limit", "9", "--env", "dev", cwd=committed.root).code == 0
    assert found["asked"][1] == "3 9 dev"


def test_reports_are_written_beside_the_output(committed: Repository, found: Found, mergeflow: Run) -> None:
    found["orders"] = Status.FAILED, "row 7"
    (committed.root / "summary.md").write_text("before\n")
    ran = mergeflow("test", "--junit", "out/junit.xml", "--summary", "summary.md", cwd=committed.root)
    assert ran.code == 1
    assert 'message="row 7"' in (committed.root / "out/junit.xml").read_text()
    summary = (committed.root / "summary.md").read_text()
    assert summary.startswith("before\n## ❌ Tests")
    assert (
        mergeflow("test", "--format", "junit", cwd=committed.root).out == (committed.root / "out/junit.xml").read_text()
    )


def test_a_report_that_cannot_be_written_is_one_line(committed: Repository, found: Found, mergeflow: Run) -> None:
    del found
    ran = mergeflow("test", "--junit", "dags/team.py/junit.xml", cwd=committed.root)
    assert ran.code == 2
    assert ran.err == "mergeflow: dags/team.py/junit.xml cannot be written: File exists\n"
    assert "2 passed" in ran.out  # what was found is told all the same


def test_progress_is_for_terminals(
    committed: Repository, found: Found, mergeflow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    del found
    shown: list[str] = []

    def now(bar: waiting.Waiting, doing: str) -> None:
        del bar
        shown.append(doing)

    run = Session.run

    def telling(self: Session, jobs: Sequence[Job]) -> Iterator[Tested]:
        self.tell(0, ["dags/team.py", "orders::a[db=sqlite]"])
        yield from run(self, jobs)

    monkeypatch.setattr(waiting.Waiting, "now", now)
    monkeypatch.setattr(Session, "run", telling)
    assert mergeflow("test", cwd=committed.root).err == ""
    assert shown == ["0 of 1 done, dags/team.py, orders::a\\[db=sqlite]"]
