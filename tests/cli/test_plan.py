"""`mergeflow plan`: DAGs, not lines of text."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Repository, Run
from tests.test_files import commit, git

E = "airflow.providers.standard.operators.empty.EmptyOperator"
A, DEFAULTS = "configs/team/a.yaml", "configs/team/defaults.yml"
BASE = {
    A: f"""\
orders:
  schedule: "@daily"
  default_args: {{retries: 1}}
  params: {{n: 1, deep: {{x: true}}}}
  tasks:
    extract: {{operator: {E}}}
    load: {{operator: {E}, dependencies: [extract]}}
""",
    "configs/team/b.yaml": f"payments:\n  tasks:\n    pay: {{operator: {E}}}\n",
    DEFAULTS: "start_date: 2024-01-01\ndefault_args: {owner: team}\n",
}
IN_ANOTHER_FORM = f"""\
orders:
  tasks:
    - {{task_id: load, operator: {E}, dependencies: [extract]}}
    - {{operator: {E}, task_id: extract}}
  params: {{deep: {{x: yes}}, n: 0x1}}
  default_args: {{retries: 1}}
  schedule: '@daily'
"""
Make = Callable[..., Repository]


@pytest.fixture
def committed(repository: Make) -> Repository:
    made = repository(BASE)
    commit(made.root)
    return made


def changed(committed: Repository, mergeflow: Run, files: dict[str, str]) -> str:
    """The plan's own lines, without the first, which names the commits."""
    committed.write(files)
    ran = mergeflow("plan", "--now", "2026-11-21", cwd=committed.root)
    assert (ran.code, ran.err) == (0, "")
    head, _, rest = ran.out.partition("\n\n")
    sides, _, legend = head.partition("    ")
    assert sides.startswith("main ")
    assert sides.endswith(" → working tree")
    assert legend in ("", "+ added  ~ changed  - removed  » indirect")
    return rest


def test_an_unknown_revision_is_one_line(committed: Repository, mergeflow: Run) -> None:
    for arguments in (["--base", "nowhere"], ["--head", "nowhere"], ["--base", "-x"]):
        ran = mergeflow("plan", *arguments, cwd=committed.root)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == f"mergeflow: Git knows no revision `{arguments[1]}` here\n"


def test_outside_git_it_says_so(repository: Make, mergeflow: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repository(BASE)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(made.root.parent))
    ran = mergeflow("plan", cwd=made.root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "not a git repository" in ran.err


def test_without_git_it_says_so(committed: Repository, mergeflow: Run, without_git: Path) -> None:
    del without_git
    ran = mergeflow("plan", cwd=committed.root)
    assert (ran.code, ran.out, ran.err) == (2, "", "mergeflow: git cannot be run: No such file or directory\n")


def test_a_broken_head_is_exit_code_1_and_its_dags_go(committed: Repository, mergeflow: Run) -> None:
    committed.write({"configs/team/b.yaml": "payments: 1\n"})
    ran = mergeflow("plan", cwd=committed.root)
    assert ran.code == 1
    assert "- payments    configs/team/b.yaml" in ran.out
    assert "  ! payments  would not be live, because it does not check    configs/team/b.yaml" in ran.out
    assert ran.err == "\n1 error in 1 of 3 files; `mergeflow check` shows them. Their DAGs would not be live.\n"


def test_what_stops_only_the_merge_keeps_its_dag_in_the_plan(committed: Repository, mergeflow: Run) -> None:
    text = f"new:\n  tasks:\n    a: {{operator: {E}, doc: 'postgresql://me:hunter2@shop/db'}}\n"
    committed.write({"configs/team/c.yaml": text})
    ran = mergeflow("plan", cwd=committed.root)
    assert ran.code == 1
    assert "+ new, 1 task" in ran.out
    assert ran.err == (
        "\n1 error in 1 of 4 files; `mergeflow check` shows them. The DAGs would be live all the same.\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        BASE[A].replace("\n", "\r\n"),
        "# a comment\n" + BASE[A].replace("  ", "      "),
        BASE[A].replace('"@daily"', "'@daily'"),
        IN_ANOTHER_FORM,
        f"default:\n  default_args: {{retries: 1, owner: nobody}}\n{BASE[A]}".replace("owner: nobody", "owner: team"),
    ],
    ids=["line ends", "indentation", "quotes", "list and order", "default block"],
)
def test_what_means_the_same_plans_nothing(text: str, committed: Repository, mergeflow: Run) -> None:
    assert changed(committed, mergeflow, {A: text}) == "Plan: nothing changes.\n"


