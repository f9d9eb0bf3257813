"""`mergeflow stubs`: what it writes, and what it leaves alone."""

import shutil
from collections.abc import Callable

import pytest

from tests.conftest import ROOT, Repository, Run

Make = Callable[..., Repository]
DAG = "orders: {}\n"
ERRORS = (ROOT / "dags/config_errors.py").read_text()
FINE = "dags/ has its {} and config_errors.py\n"


def stub(team: str) -> str:
    return f'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "{team}")\n'


def test_each_team_gets_a_stub_once(repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/team/a.yaml": DAG, "configs/payments/deep/a.yml": DAG, "dags/team.py": stub("team")})
    ran = mergeflow("stubs", cwd=made.root)
    assert (ran.code, ran.err, ran.out) == (1, "", "wrote dags/config_errors.py\nwrote dags/payments.py\n")
    assert (made.root / "dags/payments.py").read_text() == stub("payments")
    assert (made.root / "dags/config_errors.py").read_text() == ERRORS
    assert mergeflow("stubs", cwd=made.root) == mergeflow("stubs", "--check", cwd=made.root)
    assert mergeflow("stubs", cwd=made.root).out == FINE.format("2 stubs")
    assert "missing-stub" not in mergeflow("check", cwd=made.root).out


def test_check_writes_nothing(repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/payments/a.yaml": DAG})
    shutil.rmtree(made.root / "dags")
    ran = mergeflow("stubs", "--check", cwd=made.root)
    missing = [
        f"{each} is missing; `mergeflow stubs` writes it" for each in ("dags/config_errors.py", "dags/payments.py")
    ]
    assert (ran.code, ran.out.splitlines()) == (1, missing)
    assert not (made.root / "dags").exists()
    assert mergeflow("stubs", cwd=made.root).code == 1
    assert mergeflow("stubs", cwd=made.root).code == 0


@pytest.mark.parametrize("content", ["", "# from mergeflow.airflow import load_dags\n", "import os\n"])
def test_a_stub_that_loads_nothing_is_told_and_not_overwritten(content: str, repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/team/a.yaml": DAG, "dags/team.py": content, "dags/config_errors.py": ERRORS})
    ran = mergeflow("stubs", cwd=made.root)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == f"dags/team.py does not load its DAGs; it should hold:\n\n{stub('team')}\n"
    assert (made.root / "dags/team.py").read_text() == content


def test_a_stub_may_do_more(repository: Make, mergeflow: Run) -> None:
    own = f"import os\n\n{stub('team')}"
    made = repository({"configs/team/a.yaml": DAG, "dags/team.py": own, "dags/config_errors.py": ERRORS})
    assert mergeflow("stubs", cwd=made.root).code == 0


@pytest.mark.parametrize("path", ["configs/a.yaml", "configs/environments/dev.yaml", "configs/templates/t.yaml",
                                  "configs/empty/defaults.yml", "configs/empty/readme.md"])  # fmt: skip
def test_what_is_no_team_gets_none(path: str, repository: Make, mergeflow: Run) -> None:
    made = repository({path: DAG, "dags/config_errors.py": ERRORS})
    assert mergeflow("stubs", cwd=made.root).out == FINE.format("0 stubs")


def test_links_and_folders_in_the_way_are_survived(repository: Make, mergeflow: Run) -> None:
    made = repository(
        {"configs/a/a.yaml": DAG, "configs/b/b.yaml": DAG, "dags/b.py/x": "", "dags/config_errors.py": ERRORS}
    )
    (made.root / "dags/a.py").symlink_to("gone.py")
    ran = mergeflow("stubs", cwd=made.root)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == "dags/a.py cannot be read: No such file or directory\ndags/b.py cannot be read: Is a directory\n"
    assert (made.root / "dags/a.py").is_symlink()


def test_where_nothing_can_be_written_it_is_wrong_use(repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/a/a.yaml": DAG})
    shutil.rmtree(made.root / "dags")
    (made.root / "dags").write_text("")
    ran = mergeflow("stubs", cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("mergeflow: dags/config_errors.py cannot be written: ")


@pytest.mark.parametrize("name", ['o"brien', "équipe", "a'b", "back\\slash", "a b"])
def test_whatever_a_team_is_called_its_stub_is_python(name: str, repository: Make, mergeflow: Run) -> None:
    made = repository({f"configs/{name}/a.yaml": DAG})
    assert mergeflow("stubs", cwd=made.root).code == 1
    called: list[str] = []
    text = (made.root / f"dags/{name}.py").read_text().partition("\n")[2]
    exec(text, {"load_dags": lambda _, team: called.append(team)})  # noqa: S102
    assert called == [name]


def test_the_stubs_of_this_repository_are_what_would_be_written(mergeflow: Run) -> None:
    assert mergeflow("stubs", "--check", cwd=ROOT).code == 0
    assert (ROOT / "dags/transactions.py").read_text() == stub("transactions")
