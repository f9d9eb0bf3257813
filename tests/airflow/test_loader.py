"""A stub loads what is right, leaves out what is not, and never lets one DAG cost another."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from mergeflow.airflow import load_dags, raise_config_errors
from mergeflow.airflow.config_errors import ConfigErrors
from tests.conftest import CATALOG

GOOD = """
{dag_id}:
  schedule: "@daily"
  start_date: 2024-01-01
  tasks:
    run: {{operator: airflow.providers.standard.operators.empty.EmptyOperator}}
"""
STUB = 'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "{team}")\n'
ERRORS_STUB = (
    '"""Airflow shows what is wrong, for DAGs that are left out."""\n'
    "from mergeflow.airflow import raise_config_errors\n\nraise_config_errors(globals())\n"
)

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())
        return file

    for team in ("payments", "risk"):
        write_file(f"dags/{team}.py", STUB.format(team=team))
        write_file(f"configs/{team}/good.yaml", GOOD.format(dag_id=f"{team}_good"))
    write_file("dags/config_errors.py", ERRORS_STUB)
    return write_file


def loaded(root: Path, team: str) -> dict[str, DAG]:
    namespace: dict[str, Any] = {"__file__": str(root / f"dags/{team}.py")}
    load_dags(namespace, team)
    return {value.dag_id: value for value in namespace.values() if isinstance(value, DAG)}


def shown(root: Path) -> str:
    """What `config_errors.py` makes Airflow show; empty when it shows nothing."""
    namespace: dict[str, Any] = {"__file__": str(root / "dags/config_errors.py")}
    raise_config_errors(namespace)
    if "config_errors" not in namespace:
        return ""
    with pytest.raises(ConfigErrors) as raised:
        namespace["config_errors"].validate()
    return str(raised.value)


def test_a_broken_file_costs_no_other_dag_of_the_team(write: Write, tmp_path: Path) -> None:
    write("configs/payments/broken.yaml", "payments_broken: {schedule: [")
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}


def test_a_broken_dag_costs_no_other_dag_of_its_file(write: Write, tmp_path: Path) -> None:
    two = GOOD.format(dag_id="broken").replace("schedule", "shedule") + GOOD.format(dag_id="fine")
    write("configs/payments/two.yaml", two)
    assert set(loaded(tmp_path, "payments")) == {"payments_good", "fine"}


def test_broken_defaults_cost_only_the_dags_below_them(write: Write, tmp_path: Path) -> None:
    write("configs/payments/deep/defaults.yml", "catchup: maybe")
    write("configs/payments/deep/below.yaml", GOOD.format(dag_id="below"))
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    assert "configs/payments/deep/defaults.yml:1:10: error" in shown(tmp_path)


def test_unreadable_defaults_cost_the_dags_below_them(write: Write, tmp_path: Path) -> None:
    write("configs/payments/deep/defaults.yml", "a: [")
    write("configs/payments/deep/below.yaml", GOOD.format(dag_id="below"))
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}


def test_an_operator_that_cannot_be_imported_costs_only_its_dag(write: Write, tmp_path: Path) -> None:
    write("configs/payments/odd.yaml", GOOD.format(dag_id="odd").replace("EmptyOperator", "NoSuchOperator"))
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    text = shown(tmp_path)
    assert "configs/payments/odd.yaml:1:1: error: Airflow cannot build `odd`" in text
    assert "NoSuchOperator" in text


def test_a_schedule_that_airflow_refuses_costs_only_its_dag(write: Write, tmp_path: Path) -> None:
    write("configs/payments/odd.yaml", GOOD.format(dag_id="odd").replace("@daily", "61 * * * *"))
    bag = DagBag(str(tmp_path / "dags"), bundle_path=tmp_path / "dags", bundle_name="test")
    assert set(bag.dags) == {"payments_good", "risk_good"}
    assert list(bag.import_errors) == ["config_errors.py"]


def test_an_object_that_airflow_cannot_store_costs_only_its_dag(write: Write, tmp_path: Path) -> None:
    unregistered = "{__type__: airflow.sdk.bases.timetable.BaseTimetable}"
    write("configs/payments/odd.yaml", GOOD.format(dag_id="odd").replace('"@daily"', unregistered))
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    assert "Airflow cannot build `odd`" in shown(tmp_path)


HOSTILE = {
    "a number beyond its column": "max_active_runs: 10000000000000000000",
    "a number beyond 64 bits": "params: {n: 99999999999999999999}",
    "a built number beyond 64 bits": 'params: {n: {__type__: builtins.int, __args__: ["99999999999999999999"]}}',
    "a built number beyond its column": 'max_active_runs: {__type__: builtins.int, __args__: ["3000000000"]}',
    "a NUL character": r'description: "a\0b"',
    "a name that is too long": f"dag_display_name: {'x' * 5000}",
    "a weight rule that is none": "default_args: {weight_rule: upstrem}",
    "an executor that is none": "default_args: {executor: Foo}",
    "an owner that is no text": "default_args: {owner: {__type__: builtins.list, items: [x]}}",
    "an asset that is not ASCII": 'timezone: UTC\n  schedule: ["ventes_été"]',
    "an asset built that is not ASCII": "timezone: UTC\n  schedule: [{__type__: airflow.sdk.Asset, name: é}]",
    "an exit": "dagrun_timeout: {__type__: sys.exit}",
    "an interrupt": "dagrun_timeout: {__type__: builtins.exec, __args__: [raise KeyboardInterrupt]}",
    "an exception without words": "dagrun_timeout: {__type__: tests.airflow.hostile.speechless}",
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_what_airflow_could_not_store_costs_only_its_dag(line: str, write: Write, tmp_path: Path) -> None:
    schedule = "" if "\n  schedule" in line else '  schedule: "@daily"\n'
    body = GOOD.format(dag_id="odd").replace('  schedule: "@daily"\n', schedule)
    write("configs/payments/odd.yaml", f"{body}  {line}\n")
    bag = DagBag(str(tmp_path / "dags"), bundle_path=tmp_path / "dags", bundle_name="test")
    assert set(bag.dags) == {"payments_good", "risk_good"}
    assert list(bag.import_errors) == ["config_errors.py"]
    assert "configs/payments/odd.yaml:" in bag.import_errors["config_errors.py"]
    for dag in bag.dags.values():
        msgspec.msgpack.encode(DagSerialization.to_dict(dag), enc_hook=str)


def test_data_that_looks_like_an_asset_is_none(write: Write, tmp_path: Path) -> None:
    operator = "airflow.providers.standard.operators.python.PythonOperator"
    given = "python_callable: os.getcwd, op_kwargs: {name: é, uri: 5, group: null}, doc_md: a long story"
    write(
        "configs/payments/odd.yaml",
        GOOD.format(dag_id="odd").replace(
            "airflow.providers.standard.operators.empty.EmptyOperator", f"{operator}, {given}"
        ),
    )
    assert set(loaded(tmp_path, "payments")) == {"payments_good", "odd"}


@pytest.mark.parametrize("dag_id", ["__file__", "__name__", "load_dags", "print"])
def test_a_dag_may_have_a_name_that_its_stub_uses(dag_id: str, write: Write, tmp_path: Path) -> None:
    write("configs/payments/odd.yaml", GOOD.format(dag_id=dag_id))
    bag = DagBag(str(tmp_path / "dags"), bundle_path=tmp_path / "dags", bundle_name="test")
    assert set(bag.dags) == {"payments_good", "risk_good", dag_id}
    assert bag.import_errors == {}


def test_a_task_of_a_dag_whose_id_is_written_with_an_escape_starts(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("configs/payments/odd.yaml", GOOD.format(dag_id='"caf\\u00e9"'))
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "café")
    assert set(loaded(tmp_path, "payments")) == {"café"}


def test_of_two_dags_with_one_id_the_first_stays(write: Write, tmp_path: Path) -> None:
    write("configs/payments/second.yaml", GOOD.format(dag_id="payments_good").replace("@daily", "@hourly"))
    dag = loaded(tmp_path, "payments")["payments_good"]
    assert dag.schedule == "@daily"
    assert "DAG `payments_good` is defined twice [duplicate-dag-id]" in shown(tmp_path)


def test_errors_are_shown_with_path_line_and_caret(write: Write, tmp_path: Path) -> None:
    write("configs/risk/var.yaml", GOOD.format(dag_id="var").replace("start_date", "strat_date"))
    assert shown(tmp_path) == (
        "\n"
        "configs/risk/var.yaml:3:3: error: unknown key `strat_date` in DAG `var` [unknown-key]\n"
        "  |\n"
        "3 |   strat_date: 2024-01-01\n"
        "  |   ^^^^^^^^^^\n"
        "  = hint: did you mean `start_date`?\n"
        "\n"
        "1 error in 1 of 1 file"
    )


def test_nothing_is_shown_when_nothing_is_wrong(write: Write, tmp_path: Path) -> None:
    assert write
    assert shown(tmp_path) == ""


def test_a_catalog_that_cannot_be_read_is_shown_and_costs_no_dag(write: Write, tmp_path: Path) -> None:
    write("validators/catalog.json", "{")
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    assert "validators/catalog.json cannot be read" in shown(tmp_path)


def test_a_parameter_that_no_operator_takes_is_shown_at_its_line(write: Write, tmp_path: Path) -> None:
    write("validators/catalog.json", CATALOG.read_text())
    write("configs/payments/odd.yaml", GOOD.format(dag_id="odd").replace("}", ", retires: 3}"))
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    assert "configs/payments/odd.yaml:5:79: error: unknown key `retires` in task `run`" in shown(tmp_path)


def test_a_team_without_configs_has_no_dags(write: Write, tmp_path: Path) -> None:
    write("dags/empty.py", STUB.format(team="empty"))
    assert loaded(tmp_path, "empty") == {}


def test_a_task_start_reads_only_files_that_name_its_dag(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("configs/payments/other.yaml", GOOD.format(dag_id="other"))
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "payments_good")
    parsed: list[str] = []
    monkeypatch.setattr("mergeflow.project.parse", _noting(parsed))
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    assert parsed == ["configs/payments/good.yaml"]


def test_the_docs_show_the_users_own_yaml_without_the_environment(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cr3t")
    write("configs/payments/doc.yaml", "# kept\n" + GOOD.format(dag_id="doc").lstrip() + "  description: $SECRET\n")
    dag = loaded(tmp_path, "payments")["doc"]
    assert dag.description == "$SECRET"
    assert "s3cr3t" not in (dag.doc_md or "")
    assert "configs/payments/doc.yaml:2`" in (dag.doc_md or "")
    assert "```yaml\ndoc:\n  schedule" in (dag.doc_md or "")


def test_telemetry_is_off_wherever_a_stub_or_the_plugin_is_loaded() -> None:
    from dagfactory import telemetry

    import mergeflow.airflow.plugin

    assert mergeflow.airflow.plugin.MergeflowPlugin.name == "mergeflow"
    assert not telemetry.should_emit()


def test_airflow_takes_the_stubs_and_shows_one_import_error(write: Write, tmp_path: Path) -> None:
    write("configs/payments/broken.yaml", "payments_broken: {schedule: [")
    bag = DagBag(str(tmp_path / "dags"), bundle_path=tmp_path / "dags", bundle_name="test")
    assert set(bag.dags) == {"payments_good", "risk_good"}
    assert list(bag.import_errors) == ["config_errors.py"]
    assert bag.import_errors["config_errors.py"].startswith("ConfigErrors: \nconfigs/payments/broken.yaml:2:1: error:")
    assert bag.dags["payments_good"].fileloc == str(tmp_path / "dags/payments.py")


def _noting(parsed: list[str]) -> Callable[[str, bytes], Any]:
    from mergeflow.document import parse

    def parse_and_note(path: str, content: bytes) -> Any:
        parsed.append(path)
        return parse(path, content)

    return parse_and_note


MADE = """
fx_${{ item }}:
  template: nightly
  for_each: [eur, usd]
  with: {pair: "${{ item }}", pool: "${{ vars.pool }}"}
