"""The policy: levels, waivers and grants, and what is wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.catalog import CATALOG_PATH
from mergeflow.checker import check
from mergeflow.diagnostic import Report, Severity
from mergeflow.files import POLICY
from mergeflow.globs import matches
from mergeflow.policy import read_policy, span_of_time
from mergeflow.project import load
from mergeflow.rules import RULES, Known
from mergeflow.rules.page import pages
from mergeflow.workspace import known_around, select
from tests.conftest import ROOT, Repository

Make = Callable[..., Repository]

BASH = "airflow.providers.standard.operators.bash.BashOperator"
EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
TYPO = f"tasks: {{load: {{operator: {EMPTY}, dependencies: [extarct]}}}}"
"""What `unknown-dependency` reports, an error."""
LEGACY, NEW = "configs/team/legacy/a.yaml", "configs/team/new/b.yaml"
TWO = {LEGACY: f"old: {{{TYPO}}}\n", NEW: f"new: {{{TYPO}}}\n"}


def found(report: Report) -> list[tuple[str, str, str]]:
    """Path, rule and severity of each diagnostic."""
    return [(each.location.path, each.rule, each.severity.value) for each in report.diagnostics]


def waiver(until: str = "9999-12-31", **keys: str) -> str:
    given = {"rule": "unknown-dependency", "owner": "ada", "reason": "it comes later", "until": until} | keys
    return "waivers:\n- {" + ", ".join(f"{key}: {value}" for key, value in given.items()) + "}\n"


# --- levels


def test_a_rule_that_is_off_is_not_reported(repository: Make) -> None:
    report = repository({**TWO, POLICY: "rules: {unknown-dependency: off}\n"}).check()
    assert found(report) == []
    assert not report.broken


@pytest.mark.parametrize("off", ["off", "'off'", "false", "no"])
def test_off_may_be_written_as_yaml_reads_it(repository: Make, off: str) -> None:
    assert found(repository({**TWO, POLICY: f"rules: {{unknown-dependency: {off}}}\n"}).check()) == []


def test_an_error_that_is_lowered_breaks_no_dag(repository: Make) -> None:
    report = repository({**TWO, POLICY: "rules: {unknown-dependency: warning}\n"}).check()
    assert found(report) == [(LEGACY, "unknown-dependency", "warning"), (NEW, "unknown-dependency", "warning")]
    assert not report.broken


def test_a_warning_that_is_raised_stops_a_merge_and_breaks_no_dag(repository: Make) -> None:
    config = f"a: {{schedule: '@daily', start_date: 2000-01-01, catchup: true, tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    report = repository({NEW: config, POLICY: "rules: {catchup-backfill: error}\n"}).check()
    assert found(report) == [(NEW, "catchup-backfill", "error")]
    assert not report.broken


def test_a_level_is_overridden_by_path_and_the_last_match_counts(repository: Make) -> None:
    policy = """\
