"""`config_errors.py` shows the same with what earlier parses have noted as without it, and builds no DAG twice."""

import json
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mergeflow.airflow import cache, load_dags, raise_config_errors
from mergeflow.airflow.building import checked
from mergeflow.airflow.config_errors import ConfigErrors
from mergeflow.airflow.dagfactory import BuildError, build
from mergeflow.compiler import CompiledDag

DAG = """
{dag_id}:
  schedule: "@daily"
  start_date: 2024-01-01
  tasks:
    run: {{operator: airflow.providers.standard.operators.empty.{operator}}}
"""
BROKEN = DAG.format(dag_id="broken", operator="NoSuchOperator")
TEAMS = ("payments", "risk")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two teams, with a DAG of each that builds and one that does not; and a cache of its own."""
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    for team in TEAMS:
        write(
            tmp_path, f"dags/{team}.py", f'from mergeflow.airflow import load_dags\n\nload_dags(globals(), "{team}")\n'
        )
        write(tmp_path, f"dags/callables/{team}/work.py", "def main(): ...")
        write(tmp_path, f"configs/{team}/good.yaml", DAG.format(dag_id=f"{team}_good", operator="EmptyOperator"))
    write(tmp_path, "dags/callables/common.py", "def main(): ...")
    write(tmp_path, "configs/payments/broken.yaml", BROKEN)
    return tmp_path


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the DAGs that are built from now on."""
    ids: list[str] = []

    def counting(compiled: CompiledDag, *args: Any, **kwargs: Any) -> Any:
        ids.append(compiled.dag_id)
        return build(compiled, *args, **kwargs)

    monkeypatch.setattr("mergeflow.airflow.building.build", counting)
    return ids


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text).lstrip())


def parse_stubs(root: Path, *teams: str) -> set[str]:
    """Parse the stubs of these teams, or of all, as a dag-processor does; return the DAGs."""
    namespaces: list[dict[str, Any]] = [{"__file__": str(root / f"dags/{team}.py")} for team in teams or TEAMS]
    for namespace in namespaces:
        load_dags(namespace, Path(namespace["__file__"]).stem)
    return {name.removeprefix("dag ") for namespace in namespaces for name in namespace if name.startswith("dag ")}


def shown(root: Path) -> str:
    """What `config_errors.py` makes Airflow show; empty when it shows nothing."""
    namespace: dict[str, Any] = {"__file__": str(root / "dags/config_errors.py")}
    raise_config_errors(namespace)
    if "config_errors" not in namespace:
        return ""
    with pytest.raises(ConfigErrors) as raised:
        namespace["config_errors"].validate()
    return str(raised.value)


def told(root: Path) -> list[str]:
    """Where `config_errors.py` shows which error."""
    return [line.split(": error: ")[0] for line in shown(root).splitlines() if ": error: " in line]


def test_without_notes_every_dag_is_built(root: Path, built: list[str]) -> None:
    assert told(root) == ["configs/payments/broken.yaml:1:1"]
    assert sorted(built) == ["broken", "payments_good", "risk_good"]


def test_what_stubs_have_built_is_not_built_again(root: Path, built: list[str]) -> None:
    before = shown(root)
    parse_stubs(root)
    built.clear()
    assert shown(root) == before
    assert "Airflow cannot build `broken`" in before
    assert built == []


def test_an_error_that_is_no_text_hides_no_other(root: Path) -> None:
    odd = DAG.format(dag_id="odd", operator="EmptyOperator")
    write(root, "configs/risk/odd.yaml", f"{odd}  dagrun_timeout: {{__type__: tests.airflow.hostile.untellable}}\n")
    write(root, os.fsdecode(b"dags/risk/caf\xe9.py"), "# it calls load_dags(), or so it says\n")
    for _ in range(2):
        assert told(root) == ["configs/payments/broken.yaml:1:1", "configs/risk/odd.yaml:1:1"]
        shown(root).encode()
        parse_stubs(root)


def test_what_stubs_build_during_the_check_is_not_built_again(
    root: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*args: Any) -> Any:
        ready = checked(*args)
        parse_stubs(root)
        built.clear()
        return ready

    monkeypatch.setattr("mergeflow.airflow.config_errors.checked", meanwhile)
    assert told(root) == ["configs/payments/broken.yaml:1:1"]
    assert built == []


def test_a_stub_builds_its_dags_whatever_is_noted(root: Path, built: list[str]) -> None:
    for _ in range(2):
        built.clear()
        assert parse_stubs(root) == {"payments_good", "risk_good"}
        assert sorted(built) == ["broken", "payments_good", "risk_good"]


