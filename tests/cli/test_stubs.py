"""`mergeflow stubs`: what it writes, and what it leaves alone."""

import shutil
import subprocess
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


@pytest.mark.parametrize("path", ["configs/config_errors/a.yaml", "configs/config_errors/fx/a.yaml"])
def test_a_team_that_is_called_as_the_file_of_errors_is_told_to_choose_another_name(
    path: str, repository: Make, mergeflow: Run
) -> None:
    made = repository({path: DAG, "dags/config_errors.py": ERRORS})
    for command in (["check"], ["check", path]):
        ran = mergeflow(*command, cwd=made.root)
        assert ran.code == 1
        assert "no stub can load a team `config_errors`" in ran.out
        assert "give the folder another name" in ran.out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (stub("other"), 1),
        ("load_dags(globals(), 'other')", 1),
        ("load_dags(globals(), NAME)  # not load_dags(globals(), NAMES)", 0),
        ("load_dags(globals(), Path(__file__).stem)", 0),
    ],
)
def test_a_copy_of_another_teams_stub_is_told(content: str, code: int, repository: Make, mergeflow: Run) -> None:
    made = repository({"configs/team/a.yaml": DAG, "dags/team.py": content, "dags/config_errors.py": ERRORS})
    ran = mergeflow("stubs", "--check", cwd=made.root)
    assert (ran.code, "dags/team.py does not load its DAGs" in ran.out) == (code, bool(code))


def test_a_second_file_that_loads_a_team_is_told(repository: Make, mergeflow: Run) -> None:
    files = {"dags/team.py": stub("team"), "dags/other.py": stub("other"), "dags/config_errors.py": ERRORS}
    made = repository({"configs/team/a.yaml": DAG, "configs/other/b.yaml": DAG.replace("a:", "b:", 1), **files})
    assert mergeflow("stubs", "--check", cwd=made.root).code == 0
    made.write({"dags/former.py": stub("team"), "dags/other.py": stub("other") + stub("team")})
    ran = mergeflow("stubs", "--check", cwd=made.root)
    told = [f"dags/{name}.py loads what dags/team.py does; remove that call" for name in ("former", "other")]
    assert (ran.code, ran.out.splitlines()) == (1, told)


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


TEAM = {"configs/team/a.yaml": DAG, "configs/team/fx/b.yaml": DAG, "dags/team.py": stub("team")}
SHARD = "dags/team/fx.py"


@pytest.mark.parametrize("name", ["team/fx", "team/fx/", "configs/team/fx"])
def test_a_folder_gets_a_stub_of_its_own(name: str, repository: Make, mergeflow: Run) -> None:
    made = repository({**TEAM, "dags/config_errors.py": ERRORS})
    ran = mergeflow("stubs", "--check", name, cwd=made.root)
    assert (ran.code, ran.out) == (1, f"{SHARD} is missing; `mergeflow stubs team/fx` writes it\n")
    ran = mergeflow("stubs", name, cwd=made.root)
    assert (ran.code, ran.out) == (1, f"wrote {SHARD}\n")
    assert (made.root / SHARD).read_text() == stub("team/fx")
    assert mergeflow("stubs", cwd=made.root).out == FINE.format("2 stubs")
    assert "missing-stub" not in mergeflow("check", cwd=made.root).out


def test_what_shards_leave_over_needs_the_teams_stub(repository: Make, mergeflow: Run) -> None:
    made = repository({**TEAM, "dags/config_errors.py": ERRORS, SHARD: stub("team/fx")})
    (made.root / "dags/team.py").unlink()
    assert "team `team` has no stub dags/team.py, so DAGs that no shard" in mergeflow("check", cwd=made.root).out
    assert mergeflow("stubs", "--check", cwd=made.root).out.startswith("dags/team.py is missing")
    (made.root / "configs/team/a.yaml").unlink()
    assert mergeflow("stubs", cwd=made.root).out == FINE.format("1 stub")
    assert "missing-stub" not in mergeflow("check", cwd=made.root).out


def test_a_revision_knows_its_shards(repository: Make) -> None:
    from mergeflow.workspace import known_around, known_at

    made = repository({**TEAM, SHARD: stub("team/fx"), "dags/team/lib.py": "", "dags/callables/a.py": "load_dags("})
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(made.root), *command], check=True)
    assert known_at(made.root, "HEAD").stubs == known_around(made.root).stubs == {"team", "team/fx"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (stub("team/other"), "does not load its DAGs; it should hold:\n\n" + stub("team/fx")),
        ("load_dags(globals(), NAME)\n", "does not load its DAGs; it should hold:\n\n" + stub("team/fx")),
    ],
)
def test_a_shard_that_loads_another_folder_is_told(content: str, said: str, repository: Make, mergeflow: Run) -> None:
    made = repository({**TEAM, "dags/config_errors.py": ERRORS, SHARD: content})
    ran = mergeflow("stubs", cwd=made.root)
    assert (ran.code, ran.out) == (1, f"{SHARD} {said}\n")


def test_a_shard_whose_folder_is_gone_is_told(repository: Make, mergeflow: Run) -> None:
    made = repository({**TEAM, "dags/config_errors.py": ERRORS, SHARD: stub("team/fx")})
    (made.root / "configs/team/fx").rename(made.root / "configs/team/rates")
    ran = mergeflow("stubs", cwd=made.root)
    remedy = "remove it, or let both have one name"
    assert (ran.code, ran.out) == (1, f"{SHARD} has no DAGs to load in configs/team/fx/; {remedy}\n")


def test_python_beside_shards_is_left_alone(repository: Make, mergeflow: Run) -> None:
    made = repository({**TEAM, "dags/config_errors.py": ERRORS, SHARD: "def main(): ...\n", "dags/lib/a.py": "x = 1"})
    assert mergeflow("stubs", cwd=made.root).out == FINE.format("1 stub")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("team/fy", "there are no DAGs in configs/team/fy/; did you mean `team/fx`?"),
        ("nowhere", "there are no DAGs in configs/nowhere/; name a folder that has some"),
        ("../team", "there are no DAGs in configs/../team/"),
        ("", "there are no DAGs in configs//; name a folder that has some"),
        ("templates/a", "there are no DAGs in configs/templates/a/"),
        ("scripts/a", "dags/scripts/ holds what tasks run, and no stubs; rename this team's folder"),
    ],
)
def test_there_is_no_stub_for_nothing(name: str, said: str, repository: Make, mergeflow: Run) -> None:
    files = {"configs/templates/a/t.yaml": DAG, "configs/scripts/a/b.yaml": DAG, "dags/scripts.py": stub("scripts")}
    made = repository({**TEAM, **files, "dags/config_errors.py": ERRORS})
    ran = mergeflow("stubs", name, cwd=made.root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"mergeflow: {said}")
    assert mergeflow("stubs", cwd=made.root).code == 0


def test_the_stubs_of_this_repository_are_what_would_be_written(mergeflow: Run) -> None:
    assert mergeflow("stubs", "--check", cwd=ROOT).code == 0
    assert (ROOT / "dags/transactions.py").read_text() == stub("transactions")