def test_an_added_dag(committed: Repository, mergeflow: Run) -> None:
    text = f"new:\n  tasks: [{{task_id: a, operator: {E}}}, {{task_id: b, operator: {E}}}]\n"
    assert changed(committed, mergeflow, {"configs/team/c.yaml": text}) == (
        "+ new, 2 tasks    configs/team/c.yaml\n"
        "    + schedule: no schedule\n"
        "    + task a    EmptyOperator\n"
        "    + task b    EmptyOperator\n"
        "\nPlan: 1 added, 0 changed, 0 removed.\n"
    )


def test_a_removed_dag(committed: Repository, mergeflow: Run) -> None:
    (committed.root / "configs/team/b.yaml").unlink()
    assert changed(committed, mergeflow, {}) == (
        "Consequences\n"
        "  ! payments  removed: it is never run again, its history stays in Airflow    configs/team/b.yaml\n\n"
        "- payments    configs/team/b.yaml\n\n"
        "Plan: 0 added, 0 changed, 1 removed.\n"
    )


def test_a_changed_field_of_a_dag_and_of_a_task(committed: Repository, mergeflow: Run) -> None:
    text = BASE[A].replace("@daily", "@hourly").replace("retries: 1", "retries: 2")
    text = text.replace("dependencies: [extract]", "queue: big").replace("    extract:", "    fetch:")
    assert changed(committed, mergeflow, {A: text}) == (
        "Consequences\n"
        "  ! orders  runs 24 times as often: every day at 00:00 → every hour    configs/team/a.yaml\n"
        "  · orders  task extract is removed: its logs can be seen in old runs only    configs/team/a.yaml\n\n"
        "~ orders    configs/team/a.yaml\n"
        "    ~ schedule: every day at 00:00 → every hour\n"
        "        was next 2026-11-22 00:00, 2026-11-23 00:00, 2026-11-24 00:00 UTC\n"
        "        now next 2026-11-21 01:00, 02:00, 03:00 UTC\n"
        "    ~ default_args.retries: 1 → 2\n"
        "    - task extract\n"
        "    + task fetch    EmptyOperator\n"
        "    ~ task load\n"
        "        ~ dependencies: [extract] → (not set)\n"
        "        ~ queue: (not set) → big\n"
        "\nPlan: 0 added, 1 changed, 0 removed.\n"
    )


def test_a_number_that_becomes_a_truth_value_is_a_change(committed: Repository, mergeflow: Run) -> None:
    found = changed(committed, mergeflow, {A: BASE[A].replace("n: 1", "n: true")})
    assert "    ~ params.n: 1 → true\n" in found


def test_a_changed_default_shows_at_every_dag_that_it_reaches(committed: Repository, mergeflow: Run) -> None:
    found = changed(
        committed, mergeflow, {DEFAULTS: "start_date: 2025-01-01\ndefault_args: {owner: team, retries: 3}\n"}
    )
    assert found == (
        "Consequences\n"
        "  » payments  default_args.retries; start_date,"
        " through configs/team/defaults.yml:1, configs/team/defaults.yml:2\n"
        "  » orders    start_date: 2024-01-01 → 2025-01-01, through configs/team/defaults.yml:1\n\n"
        "» payments\n"
        "    ~ default_args.retries: (not set) → 3    through configs/team/defaults.yml:2\n"
        "    ~ start_date: 2024-01-01 → 2025-01-01    through configs/team/defaults.yml:1\n"
        "\nPlan: 0 added, 0 changed, 0 removed, 2 indirectly.\n"
    )


