"""How a DAG's config at the commit that Airflow has differs from the one that is expected."""

import os
from collections.abc import Callable

import pytest

from mergeflow.airflow.status.revisions import Revisions, named
from mergeflow.files import RevisionError, commit_of, committed_at
from mergeflow.status import LiveDag
from mergeflow.workspace import WrongUse
from tests.conftest import Repository
from tests.test_files import commit, git

E = "airflow.providers.standard.operators.empty.EmptyOperator"
P = "airflow.providers.standard.operators.python.PythonOperator"
A, CODE = "configs/team/a.yaml", "dags/callables/team/work.py"
ORDERS = f"orders:\n  schedule: '@daily'\n  tasks:\n    load: {{operator: {E}}}\n"
PAYMENTS = f"payments:\n  tasks:\n    pay: {{operator: {P}, python_callable: callables.team.work.pay}}\n"
FILES = {A: ORDERS, "configs/team/b.yaml": PAYMENTS, CODE: "def pay(): ...\n", "dags/other.py": ""}
OTHER = {"configs/other/c.yaml": f"other:\n  tasks:\n    run: {{operator: {E}}}\n"}
Make = Callable[..., Repository]


@pytest.fixture
def first(repository: Make) -> tuple[Repository, str]:
    """A repository, and its first commit."""
    made = repository(FILES | OTHER)
    commit(made.root)
    return made, git(made.root, "rev-parse", "HEAD").strip()


def live(dag_id: str, at: str, file: str = "team.py") -> LiveDag:
    return LiveDag(dag_id, file, at)


def after(first: tuple[Repository, str], files: dict[str, str]) -> Revisions:
    made, _ = first
    made.write(files)
    commit(made.root)
    return Revisions(made.root, "main")


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        (ORDERS.replace("@daily", "@hourly"), "differs in schedule"),
        (ORDERS.replace("load", "store"), "differs in task store"),
        (ORDERS + "    sell: {operator: " + E + "}\n  catchup: false\n", "differs in catchup, task sell"),
        (f"# only a comment\n{ORDERS}", ""),
        (ORDERS.replace("orders", "sales"), ""),
    ],
)
def test_the_config_of_the_dag_is_what_counts(text: str, differs: str, first: tuple[Repository, str]) -> None:
    revisions = after(first, {A: text})
    assert revisions.differs(live("orders", first[1])) == differs
    assert revisions.differs(live("payments", first[1])) == ""


def test_a_default_that_changes_differs_in_each_dag_below_it(first: tuple[Repository, str]) -> None:
    revisions = after(first, {"configs/team/defaults.yml": "default_args: {owner: ada}\n"})
    for dag_id in ("orders", "payments"):
        assert revisions.differs(live(dag_id, first[1])) == "differs in default_args.owner"
    assert revisions.differs(live("other", first[1], "other.py")) == ""


def test_code_that_changes_differs_in_the_dags_that_run_it(first: tuple[Repository, str]) -> None:
    revisions = after(first, {CODE: "def pay(): return 1\n"})
    assert revisions.differs(live("payments", first[1])) == f"{CODE} differs"
    assert revisions.differs(live("orders", first[1])) == ""


def test_a_dag_that_its_commit_does_not_have(first: tuple[Repository, str]) -> None:
    revisions = after(first, {A: ORDERS.replace("orders", "sales").replace("load", "store")})
    assert revisions.differs(live("sales", first[1])) == "that commit does not have it"


def test_a_dag_that_moved_to_another_stub(first: tuple[Repository, str]) -> None:
    made, at = first
    (made.root / A).unlink()
    revisions = after(first, {"configs/other/a.yaml": ORDERS})
    assert revisions.differs(live("orders", at)) == "differs in tags"  # one names the team