rules: {unknown-dependency: off}
overrides:
- {paths: [configs/team/**], rules: {unknown-dependency: error}}
- {paths: [configs/other/**, configs/team/legacy/*], rules: {unknown-dependency: warning}}
- {paths: [configs/team/legacy/**], rules: {cycle: off}}
"""
    report = repository({**TWO, POLICY: policy}).check()
    assert found(report) == [(LEGACY, "unknown-dependency", "warning"), (NEW, "unknown-dependency", "error")]
    assert report.broken == {(NEW, "new")}


def test_a_level_reaches_what_a_model_reports_under_a_rules_slug(repository: Make) -> None:
    config = f"a: {{schedul: x, tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    made = repository({NEW: config})
    assert found(made.check()) == [(NEW, "unknown-key", "error")]
    made.write({POLICY: "rules: {unknown-key: warning}\n"})
    assert found(made.check()) == [(NEW, "unknown-key", "warning")]


@pytest.mark.parametrize("slug", ["invalid-yaml", "wrong-type", "duplicate-key", "invalid-policy"])
@pytest.mark.parametrize("level", ["off", "warning"])
def test_what_keeps_a_file_from_being_read_has_no_level(repository: Make, slug: str, level: str) -> None:
    config = f"a: {{catchup: maybe, tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    report = repository({NEW: config, POLICY: f"rules: {{{slug}: {level}}}\n"}).check()
    assert found(report) == [(NEW, "wrong-type", "error"), (POLICY, "invalid-policy", "error")]
    assert "cannot be switched off" in report.diagnostics[1].message


def test_a_catchup_limit_is_the_policys(repository: Make) -> None:
    config = f"""\
a:
  schedule: "@yearly"
  start_date: 2020-01-01
  catchup: true
  tasks: {{t: {{operator: {EMPTY}}}}}
"""
    made = repository({NEW: config})
    assert found(made.check()) == []
    made.write({POLICY: "schedules: {most_catchup_runs: 2}\n"})
    assert found(made.check()) == [(NEW, "catchup-backfill", "warning")]


@pytest.mark.parametrize(
    ("number", "policy", "told"), [(500, "", False), (501, "", True), (501, "501", False), (1, "0", True)]
)
def test_how_many_dags_a_stub_may_load_is_the_policys(
    repository: Make, number: int, policy: str, *, told: bool
) -> None:
    config = f"a_${{{{ item }}}}: {{for_each: {list(range(number))}, tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    made = repository({"configs/team/a.yaml": config, **({POLICY: f"most_dags_per_stub: {policy}"} if policy else {})})
    assert ("crowded-stub" in {each.rule for each in made.check().diagnostics}) == told


# --- what is wrong with the policy


@pytest.mark.parametrize(
    ("policy", "rule", "words", "hint"),
    [
        ("rules: {unknown-dependenci: off}", "invalid-policy", "no rule `unknown-dependenci`", "`unknown-dependency`"),
        ("rules: {cycle: lowest}", "invalid-policy", "error, warning or off", ""),
        ("rules: {cycle: true}", "invalid-policy", "error, warning or off", ""),
        ("rules: {cycle: {}}", "invalid-policy", "error, warning or off", ""),
        ("rules: []", "wrong-type", "`rules` in the policy must be a mapping", ""),
        ("rule: {}", "unknown-key", "`rule`", "`rules`"),
        ("[]", "wrong-type", "the policy must be a mapping", ""),
        ("overrides: [{rules: {cycle: off}}]", "missing-key", "override 1 has no `paths`", ""),
        ("overrides: [{paths: [team/**], rules: {}}]", "invalid-policy", "`team/**` matches no file", "configs/"),
        ("schedules: {shortest: 5 monkeys}", "invalid-policy", "`5 monkeys` is no time span", "`5 minutes`"),
        ("teams: {a: {connection: [x]}}", "unknown-key", "`connection` in team `a`", "`connections`"),
        ("teams: {a: {schedules: {shortest: soon}}}", "invalid-policy", "`soon` is no time span", ""),
        ("everyone: {imports: os}", "wrong-type", "must be a list, not text", ""),
        ("expand_environment: [$HOME]", "invalid-policy", "`$HOME` is no name", "bare name"),
        (waiver(), "invalid-policy", "neither for which files nor for which DAG", "dag_id"),
        (waiver(until="soon", dag_id="a"), "wrong-type", "`until` in waiver 1 must be a date", ""),
        (waiver(until="2024-02-30", dag_id="a"), "invalid-yaml", "no valid date", ""),
        (waiver(rule="cycles", dag_id="a"), "invalid-policy", "no rule `cycles`", "`cycle`"),
        (waiver(rule="invalid-yaml", dag_id="a"), "invalid-policy", "`invalid-yaml` cannot be waived", ""),
        (waiver(dag_id="a").replace("reason", "raeson"), "unknown-key", "`raeson` in waiver 1", "`reason`"),
    ],
)
def test_a_mistake_in_the_policy_is_an_error_at_its_place(
    repository: Make, policy: str, rule: str, words: str, hint: str
) -> None:
    report = repository({POLICY: policy + "\n"}).check()
    assert [each.rule for each in report.diagnostics if each.severity is Severity.ERROR] == [rule]
    first = next(each for each in report.diagnostics if each.rule == rule)
    assert first.location.path == POLICY
    assert words in first.message
    assert hint in first.hint


@pytest.mark.parametrize("policy", ["", "# nothing yet\n", "{}\n", "teams: {team: }\n"])
def test_a_policy_may_say_nothing(repository: Make, policy: str) -> None:
    config = f"a: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    assert found(repository({NEW: config, POLICY: policy}).check()) == []


def test_mistakes_in_the_policy_are_shown_when_it_is_asked_about_or_all_is(repository: Make) -> None:
    made = repository({**TWO, POLICY: "rules: {unknown-dependenci: off}\n"})
    assert (POLICY, "invalid-policy", "error") in found(made.check())
    assert found(made.check(POLICY)) == [(POLICY, "invalid-policy", "error")]
    assert found(made.check(NEW)) == [(NEW, "unknown-dependency", "error")]


def test_a_policy_that_is_no_yaml_is_an_error_and_restricts_nothing(repository: Make) -> None:
    policy = "rules: {unknown-dependency: off\nteams: {other: {}}\n"
    report = repository({NEW: TWO[NEW], POLICY: policy}).check()
    assert found(report) == [(NEW, "unknown-dependency", "error"), (POLICY, "invalid-yaml", "error")]
    assert report.broken == {(NEW, "new")}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
SLUGS = {page.slug for page in pages()}
KEYS = ("rules", "overrides", "schedules", "everyone", "teams", "waivers", "expand_environment")
INNER = ("paths", "rules", "rule", "until", "dag_id", "connections", "imports", "dag_ids", "schedules", "shortest")
pieces = st.dictionaries(st.sampled_from(INNER), values, max_size=4)


@given(st.dictionaries(st.sampled_from(KEYS), values | pieces | st.lists(pieces, max_size=3), max_size=4) | values)
def test_any_data_is_read_as_some_policy(data: Any) -> None:
    policy = read_policy(data)
    assert policy.level("cycle", NEW, Severity.ERROR) in ("error", "warning", "off")
    assert policy.grants("team") == policy.grants("team")
    assert all(each.has_expired(date(2024, 1, 1)) in (True, False) for each in policy.waivers)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), values | pieces | st.lists(pieces, max_size=3), max_size=4) | values)
def test_any_policy_is_checked_and_every_problem_stands_within_it(data: Any) -> None:
    files = {POLICY: yaml.safe_dump(data).encode(), NEW: TWO[NEW].encode()}
    report = check(load(files), Known(house=frozenset()))
    for each in report.diagnostics:
        source = files[each.location.path].decode().splitlines()
        assert each.location.span.start.line <= max(len(source), 1)
        assert each.rule in SLUGS


# --- waivers


@pytest.mark.parametrize("scope", [{"paths": "[configs/team/new/**]"}, {"dag_id": "new"}, {"dag_id": "n*"}])
def test_a_waiver_covers_files_or_dags(repository: Make, scope: dict[str, str]) -> None:
    report = repository({**TWO, POLICY: waiver(**scope)}).check()
    assert found(report) == [(LEGACY, "unknown-dependency", "error")]
    assert report.broken == {(LEGACY, "old")}
    assert report.waived == 1


def test_a_waiver_for_files_and_a_dag_covers_what_is_both(repository: Make) -> None:
    report = repository({**TWO, POLICY: waiver(paths="[configs/team/new/**]", dag_id="old")}).check()
    assert [rule for _, rule, _ in found(report)] == ["unknown-dependency", "unknown-dependency", "unused-waiver"]


def test_a_waiver_holds_on_its_last_day_and_not_after(repository: Make) -> None:
    made = repository({NEW: TWO[NEW], POLICY: waiver(until="2024-05-31", dag_id="new")})
    selection = select(made.root, [])

    def on(day: date) -> list[tuple[str, str, str]]:
        return found(check(selection.project, replace(known_around(made.root), today=day)))

    assert on(date(2024, 5, 31)) == []
    assert on(date(2024, 6, 1)) == [(NEW, "unknown-dependency", "error"), (POLICY, "expired-waiver", "warning")]


def test_a_waiver_holds_for_ever_where_dags_are_built(repository: Make) -> None:
    made = repository({NEW: TWO[NEW], POLICY: waiver(until="2001-01-01", dag_id="new")})
    report = check(select(made.root, []).project, known_around(made.root), building=True)
    assert not report.broken
    assert all(each.severity is Severity.WARNING for each in report.diagnostics)


def test_a_waiver_of_nothing_is_reported_when_everything_is_checked(repository: Make) -> None:
    config = f"new: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    made = repository({NEW: config, POLICY: waiver(dag_id="new")})
    assert found(made.check()) == [(POLICY, "unused-waiver", "warning")]
    assert found(made.check(POLICY)) == []
    assert found(made.check(NEW)) == []


def test_a_waiver_of_a_rule_that_is_not_run_is_not_called_unused(repository: Make) -> None:
    config = f"new: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    made = repository({NEW: config, POLICY: waiver(dag_id="new")})
    others = [rule for rule in RULES if rule.ID != "unknown-dependency"]
    assert found(check(select(made.root, []).project, known_around(made.root), rules=others)) == []


@pytest.mark.parametrize("slug", ["expired-waiver", "unused-waiver"])
def test_what_is_said_of_waivers_has_a_level(repository: Make, slug: str) -> None:
    until = "2001-01-01" if slug == "expired-waiver" else "9999-12-31"
    config = f"new: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    made = repository({NEW: config, POLICY: f"rules: {{{slug}: error}}\n" + waiver(until=until, dag_id="new")})
    assert found(made.check()) == [(POLICY, slug, "error")]


# --- grants


GRANTED = """\
everyone: {connections: [shared_*], pools: [common], imports: [airflow.providers]}
teams:
  team:
    connections: [shop_db]
    queues: []
    imports: [callables.team]
  other: {dag_ids: [other_*]}
"""


def task(**keys: str) -> str:
    given = {"operator": BASH, "bash_command": "echo"} | keys
    return "a: {tasks: {t: {" + ", ".join(f"{key}: {value}" for key, value in given.items()) + "}}}\n"


@pytest.mark.parametrize(
    ("config", "rule"),
    [
        (task(op_kwargs="{postgres_conn_id: payroll}"), "connection-not-granted"),
        (task(env="{DB_CONN_ID: payroll}"), "connection-not-granted"),
        (task(expand="{conn_id: [shop_db, payroll]}"), "connection-not-granted"),
        (f"a: {{default_args: {{ssh_conn_id: payroll}}, {task()[4:-2]}}}\n", "connection-not-granted"),
        (f"default: {{default_args: {{ssh_conn_id: payroll}}}}\n{task()}", "connection-not-granted"),
        (task(pool="theirs"), "pool-not-granted"),
        (task(queue="gpu"), "queue-not-granted"),
        (task(partial="{pool: theirs}", expand="{bash_command: [a]}"), "pool-not-granted"),
    ],
)
def test_what_is_not_granted_is_an_error(repository: Make, config: str, rule: str) -> None:
    report = repository({NEW: config, POLICY: GRANTED, "dags/other.py": ""}).check()
    assert rule in {each.rule for each in report.diagnostics}
    assert len([each for each in report.diagnostics if each.rule == rule]) == 1


@pytest.mark.parametrize(
    "config",
    [
        task(op_kwargs="{postgres_conn_id: shop_db, conn_id: shared_files}"),
        task(op_kwargs='{conn_id: "{{ params.conn }}"}'),
        task(pool="common"),
        task(pool="default_pool"),
        task(queue="default"),
        task(op_kwargs="{pool: theirs, queue: gpu}"),
        task(params="{connection: payroll}"),
    ],
)
def test_what_is_granted_or_means_something_else_is_let_be(repository: Make, config: str) -> None:
    report = repository({NEW: config, POLICY: GRANTED}).check()
    assert not {each.rule for each in report.diagnostics if each.rule.endswith("-granted")}


FILE_SENSOR = "airflow.providers.standard.sensors.filesystem.FileSensor"


@pytest.mark.parametrize(
    ("granted", "keys", "names"),
    [
        ("[shop_*]", "", ["fs_default"]),
        ("[]", "", ["fs_default"]),
        ("[fs_default]", "", []),
        ("[shop_*]", ", fs_conn_id: shop_files", []),
        ("[shop_*]", ", partial: {fs_conn_id: shop_files}, expand: {filepath: [a]}", []),
        ("[shop_*]", ", fs_conn_id: other", ["other"]),
    ],
)
def test_an_operators_own_connection_counts_where_a_task_names_none(
    repository: Make, granted: str, keys: str, names: list[str]
) -> None:
    config = f"a: {{tasks: {{t: {{operator: {FILE_SENSOR}, filepath: x{keys}}}}}}}\n"
    made = repository({NEW: config, POLICY: f"teams: {{team: {{connections: {granted}}}}}\n"})
    made.write({CATALOG_PATH: (ROOT / CATALOG_PATH).read_bytes()})
    said = [each for each in made.check().diagnostics if each.rule == "connection-not-granted"]
    assert [each.message.partition("connection `")[2].partition("`")[0] for each in said] == names


def test_a_default_of_the_repository_counts_for_the_teams_that_it_reaches(repository: Make) -> None:
    files = {"configs/defaults.yml": "default_args: {ssh_conn_id: other_db}\n", POLICY: GRANTED, "dags/other.py": ""}
    made = repository({**files, "configs/other/a.yaml": task()})
    assert "connection-not-granted" in {each.rule for each in made.check().diagnostics}, "everyone has a list"
    made.write({POLICY: GRANTED.replace("other: {", "other: {connections: [other_*], ")})
    assert "connection-not-granted" not in {each.rule for each in made.check().diagnostics}


def test_a_comment_does_not_grant_anything_and_a_waiver_does(repository: Make) -> None:
    config = "# mergeflow: ignore[pool-not-granted] we need it\n" + task(pool="theirs")
    made = repository({NEW: config, POLICY: GRANTED})
    assert found(made.check()) == [(NEW, "unused-ignore", "warning"), (NEW, "pool-not-granted", "error")]
    assert "only a waiver" in made.check().diagnostics[0].hint
    made.write({NEW: task(pool="theirs"), POLICY: GRANTED + waiver(rule="pool-not-granted", dag_id="a")})
    assert found(made.check()) == []


@pytest.mark.parametrize(
    ("dag_id", "pattern", "hint"),
    [
        ("orders", "[shop_*]", "call it `shop_orders`"),
        ("shop-orders", "['shop_*', 'b*']", "call it `shop_shop-orders`"),
        ("orders", "[shop, store]", "its dag_ids are `shop`, `store`"),
        ("orders", "[]", "its dag_ids are none"),
    ],
)
def test_a_dag_id_outside_the_pattern_gets_a_suggestion(repository: Make, dag_id: str, pattern: str, hint: str) -> None:
    config = f"{dag_id}: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n"
    report = repository({NEW: config, POLICY: f"teams: {{team: {{dag_ids: {pattern}}}}}\n"}).check()
    assert [(each.rule, each.hint) for each in report.diagnostics] == [("foreign-dag-id", hint)]


def test_a_team_is_unknown_only_where_teams_are_listed(repository: Make) -> None:
    files = {f"configs/team/{name}.yaml": f"{name}: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n" for name in "ab"}
    made = repository({**files, POLICY: "teams: {taem: {}}\n"})
    assert [(each.location.path, each.rule, each.hint) for each in made.check().diagnostics] == [
        ("configs/team/a.yaml", "unknown-team", "did you mean `taem`?")
    ]
    made.write({POLICY: "teams: {}\n"})
    assert found(made.check()) == []


# --- import paths


def imports(repository: Make, config: str, policy: str = "") -> list[str]:
    """The messages of `import-not-allowed`."""
    report = repository({NEW: config, POLICY: policy}).check()
    return [each.message for each in report.diagnostics if each.rule == "import-not-allowed"]


PYTHON = "airflow.providers.standard.operators.python.PythonOperator"


@pytest.mark.parametrize(
    "config",
    [
        "a: {tasks: {t: {operator: os._exit}}}\n",
        "a: {tasks: {t: {decorator: subprocess.call}}}\n",
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: os.system}}}}}}\n",
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: builtins.eval}}}}}}\n",
        f"a: {{tasks: {{t: {{operator: {EMPTY}, on_failure_callback: shutil.rmtree}}}}}}\n",
        f"a: {{on_success_callback: {{callback: os.remove, path: x}}, tasks: {{t: {{operator: {EMPTY}}}}}}}\n",
        f"a: {{user_defined_macros: {{x: {{y: os.popen}}}}, tasks: {{t: {{operator: {EMPTY}}}}}}}\n",
        f"a: {{params: {{x: [{{__type__: sys.exit}}]}}, tasks: {{t: {{operator: {EMPTY}}}}}}}\n",
        f"a: {{schedule: {{__type__: importlib.import_module, name: x}}, tasks: {{t: {{operator: {EMPTY}}}}}}}\n",
        f"default: {{default_args: {{on_retry_callback: pty.spawn}}}}\na: {{tasks: {{t: {{operator: {EMPTY}}}}}}}\n",
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable_file: /lib/os.py, python_callable_name: abort}}}}}}\n",
    ],
)
def test_what_is_dangerous_is_refused_without_any_policy(repository: Make, config: str) -> None:
    assert len(imports(repository, config)) == 1


@pytest.mark.parametrize(
    "config",
    [
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: osmosis.filter}}}}}}\n",
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: os.path.basename}}}}}}\n",
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: builtins.print}}}}}}\n",
        f"a: {{params: {{x: {{__type__: datetime.timedelta, days: 1}}}}, tasks: {{t: {{operator: {EMPTY}}}}}}}\n",
        f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: p.f, op_kwargs: {{operator: os.system}}}}}}}}\n",
        "a: {tasks: {t: {operator: BashOperator, bash_command: a}}}\n",
    ],
)
def test_what_is_harmless_may_be_named(repository: Make, config: str) -> None:
    assert imports(repository, config) == []


@pytest.mark.parametrize(
    ("named", "allowed"),
    [
        ("callables.team.extract", True),
        ("callables.team.deep.er.extract", True),
        ("callables.teammate.extract", False),
        ("callables.other.extract", False),
        ("os.system", False),
        ("os.path.join", True),
    ],
)
def test_a_grant_of_imports_is_a_prefix_of_whole_segments(repository: Make, named: str, *, allowed: bool) -> None:
    config = f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: {named}}}}}}}\n"
    messages = [f"`{named}` is not among the imports of team `team`"]
    assert imports(repository, config, GRANTED) == ([] if allowed else messages)


@pytest.mark.parametrize("written", ["callables.team", "callables.team.*", "callables"])
def test_a_grant_may_end_with_a_star(repository: Make, written: str) -> None:
    config = f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: callables.team.f}}}}}}\n"
    assert imports(repository, config, f"teams: {{team: {{imports: [airflow, {written}]}}}}\n") == []


def test_operators_need_a_grant_also_by_their_bare_names(repository: Make) -> None:
    policy = "teams: {team: {imports: [callables]}}\n"
    for operator in (BASH, "BashOperator"):
        config = f"a: {{tasks: {{t: {{operator: {operator}, bash_command: a}}}}}}\n"
        assert imports(repository, config, policy) == [f"`{BASH}` is not among the imports of team `team`"]


@pytest.mark.parametrize(
    ("file", "allowed"),
    [("/opt/airflow/dags/callables/team/a.py", True), ("/opt/airflow/dags/callables/b.py", False), ("/a.py", False)],
)
def test_a_file_counts_as_its_module_below_dags(repository: Make, file: str, *, allowed: bool) -> None:
    keys = f"python_callable_file: {file}, python_callable_name: f"
    config = f"a: {{tasks: {{t: {{operator: {PYTHON}, {keys}}}}}}}\n"
    assert bool(imports(repository, config, GRANTED)) is not allowed


def test_an_explicit_grant_reaches_what_is_dangerous(repository: Make) -> None:
    config = f"a: {{tasks: {{t: {{operator: {PYTHON}, python_callable: shutil.copy}}}}}}\n"
    assert imports(repository, config, "everyone: {imports: [airflow, shutil.copy]}\n") == []


# --- its parts


@pytest.mark.parametrize(
    ("pattern", "text", "matching"),
    [
        ("configs/legacy/**", "configs/legacy/a.yaml", True),
        ("configs/legacy/**", "configs/legacy/b/c/a.yaml", True),
        ("configs/legacy/**", "configs/legacy.yaml", False),
        ("configs/*/a.yaml", "configs/x/a.yaml", True),
        ("configs/*/a.yaml", "configs/x/y/a.yaml", False),
        ("configs/**/a.yaml", "configs/a.yaml", True),
        ("configs/**/a.yaml", "configs/x/y/a.yaml", True),
        ("**/a.yaml", "configs/x/a.yaml", True),
        ("shop_*", "shop_", True),
        ("shop_*", "my_shop_db", False),
        ("a.c", "abc", False),
        ("a?c", "abc", True),
        ("(", "(", True),
    ],
)
def test_a_pattern_matches_within_and_across_folders(pattern: str, text: str, *, matching: bool) -> None:
    assert matches(text, pattern) is matching


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("5 minutes", timedelta(minutes=5)),
        ("1 hour", timedelta(hours=1)),
        ("90seconds", timedelta(seconds=90)),
        ("2 weeks", timedelta(weeks=2)),
        ("5", None),
        ("minutes", None),
        ("-1 day", None),
        ("99999999999999 days", None),
        (5, None),
        (None, None),
    ],
)
def test_a_time_span_is_a_number_and_a_unit(text: object, span: timedelta | None) -> None:
    assert span_of_time(text) == span


