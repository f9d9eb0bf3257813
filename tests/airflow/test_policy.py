"""The policy where DAGs are built: nothing in it depends on the day, and no mistake in it takes a DAG down unseen."""

import logging
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from mergeflow.airflow import load_dags, raise_config_errors
from mergeflow.airflow.config_errors import ConfigErrors
from mergeflow.airflow.environment import concealed, expanded
from mergeflow.files import POLICY
from tests.conftest import CATALOG

Write = Callable[[str, str], Path]

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
BASH = "airflow.providers.standard.operators.bash.BashOperator"
GOOD = f"good: {{tasks: {{run: {{operator: {EMPTY}}}}}}}\n"
WRONG = f"wrong: {{tasks: {{run: {{operator: {EMPTY}}}}}, schedul: x}}\n"
"""An error that dag-factory would pass over."""
WAIVER = "waivers:\n- {{rule: unknown-key, dag_id: wrong, owner: ada, reason: hers, until: {until}}}\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    write_file("dags/team.py", "")
    write_file("validators/catalog.json", CATALOG.read_text())
    write_file("configs/team/good.yaml", GOOD)
    return write_file


def loaded(root: Path) -> dict[str, DAG]:
    namespace: dict[str, Any] = {"__file__": str(root / "dags/team.py")}
    load_dags(namespace, "team")
    return {value.dag_id: value for value in namespace.values() if isinstance(value, DAG)}


def shown(root: Path) -> str:
    """What stands among Airflow's import errors."""
    namespace: dict[str, Any] = {"__file__": str(root / "dags/config_errors.py")}
    raise_config_errors(namespace)
    if "config_errors" not in namespace:
        return ""
    with pytest.raises(ConfigErrors) as raised:
        namespace["config_errors"].validate()
    return str(raised.value)


@pytest.mark.parametrize("until", ["9999-12-31", "2001-01-01"])
def test_a_waiver_holds_whatever_the_day_is(write: Write, tmp_path: Path, until: str) -> None:
    write("configs/team/wrong.yaml", WRONG)
    assert set(loaded(tmp_path)) == {"good"}
    write(POLICY, WAIVER.format(until=until))
    assert set(loaded(tmp_path)) == {"good", "wrong"}
    assert shown(tmp_path) == ""


def test_a_worker_reads_the_policy_too(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("configs/team/wrong.yaml", WRONG)
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "wrong")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", "run")
    assert set(loaded(tmp_path)) == set()
    write(POLICY, WAIVER.format(until="2001-01-01"))
    assert set(loaded(tmp_path)) == {"wrong"}


@pytest.mark.parametrize("level", ["off", "warning"])
def test_an_error_that_is_lowered_keeps_no_dag_out(write: Write, tmp_path: Path, level: str) -> None:
    write("configs/team/wrong.yaml", WRONG)
    write(POLICY, f"overrides: [{{paths: [configs/team/**], rules: {{unknown-key: {level}}}}}]\n")
    assert set(loaded(tmp_path)) == {"good", "wrong"}


def test_an_ignored_error_keeps_no_dag_out(write: Write, tmp_path: Path) -> None:
    write("configs/team/wrong.yaml", WRONG.rstrip() + " # mergeflow: ignore[unknown-key] it is on its way\n")
    assert set(loaded(tmp_path)) == {"good", "wrong"}


def test_a_warning_that_is_raised_to_an_error_keeps_no_dag_out(write: Write, tmp_path: Path) -> None:
    late = (
        f"late: {{schedule: '@daily', start_date: 2000-01-01, catchup: true, tasks: {{run: {{operator: {EMPTY}}}}}}}\n"
    )
    write("configs/team/late.yaml", late)
    write(POLICY, "rules: {catchup-backfill: error}\n")
    assert set(loaded(tmp_path)) == {"good", "late"}
    assert shown(tmp_path) == ""


def test_a_secret_and_an_unknown_team_stop_merges_only(write: Write, tmp_path: Path) -> None:
    env = f"env: {{tasks: {{run: {{operator: {BASH}, bash_command: psql, env: {{PGPASSWORD: hunter2}}}}}}}}\n"
    write("configs/team/env.yaml", env)
    write(POLICY, "teams: {other: {}}\n")
    assert set(loaded(tmp_path)) == {"good", "env"}
    assert shown(tmp_path) == ""


def test_what_is_not_granted_keeps_its_dag_out(write: Write, tmp_path: Path) -> None:
    pool = f"pool: {{tasks: {{run: {{operator: {EMPTY}, pool: theirs}}}}}}\n"
    write("configs/team/pool.yaml", pool)
    write(POLICY, "teams: {team: {pools: []}}\n")
    assert set(loaded(tmp_path)) == {"good"}
    assert "pool-not-granted" in shown(tmp_path)


def test_what_would_end_the_dag_processor_is_never_called(write: Write, tmp_path: Path) -> None:
    trap = f"trap: {{params: {{x: {{__type__: os._exit, __args__: [3]}}}}, tasks: {{run: {{operator: {EMPTY}}}}}}}\n"
    write("configs/team/trap.yaml", trap)
    assert set(loaded(tmp_path)) == {"good"}
    assert "import-not-allowed" in shown(tmp_path)


def test_a_policy_that_is_no_yaml_costs_only_what_it_waived_and_is_shown(write: Write, tmp_path: Path) -> None:
    write("configs/team/wrong.yaml", WRONG)
    write(POLICY, WAIVER.format(until="9999-12-31") + "teams: [\n")
    assert set(loaded(tmp_path)) == {"good"}
    assert f"{POLICY}:" in shown(tmp_path)
    assert "unknown-key" in shown(tmp_path)


