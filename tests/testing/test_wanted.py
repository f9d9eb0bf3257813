"""What is tested: everything, what somebody names, or what a branch touches; told by the ids of the tests."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mergeflow.files import RevisionError
from mergeflow.tested import Kind, Status
from mergeflow.testing.inventory import Inventory
from mergeflow.testing.selection import named
from mergeflow.testing.touched import touched
from mergeflow.testing.wanted import Wanted
from mergeflow.workspace import WrongUse
from tests.conftest import Repository
from tests.live import STUB
from tests.test_files import commit

E = "airflow.providers.standard.operators.empty.EmptyOperator"
P = "airflow.providers.standard.operators.python.PythonOperator"
TRIGGER = "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator"
BASE = {
    "dags/team.py": STUB.format(team="team"),
    "dags/other.py": STUB.format(team="other"),
    "configs/team/orders.yaml": f"""\
orders:
  start_date: 2026-01-01
  schedule: "@daily"
  tasks:
    load: {{operator: {P}, python_callable: callables.team.load.load, outlets: [orders]}}
  tests:
    first: {{connections: {{db: [sqlite, postgres]}}, given: {{db: {{raw: validators/samples/team/raw.csv}}}}}}
    second: {{connections: {{db: sqlite}}, expect: {{data: [{{conn_id: db, table: t, suite: team/rows}}]}}}}
""",
    "configs/team/plain.yaml": f"plain:\n  start_date: 2026-01-01\n  tasks: {{a: {{operator: {E}}}}}\n",
    "configs/team/defaults.yml": "default_args: {owner: team}\n",
    "configs/other/report.yaml": f"""\
report:
  start_date: 2026-01-01
  schedule: [orders]
  tasks: {{a: {{operator: {TRIGGER}, trigger_dag_id: last}}}}
last:
  start_date: 2026-01-01
  tasks: {{a: {{operator: {E}}}}}