def test_a_worker_notes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "risk_good")
    assert parse_stubs(root, "risk") == {"risk_good"}
    names = [json.loads(file.read_bytes())["name"] for file in cache.folder().glob("*")]
    assert not [name for name in names if name.startswith("verdicts")]


def test_what_it_has_built_itself_is_not_built_again_either(root: Path, built: list[str]) -> None:
    shown(root)
    built.clear()
    assert told(root) == ["configs/payments/broken.yaml:1:1"]
    assert built == ["broken"]  # its error may have been a passing one


def test_an_error_that_is_noted_is_told_at_its_line_of_today(root: Path, built: list[str]) -> None:
    parse_stubs(root)
    built.clear()
    above = DAG.format(dag_id="above", operator="EmptyOperator").lstrip()
    write(root, "configs/payments/broken.yaml", above + BROKEN.lstrip())
    assert told(root) == ["configs/payments/broken.yaml:6:1"]
    assert built == ["above"]


def test_a_config_that_has_changed_is_built(root: Path, built: list[str]) -> None:
    parse_stubs(root)
    built.clear()
    write(root, "configs/risk/good.yaml", DAG.format(dag_id="risk_good", operator="NoSuchOperator"))
    assert told(root) == ["configs/payments/broken.yaml:1:1", "configs/risk/good.yaml:1:1"]
    assert built == ["risk_good"]


@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("dags/callables/risk/work.py", ["risk_good"]),
        ("dags/callables/risk/new.py", ["risk_good"]),
        ("dags/callables/common.py", ["broken", "payments_good", "risk_good"]),
        ("dags/helpers/new.py", ["broken", "payments_good", "risk_good"]),
        ("configs/risk/notes.txt", []),
    ],
)
def test_code_that_has_changed_is_tried_with_every_dag_that_may_call_it(
    path: str, again: list[str], root: Path, built: list[str]
) -> None:
    parse_stubs(root)
    built.clear()
    write(root, path, "def main(): return 1")
    shown(root)
    assert sorted(built) == again


def test_code_that_speaks_of_stubs_is_code(root: Path, built: list[str]) -> None:
    write(root, "dags/callables/risk/work.py", "# a stub calls load_dags()\ndef main(): ...")
    parse_stubs(root)
    built.clear()
    write(root, "dags/callables/risk/work.py", "# a stub calls load_dags()\ndef main(): return 1")
    shown(root)
    assert built == ["risk_good"]