def test_a_default_that_each_dag_overrides_changes_nothing(committed: Repository, mergeflow: Run) -> None:
    committed.write({"configs/team/b.yaml": BASE["configs/team/b.yaml"] + "  schedule: null\n"})
    commit(committed.root)
    assert (
        changed(committed, mergeflow, {DEFAULTS: BASE[DEFAULTS] + "schedule: '@hourly'\n"})
        == "Plan: nothing changes.\n"
    )


def test_two_revisions_are_compared_where_they_parted(committed: Repository, mergeflow: Run) -> None:
    git(committed.root, "checkout", "-q", "-b", "branch")
    committed.write({"configs/team/c.yaml": f"new:\n  tasks: {{a: {{operator: {E}}}}}\n"})
    commit(committed.root)
    git(committed.root, "checkout", "-q", "main")
    (committed.root / "configs/team/b.yaml").unlink()
    commit(committed.root)
    ran = mergeflow("plan", "--head", "branch", cwd=committed.root / "configs")
    assert ran.code == 0
    assert "+ new, 1 task " in ran.out
    assert "payments" not in ran.out, "what main has removed since is not the branch's doing"


def test_a_branch_brings_its_own_stubs_and_catalog(committed: Repository, mergeflow: Run) -> None:
    git(committed.root, "switch", "-qc", "newcomers")
    for path, text in {
        "dags/new.py": "",
        "configs/new/a.yaml": BASE["configs/team/b.yaml"].replace("pay", "p"),
    }.items():
        (committed.root / path).parent.mkdir(exist_ok=True)
        (committed.root / path).write_text(text)
    commit(committed.root)
    git(committed.root, "switch", "-q", "main")
    ran = mergeflow("plan", "--head", "newcomers", cwd=committed.root)
    assert ran.code == 0, ran.err
    assert "configs/new/a.yaml" in ran.out


def test_nothing_of_a_config_moves_the_cursor(committed: Repository, mergeflow: Run) -> None:
    text = (
        BASE[A].replace("n: 1", '"\\e[31m": "\\e[2J\\n"').replace("schedule:", 'description: "\\e]0;x\\a"\n  schedule:')
    )
    found = changed(
        committed, mergeflow, {A: text, "configs/team/\x1b[1m\n.yaml": BASE["configs/team/b.yaml"].replace("pay", "p")}
    )
    assert all(char.isprintable() for char in found.replace("\n", ""))


def test_a_long_value_is_cut(committed: Repository, mergeflow: Run) -> None:
    found = changed(
        committed, mergeflow, {A: BASE[A].replace("schedule:", f"description: {'x' * 10_000}\n  schedule:")}
    )
    assert max(map(len, found.splitlines())) < 160


def test_every_format_tells_the_same(committed: Repository, mergeflow: Run) -> None:
    committed.write({A: BASE[A].replace("@daily", "@hourly")})
    ran = {form: mergeflow("plan", "--format", form, cwd=committed.root) for form in ("text", "json", "markdown")}
    assert all((each.code, each.err) == (0, "") for each in ran.values())
    assert json.loads(ran["json"].out)["counts"]["changed"] == 1
    assert ran["markdown"].out.startswith("**0 added, 1 changed, 0 removed · 1 to decide upon**\n\n")
    assert ran["markdown"].out.endswith("2 DAGs in 3 files, no problems</sub>\n\n<!-- mergeflow-plan -->\n")
    assert "Plan: 0 added, 1 changed, 0 removed." in ran["text"].out


def test_a_variable_of_an_environment_changes_what_uses_it(committed: Repository, mergeflow: Run) -> None:
    text = BASE[A].replace("retries: 1", "queue: '${{ vars.queue }}'")
    path = "configs/environments/prod.yaml"
    committed.write({A: text, path: "vars: {queue: small}\n"})
    commit(committed.root)
    committed.write({path: "vars: {queue: large}\npatches:\n  - {dags: payments, set: {max_active_runs: 3}}\n"})
    ran = mergeflow("plan", "--env", "prod", cwd=committed.root)
    assert ran.code == 0, ran.err
    assert f"  » orders    default_args.queue: small → large, through {path}\n" in ran.out
    assert f"  » payments  max_active_runs: (not set) → 3, through {path}:3\n" in ran.out
