"""What a branch has touched and what depends on it, in real Git repositories."""

from collections.abc import Callable, Mapping

import pytest

from mergeflow.changes import select_changed
from tests.conftest import Repository, Run
from tests.test_files import commit, git

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
TRIGGER = "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator"
SENSOR = "airflow.providers.standard.sensors.external_task.ExternalTaskSensor"
A, B, C, D = (f"configs/team/{name}.yaml" for name in "abcd")
Make = Callable[..., Repository]


def makes(dag_id: str, *, when: str = "'@daily'", outlets: str = "[]") -> str:
    return f"{dag_id}: {{schedule: {when}, tasks: {{load: {{operator: {EMPTY}, outlets: {outlets}}}}}}}\n"


def runs(dag_id: str, **task: str) -> str:
    return f"{dag_id}:\n  tasks:\n    one:\n" + "".join(f"      {key}: {value}\n" for key, value in task.items())


@pytest.fixture
def branch(repository: Make) -> Callable[[Mapping[str, str | None], Mapping[str, str | None]], Repository]:
    """A branch `work` that has left `main`, with changes in its working tree; None removes a file."""

    def make(main: Mapping[str, str | None], changes: Mapping[str, str | None]) -> Repository:
        made = repository({path: text for path, text in main.items() if text is not None})
        commit(made.root)
        git(made.root, "checkout", "-q", "-b", "work")
        made.write({path: text for path, text in changes.items() if text is not None})
        for path in (path for path, text in changes.items() if text is None):
            (made.root / path).unlink()
        return made

    return make


Branch = Callable[[Mapping[str, str | None], Mapping[str, str | None]], Repository]


def asked(made: Repository, base: str = "main") -> set[str] | None:
    focus = select_changed(made.root, base).focus
    return None if focus is None else set(focus)


def test_new_changed_staged_and_committed_files_are_in_question(branch: Branch) -> None:
    made = branch({A: makes("a"), B: makes("b"), C: makes("c"), D: makes("d")}, {B: makes("b2")})
    commit(made.root, "committed")
    made.write({C: makes("c2"), "configs/team/new.yaml": makes("n"), "configs/team/staged.yaml": makes("s")})
    git(made.root, "add", C, "configs/team/staged.yaml")
    assert asked(made) == {B, C, "configs/team/new.yaml", "configs/team/staged.yaml"}


def test_what_main_has_changed_since_is_not(branch: Branch) -> None:
    made = branch({A: makes("a"), B: makes("b")}, {A: makes("a2")})
    commit(made.root)
    git(made.root, "checkout", "-q", "main")
    made.write({B: makes("b2")})
    commit(made.root)
    git(made.root, "checkout", "-q", "work")
    assert asked(made) == {A}


def test_nothing_changed_is_fine_and_said(branch: Branch, mergeflow: Run) -> None:
    made = branch({A: makes("a")}, {"README.md": "hello", "configsomething": ""})
    ran = mergeflow("check", "--changed", "main", cwd=made.root)
    assert (ran.code, ran.out, ran.err) == (0, "nothing to check has changed since main\n", "")
    assert mergeflow("check", "--changed", "main", "-q", cwd=made.root).out == ""
    assert mergeflow("check", "--changed", "main", "--format", "sarif", cwd=made.root).out.startswith("{")


def test_what_git_ignores_is_not_in_question(branch: Branch) -> None:
    assert asked(branch({A: makes("a"), ".gitignore": "*.tmp.yaml"}, {"configs/team/x.tmp.yaml": "broken: ["})) == set()


def test_everything_below_changed_defaults_is_in_question(branch: Branch) -> None:
    files = {A: makes("a"), "configs/team/deep/x.yaml": makes("x"), "configs/other/y.yaml": makes("y")}
    defaults = "configs/team/defaults.yml"
    assert asked(branch(files, {defaults: "catchup: false"})) == {A, defaults, "configs/team/deep/x.yaml"}


def test_everything_below_defaults_that_are_gone_is_in_question(branch: Branch) -> None:
    defaults = "configs/team/defaults.yml"
    assert asked(branch({A: makes("a"), defaults: "catchup: false"}, {defaults: None})) == {A}


@pytest.mark.parametrize("path", ["validators/policy.yaml", "validators/catalog.json", "validators/rules/own.py"])
def test_everything_is_in_question_when_what_it_is_held_against_changes(path: str, branch: Branch) -> None:
    assert asked(branch({A: makes("a")}, {path: "{}"})) is None


def test_those_that_refer_to_a_dag_of_a_file_that_is_gone(branch: Branch, mergeflow: Run) -> None:
    files = {
        A: makes("orders"),
        B: runs("trigger", operator=TRIGGER, trigger_dag_id="orders"),
        C: makes("orders_too") + "# orders\n",
    }
    made = branch(files, {A: None})
    assert asked(made) == {B}
    ran = mergeflow("check", "--changed", "main", cwd=made.root)
    assert ran.code == 1
    assert f"{B}:5:23: error: task `one` triggers DAG `orders`, which does not exist [unknown-dag]" in ran.out