def test_a_setting_of_airflow_that_has_changed_is_tried(
    root: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_stubs(root)
    built.clear()
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TASK_RETRIES", "7")
    shown(root)
    assert sorted(built) == ["broken", "payments_good", "risk_good"]


def test_a_variable_that_configs_may_name_counts_and_is_kept_nowhere(
    root: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "validators/policy.yaml", "expand_environment: [POOL]")
    write(root, "configs/risk/odd.yaml", DAG.format(dag_id="odd", operator="$POOL"))
    monkeypatch.setenv("POOL", "s3cr3t-value")
    parse_stubs(root)
    built.clear()
    assert told(root) == ["configs/payments/broken.yaml:1:1", "configs/risk/odd.yaml:1:1"]
    assert built == []
    assert b"s3cr3t" not in b"".join(file.read_bytes() for file in cache.folder().iterdir())
    monkeypatch.setenv("POOL", "EmptyOperator")
    assert told(root) == ["configs/payments/broken.yaml:1:1"]
    assert "odd" in built


def test_notes_of_another_release_count_nothing(root: Path, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    parse_stubs(root)
    before = shown(root)
    built.clear()
    monkeypatch.setattr(cache, "_version", lambda: "another")
    assert shown(root) == before
    assert sorted(built) == ["broken", "payments_good", "risk_good"]


POISON: dict[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "a list": lambda _: [["key", ""]],
    "a text": lambda _: "fine",
    "a number": lambda _: 10**40,
    "other values": lambda value: dict.fromkeys(value, 5),
    "lists as values": lambda value: {key: [] for key in value},
    "another text": lambda value: {**value, "key": "", "text": 0},
    "many keys": lambda _: {str(number): "" for number in range(5_000)},
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_poisoned_notes_hide_nothing(poison: Callable[[Any], Any], root: Path) -> None:
    write(root, "configs/risk/odd.yaml", "odd: {shedule: null}")
    parse_stubs(root)
    before = shown(root)
    assert "configs/risk/odd.yaml:1:7: error: unknown key `shedule`" in before
    for file in cache.folder().iterdir():
        entry = json.loads(file.read_bytes())
        file.write_text(json.dumps({**entry, "value": poison(entry["value"])}))
    assert shown(root) == before
    assert parse_stubs(root) == {"payments_good", "risk_good"}


def test_notes_that_nest_too_deeply_hide_nothing(root: Path) -> None:
    parse_stubs(root)
    before = shown(root)
    for file in cache.folder().iterdir():
        file.write_text('{"value":' * 100_000)
    assert shown(root) == before


def test_where_nothing_can_be_noted_the_same_is_shown(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "cache").write_text("no folder")
    assert parse_stubs(root) == {"payments_good", "risk_good"}
    assert told(root) == told(root) == ["configs/payments/broken.yaml:1:1"]
    assert {record.levelname for record in caplog.records if "cache" in record.message} <= {"WARNING"}


def test_a_passing_error_of_a_stub_stands_until_the_stub_is_parsed_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("mergeflow.airflow.building.build", _failing("risk_good"))
        assert parse_stubs(root) == {"payments_good"}
    for _ in range(2):
        assert told(root) == ["configs/payments/broken.yaml:1:1", "configs/risk/good.yaml:1:1"]
    assert parse_stubs(root, "risk") == {"risk_good"}
    assert told(root) == ["configs/payments/broken.yaml:1:1"]


def test_a_passing_error_of_its_own_is_not_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("mergeflow.airflow.building.build", _failing("risk_good"))
        assert told(root) == ["configs/payments/broken.yaml:1:1", "configs/risk/good.yaml:1:1"]
    assert told(root) == ["configs/payments/broken.yaml:1:1"]


def _failing(dag_id: str) -> Callable[..., Any]:
    def fails(compiled: CompiledDag, *args: Any, **kwargs: Any) -> Any:
        if compiled.dag_id == dag_id:
            raise BuildError("OSError: No space left on device")
        return build(compiled, *args, **kwargs)

    return fails


def test_many_broken_dags_are_told_without_building_them(root: Path, built: list[str]) -> None:
    for number in range(200):
        text = DAG.format(dag_id=f"odd_{number:03}", operator="NoSuchOperator")
        write(root, f"configs/risk/odd_{number:03}.yaml", text)
    parse_stubs(root)
    built.clear()
    assert told(root)[1:] == [f"configs/risk/odd_{number:03}.yaml:1:1" for number in range(200)]
    assert built == []
    (root / "dags/risk.py").unlink()
    assert len(told(root)) == 202  # and that there is no stub
    assert sorted(built) == [f"odd_{number:03}" for number in range(200)]


def test_a_fleet_that_is_unchanged_is_not_checked_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse_stubs(root)
    before = shown(root)
    os.utime(root / "dags/payments.py")
    monkeypatch.setattr("mergeflow.airflow.config_errors.known_around", None)
    assert shown(root) == before


@pytest.mark.parametrize(
    "path",
    [
        "configs/risk/new.yaml",
        "configs/defaults.yml",
        "configs/risk/items.csv",
        "validators/policy.yaml",
        "validators/catalog.json",
        "validators/rules/house.py",
        "validators/expectations/risk/suite.yaml",
        "dags/callables/risk/work.py",
        "dags/scripts/risk/query.sql",
        "dags/finance.py",
    ],
)
def test_whatever_has_changed_the_fleet_is_checked(path: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse_stubs(root)
    shown(root)
    write(root, path, "{}")

    def checking(*_: Any) -> Any:
        raise LookupError

    monkeypatch.setattr("mergeflow.airflow.config_errors.known_around", checking)
    with pytest.raises(LookupError):
        shown(root)


def test_what_airflow_could_store_is_not_tried_again_until_it_changes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    monkeypatch.setattr("mergeflow.airflow.dagfactory.refuse_unstorable", lambda dag: tried.append(dag.dag_id))
    config = DAG.format(dag_id="odd", operator="EmptyOperator").lstrip() + "  dag_display_name: name 3\n"
    write(root, "configs/risk/odd.yaml", config)
    parse_stubs(root, "risk")
    parse_stubs(root, "risk")
    assert tried == ["odd"]
    write(root, "configs/risk/odd.yaml", config.replace("3", "4"))
    parse_stubs(root, "risk")
    assert tried == ["odd", "odd"]
