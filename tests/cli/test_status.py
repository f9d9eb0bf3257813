"""`mergeflow status`: the whole command against a stand-in for Airflow's REST API."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.test_client import DAG, FakeAirflow
from tests.conftest import ROOT, Ran, Repository, Run
from tests.test_files import commit, git

E = "airflow.providers.standard.operators.empty.EmptyOperator"
A = "configs/team/a.yaml"
B = "configs/team/b.yaml"
TEXT = "".join(f"{dag_id}:\n  tasks:\n    run: {{operator: {E}}}\n" for dag_id in ("fx", "rates", "sums"))
TEXT_OF_B = f"b_error:\n  tasks:\n    run: {{operator: {E}}}\n"
HEALTHY = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "dag_processor")}
Status = Callable[..., Ran]


@pytest.fixture
def committed(repository: Callable[..., Repository]) -> Repository:
    made = repository({A: TEXT})
    commit(made.root)
    return made


@pytest.fixture
def head(committed: Repository) -> str:
    return git(committed.root, "rev-parse", "HEAD").strip()


@pytest.fixture
def airflow(head: str) -> Iterator[FakeAirflow]:
    """One that runs the commit, and takes one token."""
    fake = FakeAirflow()
    fake.token = "right"
    fake.answers |= {
        "GET /api/v2/version": (200, {"version": "3.3.2"}),
        "GET /api/v2/monitor/health": (200, HEALTHY),
        "GET /api/v2/importErrors": (200, {"import_errors": [], "total_entries": 0}),
    }
    has(fake, *(row(dag_id, head) for dag_id in ("fx", "rates", "sums")))
    yield fake
    fake.close()


@pytest.fixture
def status(
    airflow: FakeAirflow, committed: Repository, mergeflow: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Status:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_TOKEN", "right")
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_URL", airflow.url)
    return lambda *arguments: mergeflow("status", *arguments, cwd=committed.root)


def row(dag_id: str, at: str | None, **given: Any) -> dict[str, Any]:
    return DAG | {"dag_id": dag_id, "bundle_version": at, "bundle_name": "b", "relative_fileloc": "team.py"} | given


def has(fake: FakeAirflow, *rows: dict[str, Any]) -> None:
    fake.answers["GET /api/v2/dags"] = (200, {"dags": rows, "total_entries": len(rows)})


def failed(ran: Ran) -> str:
    """The one line on standard error of a command that could not ask."""
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    return ran.err.removeprefix("mergeflow: ").rstrip("\n")


def shown(ran: Ran, airflow: FakeAirflow) -> str:
    """What is printed, with the age and the address as they are nowhere else."""
    text = re.sub(r"\d+ d ago \([^)]*\)", "AGE", ran.out.replace(airflow.url, "URL"))
    assert ran.err == ""
    return text


def test_nobody_there(status: Status, airflow: FakeAirflow) -> None:
    ran = status("--url", "http://127.0.0.1:1")
    assert failed(ran) == "there is no Airflow at http://127.0.0.1:1"
    assert airflow.asked == []


def test_a_wrong_token(status: Status, airflow: FakeAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_TOKEN", "wrong")
    for arguments in ((), ("--wait", "3600")):
        said = failed(status(*arguments))
        assert said == f"Airflow at {airflow.url} refuses this token: Airflow answers 401: Invalid token"
    assert "POST /auth/token" not in [asked for asked, _ in airflow.asked]


def test_a_wrong_password(status: Status, airflow: FakeAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MERGEFLOW_AIRFLOW_TOKEN")
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_USER", "ada")
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_PASSWORD", "wrong")
    assert failed(status("--wait", "3600")) == f"Airflow at {airflow.url} refuses this login for ada"
    monkeypatch.setenv("MERGEFLOW_AIRFLOW_PASSWORD", "right")
    assert status().code == 0


@pytest.mark.parametrize("path", ["dags", "importErrors", "monitor/health", "version"])
@pytest.mark.parametrize(
    ("code", "body"),
    [
        (500, b"<h1>Internal Server Error</h1>"),
        (503, b""),
        (302, b""),
        (200, b"<html><form>Log in</form></html>"),
        (200, b"[1, 2]"),
        (200, b"{cut"),
        (200, b"\xff\xfe"),
        (200, {"dags": None, "import_errors": None, "dag_processor": 3, "total_entries": 0}),
        (200, {"dags": [{}], "import_errors": [{}], "scheduler": [], "total_entries": 1}),
        (200, {"dags": [3], "import_errors": ["x"], "metadatabase": "x", "total_entries": 1}),
        (200, {"dags": [DAG | {"last_parsed_time": "now"}], "import_errors": [{"filename": 3}], "total_entries": 1}),
    ],
)
def test_an_answer_that_is_not_airflow_s_is_one_line(
    code: int, body: Any, path: str, status: Status, airflow: FakeAirflow
) -> None:
    airflow.answers[f"GET /api/v2/{path}"] = (code, body)
    assert airflow.url in failed(status())


def test_an_answer_that_drips_does_not_hang(status: Status, airflow: FakeAirflow) -> None:
    airflow.slow = 0.1
    assert "did not answer within" in failed(status("--wait", "1"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "airflow"], "is not an http or https address"),
        (["--url", "http://ada:pw@a"], "must hold no login"),
        (["--commit", "nowhere"], "Git knows no revision `nowhere` here"),
        (["--commit", "--all"], "Git knows no revision `--all` here"),
        (["--wait", "-1"], "Invalid value for '--wait'"),
        (["--wait", "nan"], "Invalid value for '--wait'"),
        (["--env", "nowhere"], "there is no environment `nowhere`"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, status: Status, airflow: FakeAirflow
) -> None:
    ran = status(*arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert airflow.asked == []


def test_all_in_sync(status: Status, airflow: FakeAirflow, head: str) -> None:
    has(airflow, row("fx", head), row("rates", head, is_paused=True), row("sums", head, is_paused=True))
    ran = status()
    assert ran.code == 0
    assert shown(ran, airflow) == (
        f"Airflow 3.3.2 at URL runs {head[:7]}, last parsed AGE\n"
        f"expected {head[:7]} (main)\n"
        "\n"
        "  Synced         1\n"
        "  Paused         2   rates, sums\n"
        "\n"
        "In sync: 3 DAGs.\n"
    )


def test_all_that_can_be_wrong(status: Status, airflow: FakeAirflow, committed: Repository, head: str) -> None:
    committed.write({A: TEXT.replace("fx:\n", "fx:\n  description: x\n"), "configs/team/b.yaml": TEXT_OF_B})
    commit(committed.root)
    new = git(committed.root, "rev-parse", "HEAD").strip()
    failures = [
        {"filename": "config_errors.py", "stack_trace": f"\n{B}:5:1: error: no `b_error` [x]\n", "bundle_name": "b"},
        {
            "filename": "odd.py",
            "stack_trace": "ConfigErrors: \nconfigs/gone.yaml:1:1: error: x [x]\n",
            "bundle_name": "b",
        },
        {
            "filename": "new.py",
            "stack_trace": "Traceback (most recent call last):\nValueError: \x1b[2J",
            "bundle_name": "b",
        },
    ]
    airflow.answers["GET /api/v2/importErrors"] = (200, {"import_errors": failures, "total_entries": 3})
    airflow.answers["GET /api/v2/monitor/health"] = (200, HEALTHY | {"dag_processor": {"status": "unhealthy"}})
    rows = (row("fx", head), row("rates", head), row("sums", head, is_stale=True), row("old", head))
    has(airflow, *rows)
    ran = status()
    assert ran.code == 1
    assert shown(ran, airflow) == (
        f"Airflow 3.3.2 at URL runs {head[:7]}, last parsed AGE\n"
        f"expected {new[:7]} (main)\n"
        "the dag-processor is unhealthy: what follows may be old\n"
        "\n"
        "  Synced         1\n"
        f"  OutOfSync      1   fx  runs {head[:7]}: differs in description\n"
        f"  Stale          1   sums  Airflow had it at {head[:7]}, and starts no runs of it\n"
        f"  Error          1   b_error  {B}:5:1: no `b_error` [x]\n"
        f"  Orphan         1   old  not in Git; from team.py at {head[:7]}\n"
        "\n"
        "import error in odd.py:\n"
        "  configs/gone.yaml:1:1: error: x [x]\n"
        "import error in new.py:\n"
        "  ValueError: ·[2J\n"
        "\n"
        "Not in sync: 1 of 5 DAGs in sync, and 2 import errors besides.\n"
    )


def test_a_missing_dag(status: Status, airflow: FakeAirflow, head: str) -> None:
    has(airflow, row("fx", head), row("sums", head))
    ran = status()
    assert ran.code == 1
    assert "  Missing        1   rates  Airflow does not have it\n" in ran.out


def test_another_commit_can_be_expected(status: Status, committed: Repository, head: str) -> None:
    committed.write({A: TEXT.replace("run", "go")})
    commit(committed.root)
    assert status().code == 1
    ran = status("--commit", head[:9])
    assert ran.code == 0
    assert f"\nexpected {head[:7]}\n" in ran.out


def test_what_cannot_be_compared_is_said(status: Status, airflow: FakeAirflow, head: str) -> None:
    has(airflow, row("fx", "1" * 40), row("rates", head), row("sums", head))
    ran = status()
    assert ran.code == 1
    assert "  OutOfSync      1   fx  runs 1111111: a commit that this clone does not have\n" in ran.out
    assert "\nthis clone does not have 1111111, which Airflow runs: `git fetch`" in ran.out

    late = {"last_parsed_time": "2999-01-01T00:00:00Z"}
    has(airflow, *(row(dag_id, None, **late) for dag_id in ("fx", "rates", "sums")))
    ran = status()
    assert ran.code == 0
    assert "runs files without a commit, last parsed 0 s ago" in ran.out
    assert "the bundle b names no commit for 3 DAGs" in ran.out


def test_waiting_tells_what_is_new_and_ends_when_it_is_done(status: Status, airflow: FakeAirflow, head: str) -> None:
    rows = [row("fx", head), row("rates", head), row("sums", head)]
    looks = iter([rows[:1], rows[:1]])

    def listed() -> dict[str, Any]:
        now = next(looks, rows)
        return {"dags": now, "total_entries": len(now)}

    airflow.answers["GET /api/v2/dags"] = (200, listed)
    ran = status("--wait", "60")
    assert ran.code == 0
    assert ran.err == "1 of 3 DAGs in sync; 2 Missing\n"
    assert ran.out.endswith("In sync: 3 DAGs.\n")


def test_json_holds_what_the_docs_name_and_nothing_else(status: Status, airflow: FakeAirflow, head: str) -> None:
    failures = [{"filename": "x.py", "stack_trace": "boom", "timestamp": "2026-01-01T00:00:00Z", "bundle_name": "b"}]
    airflow.answers["GET /api/v2/importErrors"] = (200, {"import_errors": failures, "total_entries": 1})
    ran = status("--format", "json")
    told = json.loads(ran.out)
    assert ran.code == 1
    assert ran.out.isascii()
    assert (told["version"], told["in_sync"], told["expected"]) == (1, False, {"name": "main", "commit": head})
    assert told["counts"]["Synced"] == 3
    assert told["dags"][0]["last_parsed"] == "2026-01-01T00:00:00+00:00"
    section = (ROOT / "docs/output.md").read_text().split("\n## The status as JSON\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([\w.\[\]]+)`", section))
    fields = {*told, *(f"airflow.{key}" for key in told["airflow"]), *(f"expected.{key}" for key in told["expected"])}
    fields |= {f"{name}[].{key}" for name in ("dags", "import_errors") for key in told[name][0]}
    assert fields <= named
    assert {each for each in named if each.partition(".")[0].removesuffix("[]") in told} - {"version"} <= fields