def test_those_that_wait_for_a_task_that_is_gone(branch: Branch, mergeflow: Run) -> None:
    files = {A: makes("orders"), B: runs("w", operator=SENSOR, external_dag_id="orders", external_task_id="load")}
    made = branch(files, {A: makes("orders").replace("load", "store")})
    assert "[unknown-external-task]" in mergeflow("check", "--changed", "main", cwd=made.root).out
    assert not mergeflow("check", A, cwd=made.root).code


def test_those_that_refer_to_it_by_a_default(branch: Branch) -> None:
    files = {
        A: makes("orders"),
        "configs/other/defaults.yml": "default_args: {external_dag_id: orders}",
        "configs/other/b.yaml": runs("waits", operator=SENSOR),
        "configs/other/c.yaml": makes("c"),
    }
    assert asked(branch(files, {A: makes("orders", when="'@hourly'")})) == {A, "configs/other/b.yaml"}


def test_those_that_wait_for_an_asset_that_is_no_longer_produced(branch: Branch, mergeflow: Run) -> None:
    files = {A: makes("a", outlets="[s3://a]"), B: makes("b", when="[s3://a]"), C: makes("c", outlets="[s3://a/more]")}
    made = branch(files, {A: makes("a")})
    assert asked(made) == {A, B}
    assert "[asset-without-producer]" in mergeflow("check", "--changed", "main", cwd=made.root).out


@pytest.mark.parametrize(
    ("code", "task"),
    [
        ("dags/callables/team/load.py", {"python_callable": "callables.team.load.main"}),
        ("dags/callables/team/__init__.py", {"python_callable": "callables.team.main"}),
        ("dags/callables/team/load.py", {"python_callable_file": "/opt/dags/callables/team/load.py"}),
        ("dags/scripts/team/load.sh", {"bash_command": "scripts/team/load.sh "}),
    ],
)
def test_those_that_name_changed_code(code: str, task: Mapping[str, str], branch: Branch) -> None:
    made = branch({A: runs("a", **task), B: makes("b"), code: "x"}, {code: "y"})
    assert asked(made) == {A}
    (made.root / code).unlink()
    assert asked(made) == {A}


def test_a_teams_files_when_its_stub_is_gone(branch: Branch, mergeflow: Run) -> None:
    made = branch({A: makes("a"), "configs/other/b.yaml": makes("b"), "dags/other.py": ""}, {"dags/team.py": None})
    assert asked(made) == {A}
    assert "[missing-stub]" in mergeflow("check", "--changed", "main", cwd=made.root).out


def test_a_changed_suite_and_those_that_name_it(branch: Branch) -> None:
    suite = "validators/expectations/team/labels.yaml"
    made = branch({A: runs("a", suite="team/labels"), B: makes("b"), suite: "x"}, {suite: "y"})
    assert asked(made) == {A, suite}
    (made.root / suite).unlink()
    assert asked(made) == {A}


def test_a_suite_that_a_file_may_have_used_until_now(branch: Branch) -> None:
    suite = "validators/expectations/team/labels.yaml"
    assert asked(branch({A: runs("a", suite="team/labels"), suite: "x"}, {A: None})) == {suite}


def test_names_beyond_ascii_and_with_blanks_are_understood(branch: Branch) -> None:
    assert asked(branch({A: makes("a")}, {'configs/team/ö "x".yaml': makes("x")})) == {'configs/team/ö "x".yaml'}


def test_a_repository_may_be_a_folder_of_a_git_repository(repository: Make) -> None:
    made = repository({A: makes("a"), B: makes("b")})
    (made.root.parent / "configs").mkdir()
    commit(made.root.parent)
    (made.root.parent / "configs/x.yaml").write_text("x")
    made.write({A: makes("a2")})
    assert asked(made) == {A}


@pytest.mark.parametrize("base", ["nowhere", "--help", "", "HEAD:configs"])
def test_an_unknown_base_is_one_line_and_exit_code_2(base: str, branch: Branch, mergeflow: Run) -> None:
    ran = mergeflow("check", f"--changed={base}", cwd=branch({A: makes("a")}, {}).root)
    assert (ran.code, ran.out) == (2, "")
    assert f"Git knows no revision `{base}` here" in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_git_repository_it_is_one_line_and_exit_code_2(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("check", "--changed", "main", cwd=repository({A: makes("a")}).root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "not a git repository" in ran.err


def test_paths_and_a_base_do_not_go_together(branch: Branch, mergeflow: Run) -> None:
    ran = mergeflow("check", "--changed", "main", A, cwd=branch({A: makes("a")}, {}).root)
    assert ran.code == 2
    assert "give either" in ran.err


def test_a_circle_that_a_change_closes_is_reported(branch: Branch, mergeflow: Run) -> None:
    files = {A: makes("a", outlets="[s3://a]"), B: makes("b", when="[s3://a]", outlets="[s3://b]"), C: makes("c")}
    made = branch(files, {A: makes("a", when="[s3://b]", outlets="[s3://a]")})
    assert asked(made) == {A, B}
    ran = mergeflow("check", "--changed", "main", cwd=made.root)
    assert "these DAGs wait for each other's assets in a circle: `a` → `b` → `a` [asset-loop]" in ran.out
