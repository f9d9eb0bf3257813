"""A stub and its DAGs under a real Airflow: each test writes a repository and reads what is told of it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mergeflow.airflow.testing.integrity import check_stub
from mergeflow.tested import Kind, Status, Tested
from tests.conftest import Repository
from tests.live import STUB

Make = Callable[..., Repository]
BASH = "airflow.providers.standard.operators.bash.BashOperator"
PYTHON = "airflow.providers.standard.operators.python.PythonOperator"
SQL = "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"
A = "configs/team/a.yaml"
ORDERS = """\
orders:
  start_date: 2026-01-01
  schedule: "@daily"
  tasks:
    load:
      operator: {operator}
{fields}
"""


def orders(*fields: str, operator: str = BASH) -> str:
    return ORDERS.format(operator=operator, fields="\n".join(f"      {each}" for each in fields))


@pytest.fixture
def told(repository: Make) -> Callable[[Mapping[str, str]], dict[str, Tested]]:
    """What is told of a repository of these files, by name."""

    def tell(files: Mapping[str, str], wanted: tuple[str, ...] | None = None) -> dict[str, Tested]:
        made = repository({"dags/team.py": STUB.format(team="team"), **files})
        return {each.name: each for each in check_stub(made.root, "dags/team.py", wanted)}

    return tell


def wrong(told: Callable[..., dict[str, Tested]], text: str, files: Mapping[str, str] | None = None) -> str:
    """What is wrong with the one DAG of a config."""
    found = told({A: text, **(files or {})})
    assert found["dags/team.py"].status is Status.PASSED
    assert found["orders"].status is Status.FAILED, found
    return found["orders"].message


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (['bash_command: "echo {{ nothing }}"'], "6:21: `bash_command` of task `load`"),
        (["bash_command: echo", "env:", "  A: a", '  B: "{{ dss }}"'], "9:12: `env` of task `load`"),
    ],
)
def test_an_unknown_name_is_told_where_it_stands(
    told: Callable[..., dict[str, Tested]], fields: list[str], expected: str
) -> None:
    message = wrong(told, orders(*fields))
    assert expected.partition(":")[2].strip() in message
    assert message.startswith(f"{A}:")
    assert "is undefined" in message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ds | shout }}", "no filter named 'shout'"),
        ("{{ ds ", "unexpected end of template"),
        ("{% if ds %}x", "unexpected end of template"),
        ("{{ ti.execution_date }}", "has no attribute 'execution_date'"),
        ("{{ macros.datetime.strptime('x', '%Y') }}", "ValueError: time data 'x' does not match format '%Y'"),
        ("{{ params.sise }}", "has no attribute 'sise'"),
        ("{{ ti.xcom_pull('load') ~ nothing }}", "'nothing' is undefined"),
        ("{{ ti.xcom_pull('load') | shout }}", "no filter named 'shout'"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ ().__class__.__base__ }}", "unsafe"),
    ],
)
def test_a_template_that_no_run_can_render_fails(
    told: Callable[..., dict[str, Tested]], template: str, expected: str
) -> None:
    assert expected in wrong(told, orders(f'bash_command: "{template}"', "params: {size: 1}"))


@pytest.mark.parametrize(
    "template",
    [
        "{{ ti.xcom_pull('extract')['rows'][0].id | int + 1 }}",
        "{% for each in ti.xcom_pull('extract') %}{{ each.name | upper }}{% endfor %}",
        "{{ ti.xcom_pull('extract') | tojson }} {{ ti.xcom_pull('extract') > 5 }} {{ 2 * ti.xcom_pull('extract') }}",
        "{{ ti.xcom_pull('extract') | length }}{{ (ti.xcom_pull('extract') - 1) // 2 }}",
        "{{ var.value.bucket }}/{{ var.json.settings.size }}/{{ var.value.get('absent', 'x') }}",
        "{{ conn.warehouse.host }}:{{ conn.get('warehouse').port }}",
        "{{ data_interval_start | ds }} {{ data_interval_end.isoformat() }} {{ macros.ds_add(ds, -1) }} {{ ts }}",
        "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }} {{ dag_run.conf.get('x', 1) }} {{ run_id }}",
        "{{ prev_start_date_success }} {{ triggering_asset_events }} {{ task.task_id }} {{ ti.try_number }}",
        "{{ params.size + 1 }}",
    ],
)
def test_what_only_a_run_knows_is_no_fault(told: Callable[..., dict[str, Tested]], template: str) -> None:
    found = told({A: orders(f'bash_command: "{template}"', "params: {size: 1}")})
    assert (found["orders"].status, found["orders"].message) == (Status.PASSED, "")


def test_a_template_in_a_file_is_rendered(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders("conn_id: warehouse", "sql: scripts/team/load.sql", operator=SQL)
    assert "scripts/team/load.sql, line 2: " in wrong(
        told, text, {"dags/scripts/team/load.sql": "select\n{{ ds | x }}"}
    )
    assert "scripts/team/load.sql, line 3: 'dss' is undefined" in wrong(
        told, text, {"dags/scripts/team/load.sql": "select\n{{ ds }}\n{{ dss }}"}
    )
    found = told({A: text, "dags/scripts/team/load.sql": "select '{{ ds }}'"})
    assert found["orders"].status is Status.PASSED


def test_a_param_that_every_run_must_give_stands_for_itself(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders('bash_command: "{{ params.day }} {{ params.size + 1 }}"').replace('"@daily"', "null") + (
        "  params:\n"
        "    day: {__type__: airflow.sdk.definitions.param.Param, type: string, minLength: 1}\n"
        "    size: {__type__: airflow.sdk.definitions.param.Param, type: integer, minimum: 5}\n"
    )
    found = told({A: text})
    assert (found["orders"].status, found["orders"].message) == (Status.PASSED, "")
    assert "no attribute 'dai'" in wrong(told, text.replace("params.day", "params.dai"))


def test_a_mapped_task_is_rendered_too(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders("partial: {bash_command: 'echo {{ nothing }}'}", "expand: {env: [{A: '1'}, {A: '{{ dss }}'}]}")
    message = wrong(told, text)
    assert "`bash_command` of task `load` cannot be rendered: 'nothing' is undefined" in message
    assert "`env` of task `load` cannot be rendered: 'dss' is undefined" in message


def test_a_task_in_a_group_is_told_where_it_is_written(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders("task_group_name: all", 'bash_command: "{{ nothing }}"') + "  task_groups: {all: {}}\n"
    assert wrong(told, text).startswith(f"{A}:8:21: `bash_command` of task `all.load`")


def test_a_default_is_told_where_it_is_set(told: Callable[..., dict[str, Tested]]) -> None:
    defaults = "default_args:\n  env: {A: '{{ nothing }}'}\n"
    found = told({A: orders("bash_command: echo"), "configs/team/defaults.yml": defaults})
    assert found["orders"].message.startswith("configs/team/defaults.yml:2:12: `env` of task `load`")
    assert found["orders"].line == 1


def test_pools_and_connections_that_nobody_declares_fail(told: Callable[..., dict[str, Tested]]) -> None:
    policy = "teams: {team: {}, other: {pools: [small], connections: [warehouse_*]}}\n"
    local = "[tool.mergeflow.local.connections]\nlake = {conn_type = 'fs'}\n"
    text = orders("conn_id: warehouse_eu", "sql: select 1", "pool: small", operator=SQL)
    files = {"validators/policy.yaml": policy, "pyproject.toml": local}
    assert told({A: text, **files})["orders"].status is Status.PASSED
    assert told({A: text.replace("warehouse_eu", "lake"), **files})["orders"].message == ""
    message = wrong(told, text.replace("warehouse_eu", "nowhere").replace("small", "big"), files)
    connections = "the connections of validators/policy.yaml or to tool.mergeflow.local.connections in pyproject.toml"
    assert message.splitlines() == [
        f"{A}:7:16: connection `nowhere` is declared nowhere: add it to {connections}",
        f"{A}:9:13: pool `big` is declared nowhere: add it to the pools of validators/policy.yaml",
    ]


def test_where_nothing_is_declared_nothing_is_missing(told: Callable[..., dict[str, Tested]]) -> None:
    found = told({A: orders("conn_id: anything", "sql: select 1", "pool: any", operator=SQL)})
    assert (found["orders"].status, found["orders"].message) == (Status.PASSED, "")


def test_a_stub_that_raises_is_told_with_its_line_and_its_dags_are_not_tried(repository: Make) -> None:
    made = repository(
        {"dags/team.py": "import nowhere_to_be_found\n" + STUB.format(team="team"), A: orders("bash_command: a")}
    )
    stub, dag = check_stub(made.root, "dags/team.py", None)
    assert (stub.status, stub.line, stub.path) == (Status.FAILED, 1, "dags/team.py")
    assert "No module named 'nowhere_to_be_found'" in stub.message
    assert (dag.status, dag.message) == (Status.SKIPPED, "`dags/team.py` cannot be imported")


def test_a_stub_that_leaves_python_is_a_failure(repository: Make) -> None:
    made = repository({"dags/team.py": "import airflow.sdk  # a dag\nraise SystemExit(3)\n"})
    (stub,) = check_stub(made.root, "dags/team.py", None)
    assert (stub.status, stub.kind) == (Status.FAILED, Kind.INTEGRITY)


def test_a_dag_that_is_left_out_says_why_and_costs_no_other(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders("bash_command: echo", "retries: many") + orders("bash_command: echo").replace("orders:", "fine:")
    found = told({A: text})
    assert found["fine"].status is Status.PASSED
    assert found["orders"].status is Status.FAILED
    assert found["orders"].message.startswith(f"{A}:8:16: error: ")


def test_code_that_raises_when_it_is_imported_is_told_at_its_dag(told: Callable[..., dict[str, Tested]]) -> None:
    files = {"dags/callables/team/broken.py": "def load(): ...\nraise ValueError('no key')\n"}
    message = wrong(told, orders("python_callable: callables.team.broken.load", operator=PYTHON), files)
    assert "Airflow cannot build `orders`" in message
    assert "no key" in message


def test_a_macro_that_asks_for_a_connection_is_for_a_run_to_tell(told: Callable[..., dict[str, Tested]]) -> None:
    macro = "from airflow.sdk import BaseHook\n\n\ndef host(): return BaseHook.get_connection('warehouse').host\n"
    text = orders('bash_command: "{{ host() }}"') + "  user_defined_macros: {host: callables.team.macros.host}\n"
    found = told({A: text, "dags/callables/team/macros.py": macro})
    assert (found["orders"].status, found["orders"].message) == (Status.PASSED, "")
    text = text.replace("team.macros", "team.others")
    found = told({A: text, "dags/callables/team/others.py": "def host(): return {}['x']\n"})
    assert "KeyError: 'x'" in found["orders"].message


def test_a_dag_whose_objects_raise_costs_no_other(
    told: Callable[..., dict[str, Tested]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mergeflow.airflow.testing import integrity

    def raising(dag: object, config: object) -> None:
        del dag
        if config.dag_id == "orders":  # type: ignore[attr-defined]
            raise RuntimeError("no\nway")

    monkeypatch.setattr(integrity, "unrendered", lambda dag, config: raising(dag, config) or ())
    found = told({A: orders("bash_command: a") + orders("bash_command: a").replace("orders:", "fine:")})
    assert found["fine"].status is Status.PASSED
    assert (found["orders"].status, found["orders"].message) == (
        Status.ERROR,
        "it cannot be looked at: RuntimeError: no way",
    )


def test_only_the_wanted_dags_are_looked_at(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders("bash_command: echo") + orders("bash_command: '{{ nothing }}'").replace("orders:", "wrong:")
    assert {name: each.status for name, each in told({A: text}, ("orders",)).items()} == {
        "dags/team.py": Status.PASSED,
        "orders": Status.PASSED,
    }


def test_a_wanted_dag_that_the_stub_does_not_load_has_not_passed(repository: Make) -> None:
    made = repository({"dags/team.py": "from airflow.sdk import DAG\n", A: orders("bash_command: echo")})
    found = {each.name: each for each in check_stub(made.root, "dags/team.py", ("orders",))}
    assert (found["orders"].status, found["orders"].message) == (Status.FAILED, "`dags/team.py` does not load it")


def test_a_dag_that_needs_an_environment_is_skipped_without_one(told: Callable[..., dict[str, Tested]]) -> None:
    text = orders("bash_command: 'echo ${{ vars.bucket }}'")
    found = told({A: text, "configs/environments/dev.yaml": "vars: {bucket: b}\n"})
    assert (found["orders"].status, found["orders"].message) == (
        Status.SKIPPED,
        "it needs an environment: name one by --env",
    )


def test_the_import_errors_of_a_repository_are_a_failure(repository: Make) -> None:
    errors = "from mergeflow.airflow import raise_config_errors  # for DAGs\n\nraise_config_errors(globals())\n"
    made = repository({"dags/config_errors.py": errors, A: orders("bash_command: echo", "retries: many")})
    (stub,) = check_stub(made.root, "dags/config_errors.py", ())
    assert stub.status is Status.FAILED
    assert f"{A}:8:16" in stub.message
    assert "Traceback" not in stub.message


def test_seconds_are_told_apart(told: Callable[..., dict[str, Tested]]) -> None:
    slow = {"dags/callables/team/slow.py": "import time\ntime.sleep(0.2)\ndef load(): ...\n"}
    found = told({A: orders("python_callable: callables.team.slow.load", operator=PYTHON), **slow})
    steps = {step.name: step.seconds for step in found["dags/team.py"].steps}
    assert steps["importing"] >= 0.2
    assert sum(steps.values()) == pytest.approx(found["dags/team.py"].seconds)
    assert {step.name for step in found["orders"].steps} == {"serializing", "rendering"}


def test_nothing_is_left_on_the_path(told: Callable[..., dict[str, Tested]], tmp_path: Path) -> None:
    import sys

    told({A: orders("bash_command: echo")})
    assert not [each for each in sys.path if str(tmp_path) in each]