def test_a_team_may_have_its_own_shortest_interval() -> None:
    policy = read_policy({"schedules": {"shortest": "1 hour"}, "teams": {"a": {"schedules": {"shortest": "1 minute"}}}})
    assert policy.shortest_interval_of("a") == timedelta(minutes=1)
    assert policy.shortest_interval_of("b") == policy.shortest_interval_of(None) == timedelta(hours=1)


# --- DAGs that a template makes


TEMPLATE = {
    "configs/templates/load.yaml": f"""\
params: {{connection: {{type: string}}}}
dag:
  tasks:
    t:
      operator: {PYTHON}
      python_callable: callables.team.f
      op_kwargs: {{conn_id: "${{{{ params.connection }}}}", other_conn_id: payroll}}
""",
    NEW: "made: {template: load, with: {connection: theirs}}\n",
}


def test_what_a_template_names_counts_for_the_team_that_uses_it(repository: Make) -> None:
    made = repository({**TEMPLATE, POLICY: "teams: {team: {connections: [shop_*]}}\n"})
    report = made.check()
    names = sorted(each.message.split("`")[1] for each in report.diagnostics if each.rule == "connection-not-granted")
    assert names == ["payroll", "theirs"]
    assert report.broken == {(NEW, "made")}
    scope = "teams: {team: {connections: [shop_*]}}\n" + waiver(rule="connection-not-granted", paths=f"[{NEW}]")
    made.write({POLICY: scope})
    assert "connection-not-granted" not in {each.rule for each in made.check().diagnostics}
    assert made.check().waived == 2


def test_a_folder_of_templates_is_no_unknown_team(repository: Make) -> None:
    report = repository({**TEMPLATE, POLICY: "teams: {team: {}}\n"}).check()
    assert "unknown-team" not in {each.rule for each in report.diagnostics}
