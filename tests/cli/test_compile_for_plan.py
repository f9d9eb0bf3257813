"""`mergeflow compile`, and a plan against what another release has compiled."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow import __version__
from tests.conftest import Repository, Run
from tests.test_files import commit

E = "airflow.providers.standard.operators.empty.EmptyOperator"
TEXT = f"""\
orders:
  schedule: "@daily"
  start_date: 2026-01-01
  default_args: {{retries: 1, retry_delay: {{__type__: datetime.timedelta, minutes: 5}}}}
  params: {{ratio: .nan, when: 2026-01-01T10:00:00}}
  tasks:
    - {{task_id: extract, operator: {E}}}
    - {{task_id: load, operator: {E}, dependencies: [extract]}}
"""
Make = Callable[..., Repository]


@pytest.fixture
def committed(repository: Make) -> Repository:
    made = repository({"configs/team/a.yaml": TEXT})
    commit(made.root)
    return made


def test_what_was_compiled_is_no_plan_against_itself(committed: Repository, mergeflow: Run, tmp_path: Path) -> None:
    there, here = (mergeflow("compile", *of, cwd=committed.root) for of in (["--revision", "main"], []))
    assert (there.code, there.err, there.out) == (0, "", here.out)
    file = tmp_path / "base.json"
    file.write_text(here.out)
    ran = mergeflow("plan", "--before", str(file), cwd=committed.root)
    assert ran.code == 0, ran.err
    assert ran.out.endswith("Plan: nothing changes.\n")


@pytest.mark.parametrize("revision", ["gone", "--help", "HEAD:configs", ""])
def test_a_revision_that_is_none_is_wrong_use(committed: Repository, mergeflow: Run, revision: str) -> None:
    ran = mergeflow("compile", f"--revision={revision}", cwd=committed.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1


def test_what_another_release_compiles_otherwise_is_told_as_such(
    committed: Repository, mergeflow: Run, tmp_path: Path
) -> None:
    content = json.loads(mergeflow("compile", cwd=committed.root).out)
    assert (content["version"], content["mergeflow"]) == (1, __version__)
    content["mergeflow"] = "0.0.1"
    content["dags"][0]["config"]["default_args"]["retries"] = 0
    file = tmp_path / "base.json"
    file.write_text(json.dumps(content))
    ran = mergeflow("plan", "--before", str(file), cwd=committed.root)
    assert ran.code == 0, ran.err
    assert f"  » orders  default_args.retries: 0 → 1, through mergeflow 0.0.1 → {__version__}\n" in ran.out
    assert "Plan: 0 added, 0 changed, 0 removed, 1 indirectly." in ran.out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it has no `version` 1"),
        ('{"version": 2, "dags": []}', "it has no `version` 1"),
        ('{"version": 1}', "its `dags` are no list of compiled DAGs"),
        ('{"version": 1, "dags": [{"dag_id": "a", "path": 1, "config": {}}]}', "its `dags` are no list"),
        ('{"version": 1, "dags": [{"dag_id": "a", "path": "a", "config": {"tasks": [1]}}]}', "its `dags` are no list"),
        ('{"version": 1, "dags": [{"dag_id": "a", "path": "a", "config": {"tasks": {"a": 1}}}]}', "its `dags` are no"),
        ("\udc80", "it is not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_one_line(
    text: str, reason: str, committed: Repository, mergeflow: Run, tmp_path: Path
) -> None:
    file = tmp_path / "base.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    ran = mergeflow("plan", "--before", str(file), cwd=committed.root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f"base.json is not what `mergeflow compile` writes: {reason}" in ran.err


def test_a_file_that_is_not_there_is_one_line(committed: Repository, mergeflow: Run) -> None:
    ran = mergeflow("plan", "--before", "nowhere.json", cwd=committed.root)
    assert (ran.code, ran.out, ran.err) == (
        2, "", "mergeflow: nowhere.json cannot be read: No such file or directory\n",
    )  # fmt: skip


def test_no_secret_is_kept(committed: Repository, mergeflow: Run) -> None:
    text = TEXT.replace("params: {", "params: {uri: 'postgresql://me:hunter2@shop/db', password: hunter2hunter, ")
    committed.write({"configs/team/a.yaml": text})
    ran = mergeflow("compile", cwd=committed.root)
    assert ran.code == 1
    assert "hunter2" not in ran.out
    assert json.loads(ran.out)["dags"][0]["config"]["params"]["password"] == "********"