def test_a_mistake_in_a_piece_of_the_policy_costs_nothing_else(write: Write, tmp_path: Path) -> None:
    write("configs/team/wrong.yaml", WRONG)
    write(POLICY, "teams: 5\nrules: {no-such-rule: off, cycle: lowest}\n" + WAIVER.format(until="soon"))
    assert set(loaded(tmp_path)) == {"good", "wrong"}


# --- environment variables


def bash(command: str = "echo", **keys: str) -> str:
    given = {"operator": BASH, "bash_command": command} | keys
    return "env: {tasks: {run: {" + ", ".join(f"{key}: {value}" for key, value in given.items()) + "}}}\n"


def test_a_listed_variable_is_expanded_while_building_and_not_in_the_docs(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_FOLDER", "/srv/shop-of-ada")
    monkeypatch.setenv("OTHER", "/srv/other")
    write("configs/team/env.yaml", bash(cwd='"${SHOP_FOLDER}/$OTHER"'))
    write(POLICY, "expand_environment: [SHOP_FOLDER]\n")
    dag = loaded(tmp_path)["env"]
    assert dag.get_task("run").cwd == "/srv/shop-of-ada/$OTHER"
    assert "${SHOP_FOLDER}/$OTHER" in (dag.doc_md or "")
    assert "ada" not in (dag.doc_md or "")


def test_what_a_team_writes_as_docs_is_not_expanded(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_FOLDER", "/srv/shop-of-ada")
    docs = {key: f"$SHOP_FOLDER in {key}" for key in ("doc", "doc_md", "doc_json", "doc_yaml", "doc_rst")}
    code = {
        "operator": BASH.replace("bash.Bash", "python.Python"),
        "python_callable": "os.path.join",
        "op_kwargs": "{doc: $SHOP_FOLDER}",
    }
    task = ", ".join(f"{key}: {value}" for key, value in (code | docs).items())
    keys = "doc_md: of $SHOP_FOLDER\n  default_args: {owner: $SHOP_FOLDER}"
    write("configs/team/env.yaml", f"env:\n  {keys}\n  tasks: {{run: {{{task}}}}}\n")
    write(POLICY, "expand_environment: [SHOP_FOLDER]\n")
    dag = loaded(tmp_path)["env"]
    assert dag.doc_md.startswith("`configs/team/env.yaml:1` · owner `$SHOP_FOLDER`\n\nof $SHOP_FOLDER\n\n")
    assert "ada" not in dag.doc_md
    run = dag.get_task("run")
    assert {key: getattr(run, key) for key in docs} == docs
    assert run.op_kwargs == {"doc": "/srv/shop-of-ada"}


def test_a_value_of_the_environment_is_in_no_message(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SHOP_RULE", "hunter2-is-no-rule")
    write("configs/team/env.yaml", bash(trigger_rule="$SHOP_RULE"))
    write(POLICY, "expand_environment: [SHOP_RULE]\nrules: {unknown-trigger-rule: off}\n")
    with caplog.at_level(logging.ERROR):
        assert set(loaded(tmp_path)) == {"good"}
    for said in (caplog.text, shown(tmp_path)):
        assert "build-failed" in said
        assert "hunter2" not in said
        assert "$SHOP_RULE" in said


def test_without_a_list_nothing_is_expanded(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_FOLDER", "/srv/shop")
    write("configs/team/env.yaml", bash(cwd="$SHOP_FOLDER"))
    assert loaded(tmp_path)["env"].get_task("run").cwd == "$SHOP_FOLDER"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$A_B", "x y"),
        ("${A_B}", "x y"),
        ("a$A_B/${A_B}b", "ax y/x yb"),
        ("$A_BC", "$A_BC"),
        ("$$A_B", "$x y"),
        ("${A_B", "${A_B"),
        ("$UNSET", "$UNSET"),
        ("$OTHER", "$OTHER"),
        ("{{ A_B }}", "{{ A_B }}"),
        ("$", "$"),
    ],
)
def test_only_whole_names_that_are_listed_and_set_are_expanded(
    monkeypatch: pytest.MonkeyPatch, text: str, value: str
) -> None:
    monkeypatch.setenv("A_B", "x y")
    monkeypatch.setenv("OTHER", "o")
    monkeypatch.delenv("UNSET", raising=False)
    config = {"$A_B": [text, 1, None, {"deep": text}]}
    assert expanded(config, ("A_B", "UNSET")) == {"$A_B": [value, 1, None, {"deep": value}]}
    assert config == {"$A_B": [text, 1, None, {"deep": text}]}


def test_a_short_value_is_not_looked_for_in_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT", "a")
    monkeypatch.setenv("LONG", "hunter2")
    assert concealed("a word: hunter2", ("SHORT", "LONG", "UNSET")) == "a word: $LONG"


@pytest.mark.parametrize("told", ["bad {0}", "bad {0!r}", "bad {0!r} and more"])
def test_a_value_is_concealed_also_where_a_message_has_quoted_it_or_is_one_line(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    value = '-----BEGIN  KEY-----\nit\'s \\ a "key"\n'
    monkeypatch.setenv("KEY", value)
    message = told.format(value)
    for shown in (message, " ".join(message.split())):
        assert "$KEY" in concealed(shown, ("KEY",))
        assert "BEGIN" not in concealed(shown, ("KEY",))


def test_a_value_that_holds_another_is_concealed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_USER", "shop")
    monkeypatch.setenv("URL", "db://shop:hunter2@host")
    assert concealed("no db://shop:hunter2@host for shop", ("A_USER", "URL")) == "no $URL for $A_USER"