def test_a_commit_whose_stub_no_change_touches_is_not_compiled(
    first: tuple[Repository, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    revisions = after(first, {A: ORDERS.replace("@daily", "@hourly")})
    monkeypatch.setattr(Revisions, "_differences", None)
    assert revisions.differs(live("other", first[1], "other.py")) == ""


@pytest.mark.parametrize("at", ["1" * 40, "HEAD", "--help", "", "main", "\n"])
def test_a_commit_that_this_clone_does_not_have_is_told(at: str, first: tuple[Repository, str]) -> None:
    revisions = Revisions(first[0].root, "main")
    assert revisions.differs(live("orders", at)) == "a commit that this clone does not have"
    assert revisions.unknown == [at]


def test_what_is_expected_names_files_and_stub(first: tuple[Repository, str]) -> None:
    made, at = first
    expected = Revisions(made.root, "main").expected
    assert (expected.name, expected.commit, expected.label) == ("main", at, f"{at[:7]} (main)")
    assert expected.since.timestamp() == committed_at(made.root, at)
    assert sorted(expected.dags) == ["orders", "other", "payments"]
    orders = expected.dags["orders"]
    assert (orders.paths[0], orders.stub, orders.refused) == (A, "team.py", "")
    assert "configs/defaults.yml" in orders.paths
    assert Revisions(made.root, at).expected.label == at[:7]


def test_a_dag_with_errors_is_expected_and_refused(first: tuple[Repository, str]) -> None:
    broken = f"{ORDERS}    load: {{operator: {E}}}\n"
    revisions = after(first, {A: ORDERS.replace("schedule:", "shedule:"), "configs/other/c.yaml": broken})
    dags = revisions.expected.dags
    assert dags["orders"].refused.startswith(f"{A}:2:3: unknown key `shedule`")
    assert dags["payments"].refused == ""


def test_the_working_tree_can_be_expected(first: tuple[Repository, str]) -> None:
    made, at = first
    made.write({A: ORDERS.replace("@daily", "@hourly")})
    for path in made.root.rglob("*"):
        if path.is_file():
            os.utime(path, (1e9, 1e9))
    revisions = Revisions(made.root, None)
    assert revisions.expected.label == "working tree"
    assert revisions.expected.since.timestamp() == 1e9
    assert revisions.differs(live("orders", at)) == "differs in schedule"
    assert revisions.differs(live("payments", at)) == ""


def test_the_environment_decides_what_is_expected(first: tuple[Repository, str]) -> None:
    made, at = first
    patch = "patches:\n  - {dags: orders, set: {schedule: '@weekly'}}\n"
    revisions = after(first, {"configs/environments/prod.yaml": patch})
    assert Revisions(made.root, "main", "prod").differs(live("orders", at)) == "differs in schedule"
    assert revisions.differs(live("orders", at)) == ""
    with pytest.raises(WrongUse, match="there is no environment `nowhere`"):
        Revisions(made.root, "main", "nowhere")


def test_the_first_revision_that_is_there(first: tuple[Repository, str]) -> None:
    root = first[0].root
    assert named(root, "origin/main", "main") == "main"
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert named(root, "origin/main", "main") == "origin/main"
    with pytest.raises(WrongUse, match="there is no x and no -y here: name a commit by --commit"):
        named(root, "x", "-y")
    for odd in ("nowhere", "--all", ""):
        with pytest.raises(RevisionError):
            commit_of(root, odd)


def test_a_catalog_that_cannot_be_read_keeps_only_its_commit_from_being_compared(first: tuple[Repository, str]) -> None:
    made, _ = first
    whole = (made.root / "validators/catalog.json").read_text()
    after_it = {"validators/catalog.json": whole, A: ORDERS.replace("@daily", "@hourly")}
    made.write({"validators/catalog.json": "{"})
    commit(made.root)
    at = git(made.root, "rev-parse", "HEAD").strip()
    revisions = after((made, at), after_it)
    assert revisions.differs(live("orders", at)) == "that commit's catalog cannot be read"