""",
    "configs/templates/shop.yaml": f"dag:\n  start_date: 2026-01-01\n  tasks: {{a: {{operator: {E}}}}}\n",
    "configs/other/shops.yaml": "shop_${{ item.id }}:\n  template: shop\n  for_each: {file: items.csv}\n",
    "configs/other/items.csv": "id\n1\n2\n",
    "dags/callables/team/load.py": "from callables.team import deep\n\n\ndef load(): ...\n",
    "dags/callables/team/deep.py": "A = 1\n",
    "validators/expectations/team/rows.yaml": (
        "expectations: [{expectation: expect_table_row_count_to_be_between, min_value: 1}]\n"
    ),
    "validators/samples/team/rows.csv": "a\n1\n",
    "validators/samples/team/raw.csv": "a\n1\n",
    "README.md": "hello\n",
}
ORDERS = {
    "configs/team/orders.yaml::integrity::orders",
    "configs/team/orders.yaml::pipeline::orders::first[db=sqlite]",
    "configs/team/orders.yaml::pipeline::orders::first[db=postgres]",
    "configs/team/orders.yaml::pipeline::orders::second",
}
DOWNSTREAM = {"configs/other/report.yaml::integrity::report", "configs/other/report.yaml::integrity::last"}
PLAIN = {"configs/team/plain.yaml::integrity::plain"}
SHOPS = {f"configs/other/shops.yaml::integrity::shop_{each}" for each in (1, 2)}
TEAM, OTHER = "dags/team.py::integrity::dags/team.py", "dags/other.py::integrity::dags/other.py"
SAMPLE = "validators/samples/team/rows.csv::sample::rows.csv"
LOST = "validators/samples/team/raw.csv::sample::raw.csv"
ALL = {*ORDERS, *DOWNSTREAM, *PLAIN, *SHOPS, TEAM, OTHER, SAMPLE}

Make = Callable[..., Repository]


@pytest.fixture
def committed(repository: Make) -> Repository:
    made = repository(BASE)
    commit(made.root)
    return made


def ids(wanted: Wanted) -> set[str]:
    return set(wanted.ids(set(Kind))) - {LOST}


def after(committed: Repository, files: Mapping[str, str | None], environment: str = "") -> set[str]:
    """What is tested of a branch that writes these files, None: that deletes them."""
    committed.write({path: text for path, text in files.items() if text is not None})
    for path in (path for path, text in files.items() if text is None):
        (committed.root / path).unlink()
    return ids(touched(Inventory(committed.root, environment), "main"))


def swapped(path: str, old: str, new: str) -> dict[str, str | None]:
    assert old in BASE[path]
    return {path: BASE[path].replace(old, new)}


def test_everything_is_each_dag_stub_sample_and_test(committed: Repository) -> None:
    assert ids(Wanted(Inventory(committed.root)).everything()) == ALL


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", {*ORDERS, TEAM}),
        ("shop_*", {*SHOPS, OTHER}),
        ("configs/team", {*ORDERS, *PLAIN, TEAM}),
        ("configs/team/plain.yaml", {*PLAIN, TEAM}),
        ("configs/team/defaults.yml", {*ORDERS, *PLAIN, TEAM}),
        ("configs/templates/shop.yaml", {*SHOPS, OTHER}),
        ("configs/other/items.csv", {*SHOPS, OTHER}),
        ("dags/other.py", {*SHOPS, *DOWNSTREAM, OTHER}),
        ("dags/callables/team/deep.py", {*ORDERS, TEAM}),
        ("dags/callables", {*ORDERS, TEAM}),
        ("validators/samples", {SAMPLE, *(each for each in ORDERS if "first" in each)}),
        ("validators/samples/team/rows.csv", {SAMPLE}),
        ("validators/samples/team/raw.csv", {each for each in ORDERS if "first" in each}),
        ("validators/expectations/team/rows.yaml", {*ORDERS, TEAM, SAMPLE}),
        ("team/rows", {*ORDERS, TEAM, SAMPLE}),
        ("team", {*ORDERS, *PLAIN, TEAM}),
        ("orders::second", {each for each in ORDERS if "second" in each}),
        ("orders::first[db=sqlite]", {each for each in ORDERS if "sqlite" in each}),
        (".", ALL),
        *((each, {each}) for each in (TEAM, SAMPLE, *sorted(each for each in ORDERS if "pipeline" in each))),
        ("configs/team/plain.yaml::integrity::plain", {*PLAIN, TEAM}),
        (
            "configs/team/orders.yaml::pipeline::orders::first",
            {each for each in ORDERS if "first" in each},
        ),
    ],
)
def test_what_is_named_is_tested(committed: Repository, name: str, expected: set[str]) -> None:
    assert ids(named(Inventory(committed.root), [name], committed.root)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ordres", "`ordres` is no DAG, team, suite, file or test here: did you mean `orders`?"),
        ("nowhere.yaml", "`nowhere.yaml` is no DAG, team, suite, file or test here"),
        ("README.md", "nothing that can be tested depends on README.md"),
        ("/", "/ lies outside the repository repository/"),
        ("configs/team/orders.yaml::pipeline::orders::third", "there is no test `configs/team/orders.yaml::pipeline"),
        ("order::second", "`order::second` is no DAG, team, suite, file or test here: did you mean `orders::second`?"),
        ("team/row", "`team/row` is no DAG, team, suite, file or test here: did you mean `team/rows`?"),
        ("a::b::c", "`a::b::c` is no DAG, team, suite, file or test here"),
        ("::pipeline", "there is no test `::pipeline`"),
    ],
)
def test_what_cannot_be_tested_is_wrong_use(committed: Repository, name: str, expected: str) -> None:
    with pytest.raises(WrongUse, match=f"^{re.escape(expected)}"):
        named(Inventory(committed.root), [name], committed.root)


def test_a_path_is_meant_from_where_one_is(committed: Repository) -> None:
    assert ids(named(Inventory(committed.root), ["plain.yaml"], committed.root / "configs" / "team")) == {*PLAIN, TEAM}


def test_nothing_changed_is_nothing_to_test(committed: Repository) -> None:
    assert after(committed, {}) == set()
    assert after(committed, {"README.md": "bye\n"}) == set()


def test_an_unknown_base_is_told(committed: Repository) -> None:
    with pytest.raises(RevisionError):
        touched(Inventory(committed.root), "nowhere")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (swapped("configs/team/plain.yaml", "2026-01-01", "2026-02-01"), {*PLAIN, TEAM}),
        ({"configs/team/plain.yaml": "# a comment\n" + BASE["configs/team/plain.yaml"]}, set()),
        (swapped("configs/team/orders.yaml", "@daily", "@hourly"), {*ORDERS, *DOWNSTREAM, TEAM, OTHER}),
        (swapped("configs/team/orders.yaml", "table: t,", "table: u,"), {*ORDERS, *DOWNSTREAM, TEAM, OTHER}),
        (swapped("configs/team/defaults.yml", "owner: team", "owner: me"), {*ORDERS, *PLAIN, *DOWNSTREAM, TEAM, OTHER}),
        (swapped("configs/templates/shop.yaml", "2026-01-01", "2026-02-01"), {*SHOPS, OTHER}),
        ({"configs/other/items.csv": "id\n1\n2\n3\n"}, {"configs/other/shops.yaml::integrity::shop_3", OTHER}),
        ({"dags/callables/team/load.py": "def load(): pass\n"}, {*ORDERS, *DOWNSTREAM, TEAM, OTHER}),
        ({"dags/callables/team/deep.py": "A = 2\n"}, {*ORDERS, *DOWNSTREAM, TEAM, OTHER}),
        ({"dags/callables/team/unused.py": "A = 2\n"}, set()),
        ({"dags/other.py": STUB.format(team="other") + "\n"}, {*SHOPS, *DOWNSTREAM, OTHER}),
        (
            swapped("validators/expectations/team/rows.yaml", "min_value: 1", "min_value: 2"),
            {*ORDERS, *DOWNSTREAM, TEAM, OTHER, SAMPLE},
        ),
        ({"validators/samples/team/rows.csv": "a\n2\n"}, {SAMPLE}),
        ({"validators/samples/team/raw.csv": "a\n2\n"}, {each for each in ORDERS if "first" in each}),
        ({"validators/policy.yaml": "teams: {}\n"}, ALL),
        ({"pyproject.toml": ""}, ALL),
        ({"configs/team/plain.yaml": None}, set()),
        ({"configs/team/orders.yaml": None}, {*DOWNSTREAM, OTHER}),
        ({"dags/callables/team/load.py": None}, {*ORDERS, *DOWNSTREAM, TEAM, OTHER}),
        ({"configs/team/new.yaml": BASE["configs/team/plain.yaml"].replace("plain", "new")}, {
            "configs/team/new.yaml::integrity::new", TEAM,
        }),
        (swapped("configs/team/plain.yaml", E, "nowhere.Operator, retries: many"), {*PLAIN, TEAM}),
    ],
)  # fmt: skip
def test_what_a_branch_touches_is_tested_with_what_is_downstream(
    committed: Repository, files: dict[str, str | None], expected: set[str]
) -> None:
    assert after(committed, files) == expected


def test_what_was_committed_on_the_branch_counts_and_what_main_did_since_does_not(committed: Repository) -> None:
    from tests.test_files import git

    git(committed.root, "checkout", "-q", "-b", "branch")
    committed.write(
        {path: str(text) for path, text in swapped("configs/team/plain.yaml", "2026-01", "2026-02").items()}
    )
    commit(committed.root)
    git(committed.root, "checkout", "-q", "main")
    committed.write({"validators/samples/team/rows.csv": "a\n5\n"})
    commit(committed.root)
    git(committed.root, "checkout", "-q", "branch")
    assert ids(touched(Inventory(committed.root), "main")) == {*PLAIN, TEAM}


def test_data_outside_of_validators_counts_for_whoever_names_it(committed: Repository) -> None:
    text = BASE["configs/team/orders.yaml"].replace("validators/samples/team/raw.csv", "fixtures/raw.csv")
    gate = "type: expectations, suite: team/rows, file: data/rows.csv"
    committed.write(
        {
            "configs/team/orders.yaml": text,
            "configs/team/plain.yaml": BASE["configs/team/plain.yaml"].replace(f"operator: {E}", gate),
            "fixtures/raw.csv": "a\n1\n",
            "data/rows.csv": "a\n1\n",
        }
    )
    commit(committed.root)
    assert after(committed, {"fixtures/raw.csv": "a\n2\n"}) == {each for each in ORDERS if "first" in each}
    commit(committed.root)
    assert after(committed, {"data/rows.csv": "a\n2\n"}) == {*PLAIN, TEAM}
    commit(committed.root)
    assert after(committed, {"fixtures/other.csv": "a\n2\n"}) == set()


def test_an_environment_decides_which_dags_a_change_reaches(committed: Repository) -> None:
    text = BASE["configs/team/plain.yaml"].replace("tasks:", "description: ${{ vars.name }}\n  tasks:")
    committed.write({"configs/team/plain.yaml": text, "configs/environments/dev.yaml": "vars: {name: a}\n"})
    commit(committed.root)
    changed = {"configs/environments/dev.yaml": "vars: {name: b}\n"}
    assert after(committed, changed) == set()
    assert after(committed, changed, "dev") == {*PLAIN, TEAM}


@pytest.mark.parametrize(
    "mention", ["{% include 'scripts/team/base.sql' %}", "{% import 'scripts/team/base.sql' as b %}"]
)
def test_a_file_that_another_includes_is_reached(repository: Make, mention: str) -> None:
    sql = "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"
    made = repository(
        {
            "dags/team.py": STUB.format(team="team"),
            "configs/team/run.yaml": f"run:\n  tasks: {{a: {{operator: {sql}, sql: scripts/team/run.sql}}}}\n",
            "dags/scripts/team/run.sql": mention,
            "dags/scripts/team/base.sql": "select 1",
        }
    )
    commit(made.root)
    made.write({"dags/scripts/team/base.sql": "select 2"})
    assert ids(touched(Inventory(made.root), "main")) == {"configs/team/run.yaml::integrity::run", TEAM}


def test_a_script_that_imports_what_has_changed_is_reached(repository: Make) -> None:
    bash, script = "airflow.providers.standard.operators.bash.BashOperator", "python scripts/team/run.py"
    made = repository(
        {
            "dags/team.py": STUB.format(team="team"),
            "configs/team/run.yaml": f"run:\n  tasks: {{a: {{operator: {bash}, bash_command: {script}}}}}\n",
            "dags/scripts/team/run.py": "from callables.team.deep import A\n",
            "dags/callables/team/deep.py": "A = 1\n",
        }
    )
    commit(made.root)
    made.write({"dags/callables/team/deep.py": "A = 2\n"})
    assert ids(touched(Inventory(made.root), "main")) == {"configs/team/run.yaml::integrity::run", TEAM}


def test_only_some_kinds_are_run(committed: Repository) -> None:
    wanted = Wanted(Inventory(committed.root)).everything()
    assert {job.kind for job in wanted.jobs({Kind.SAMPLE})[0]} == {Kind.SAMPLE}
    assert {each.kind for each in wanted.jobs({Kind.PIPELINE})[0]} == {Kind.PIPELINE}


def test_the_tests_of_a_dag_that_cannot_be_built_are_skipped(committed: Repository) -> None:
    committed.write(
        {path: str(text) for path, text in swapped("configs/team/orders.yaml", "@daily", "every day").items()}
    )
    inventory = Inventory(committed.root)
    _, known = Wanted(inventory).everything().jobs({Kind.PIPELINE, Kind.INTEGRITY})
    assert {each.status for each in known} == {Status.SKIPPED}
    assert known[0].message == "its DAG cannot be built: its integrity test says why"
    assert known[0].line == 7
    alone = f"{known[0].path}::pipeline::orders::second"
    for wanted in (Wanted(inventory).everything(), named(inventory, [alone], committed.root)):
        jobs, known = wanted.jobs({Kind.PIPELINE})
        assert jobs == []
        assert {each.status for each in known} == {Status.ERROR}, "nobody else says why"
        assert known[0].message == f"its DAG cannot be built: `mergeflow check {known[0].path}` says why"


def test_the_tests_of_a_dag_that_needs_an_environment_are_skipped_without_one(committed: Repository) -> None:
    text = BASE["configs/team/orders.yaml"].replace("  schedule:", "  description: ${{ vars.name }}\n  schedule:")
    committed.write({"configs/team/orders.yaml": text, "configs/environments/dev.yaml": "vars: {name: a}\n"})
    _, known = Wanted(Inventory(committed.root)).everything().jobs({Kind.PIPELINE})
    assert {(each.status, each.message) for each in known} == {
        (Status.SKIPPED, "its DAG needs an environment: name one by --env")
    }
    assert len(Wanted(Inventory(committed.root, "dev")).everything().jobs({Kind.PIPELINE})[0]) == 3


def test_a_test_on_a_database_that_it_does_not_name_is_an_error(committed: Repository) -> None:
    name = "configs/team/orders.yaml::pipeline::orders::first[db=oracle]"
    jobs, known = named(Inventory(committed.root), [name], committed.root).jobs({Kind.PIPELINE})
    assert jobs == []
    assert [(each.id, each.status, each.message) for each in known] == [(name, Status.ERROR, "there is no such test")]


def test_a_dag_without_a_stub_fails(committed: Repository) -> None:
    (Path(committed.root) / "dags/other.py").unlink()
    _, known = Wanted(Inventory(committed.root)).everything().jobs({Kind.INTEGRITY})
    assert {(each.name, each.status) for each in known} == {
        (name, Status.FAILED) for name in ("report", "last", "shop_1", "shop_2")
    }


@pytest.mark.parametrize(
    "content", ["a: [\n", b"\xff\xfe", "- 1\n", "a: &a [*a]\n"], ids=["yaml", "bytes", "list", "alias"]
)
def test_a_file_that_no_dag_comes_from_fails(committed: Repository, content: str | bytes) -> None:
    path = "configs/team/new.yaml"
    committed.write({path: content})
    inventory = Inventory(committed.root)
    for wanted in (
        Wanted(inventory).everything(),
        touched(inventory, "main"),
        *(named(inventory, [each], committed.root) for each in (path, "configs", f"{path}::integrity::{path}")),
    ):
        _, known = wanted.jobs({Kind.INTEGRITY})
        (failed,) = (each for each in known if each.path == path)
        assert (failed.status, failed.name) == (Status.FAILED, path)
        assert failed.message.startswith(f"{path}:{failed.line}:")


def test_a_dag_that_is_unreadable_on_the_branch_is_missed_by_those_downstream(committed: Repository) -> None:
    path = "configs/team/orders.yaml"
    assert after(committed, {path: "orders: [\n"}) == {f"{path}::integrity::{path}", *DOWNSTREAM, OTHER}


def test_a_job_knows_its_test_its_choice_and_its_time(committed: Repository) -> None:
    jobs, _ = named(Inventory(committed.root), ["orders"], committed.root).jobs({Kind.PIPELINE})
    found = {job.name: job for job in jobs}
    job = found["orders::first[db=postgres]"]
    assert (job.dag_id, job.test, dict(job.choice), job.stub) == ("orders", "first", {"db": "postgres"}, "dags/team.py")
    assert (job.line, job.limit, job.needs_quality) == (7, 180, False)
    assert found["orders::second"].needs_quality