"""
TEMPLATE = """
params: {pair: {type: string}, pool: {type: string}}
dag:
  schedule: "@daily"
  tasks:
    load:
      operator: airflow.providers.standard.operators.empty.EmptyOperator
      doc: ${{ params.pair }}
      pool: ${{ params.pool }}
"""


def test_templates_and_environments_make_dags(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("configs/payments/fx.yaml", MADE)
    write("configs/templates/nightly.yaml", TEMPLATE)
    write("configs/environments/dev.yaml", "vars: {pool: small}\npatches: [{dags: 'fx_*', set: {schedule: null}}]")
    monkeypatch.setenv("MERGEFLOW_ENV", "dev")
    dags = loaded(tmp_path, "payments")
    assert set(dags) == {"payments_good", "fx_eur", "fx_usd"}
    assert (dags["fx_eur"].task_dict["load"].pool, dags["fx_eur"].schedule) == ("small", None)
    assert dags["payments_good"].schedule == "@daily"
    assert shown(tmp_path) == ""


def test_a_worker_finds_the_dag_that_a_template_makes(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("configs/payments/fx.yaml", MADE.replace("[eur, usd]", "{file: pairs.csv}").replace("item }}", "item.id }}"))
    write("configs/payments/pairs.csv", "id\neur\nusd\n")
    write("configs/payments/other.yaml", GOOD.format(dag_id="fx_usd_later"))
    write("configs/templates/nightly.yaml", TEMPLATE)
    write("configs/environments/dev.yaml", "vars: {pool: small}")
    monkeypatch.setenv("MERGEFLOW_ENV", "dev")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "fx_usd")
    assert set(loaded(tmp_path, "payments")) == {"fx_usd"}


def test_without_its_environment_a_dag_is_left_out_and_says_so(write: Write, tmp_path: Path) -> None:
    write("configs/payments/fx.yaml", MADE)
    write("configs/templates/nightly.yaml", TEMPLATE)
    write("configs/environments/dev.yaml", "vars: {pool: small}")
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
    assert "`vars` has no `pool`" in shown(tmp_path)


def test_in_an_environment_that_is_not_there_nothing_is_built(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGEFLOW_ENV", "stagin")
    assert loaded(tmp_path, "payments") == {}
    assert "MERGEFLOW_ENV is `stagin`, and there is no such environment; no DAG is built" in shown(tmp_path)
    assert write("configs/environments/stagin.yaml", "description: there now").exists()
    assert set(loaded(tmp_path, "payments")) == {"payments_good"}
