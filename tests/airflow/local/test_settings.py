import json
import stat
from pathlib import Path

import pytest

from mergeflow.airflow.local import state
from mergeflow.airflow.local.repository import Source
from mergeflow.airflow.local.settings import LocalSettings, Secrets, connections, environment

SECRETS = Secrets("password", "secret", "jwt", "fernet")


def settings(tmp_path: Path, *, branch: str | None = "main", port: int = 8123) -> LocalSettings:
    declared = {"transactions_db": {"conn_type": "sqlite", "host": "/x.db"}}
    return LocalSettings(tmp_path / "state", Source(str(tmp_path / "repo"), branch), port, declared)


def variables(tmp_path: Path, inherited: dict[str, str] | None = None, branch: str | None = "main") -> dict[str, str]:
    return environment(settings(tmp_path, branch=branch), SECRETS, inherited or {})


def test_what_makes_it_local_is_not_overridden(tmp_path: Path) -> None:
    found = variables(
        tmp_path,
        {
            "AIRFLOW_HOME": "/elsewhere",
            "AIRFLOW_CONFIG": "/elsewhere/airflow.cfg",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://production",
            "AIRFLOW__API__HOST": "0.0.0.0",  # noqa: S104 (what must not come through)
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        },
    )
    assert found["AIRFLOW_HOME"] == str(tmp_path / "state" / "airflow")
    assert "AIRFLOW_CONFIG" not in found
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("sqlite:///")
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert found["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"


def test_good_defaults_are_overridden(tmp_path: Path) -> None:
    assert variables(tmp_path)["AIRFLOW__CORE__PARALLELISM"] == "8"
    assert variables(tmp_path, {"AIRFLOW__CORE__PARALLELISM": "2"})["AIRFLOW__CORE__PARALLELISM"] == "2"


def test_what_is_tried_out_wins(tmp_path: Path) -> None:
    tried = LocalSettings(
        tmp_path, Source("/repo", "main"), variables={"AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30"}
    )
    assert environment(tried, SECRETS, {})["AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL"] == "30"


def test_every_address_names_the_port(tmp_path: Path) -> None:
    found = variables(tmp_path)
    assert found["AIRFLOW__API__PORT"] == "8123"
    assert found["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8123"
    assert found["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_bundle_of_a_branch(tmp_path: Path) -> None:
    found = variables(tmp_path)
    (bundle,) = json.loads(found["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
    assert bundle["classpath"] == "mergeflow.airflow.bundle.ConfigBundle"
    assert bundle["kwargs"]["repo_url"] == str(tmp_path / "repo")
    assert bundle["kwargs"]["tracking_ref"] == "main"
    assert bundle["kwargs"]["subdir"] == "dags"
    assert found["AIRFLOW__DAG_PROCESSOR__FILE_PARSING_SORT_MODE"] == "modified_time"
    assert int(found["AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL"]) >= 3600


def test_bundle_of_a_working_tree(tmp_path: Path) -> None:
    found = variables(tmp_path, branch=None)
    (bundle,) = json.loads(found["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
    assert bundle["classpath"].endswith(".LocalDagBundle")
    assert bundle["kwargs"]["path"] == str(tmp_path / "repo" / "dags")
    assert int(found["AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL"]) <= 10


def test_local_requests_pass_no_proxy(tmp_path: Path) -> None:
    found = variables(tmp_path, {"https_proxy": "http://proxy:3128", "no_proxy": "example.org"})
    assert found["no_proxy"] == found["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_telemetry_is_off(tmp_path: Path) -> None:
    assert variables(tmp_path)["AIRFLOW__DAG_FACTORY__ENABLE_TELEMETRY"] == "False"


def test_declared_connection_loses_to_the_users_own(tmp_path: Path) -> None:
    name = "AIRFLOW_CONN_TRANSACTIONS_DB"
    assert json.loads(variables(tmp_path)[name]) == {"conn_type": "sqlite", "host": "/x.db"}
    assert variables(tmp_path, {name: "postgresql://u@h/d"})[name] == "postgresql://u@h/d"


def test_connections_name_the_state_folder() -> None:
    declared = {"db": {"conn_type": "sqlite", "host": "{state}/a.db", "extra": {"x": "{state}", "y": 1}}}
    table = {"tool": {"mergeflow": {"local": {"connections": declared}}}}
    assert connections(table, Path("/s")) == {
        "db": {"conn_type": "sqlite", "host": "/s/a.db", "extra": {"x": "/s", "y": 1}}
    }
    assert connections({}, Path("/s")) == {}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("x", "must be a table"),
        ({"db": "sqlite://"}, "db in pyproject.toml must be a table with a conn_type"),
        ({"db": {"host": "h"}}, "db in pyproject.toml must be a table with a conn_type"),
        ({"a b": {"conn_type": "sqlite"}}, "'a b' must consist of letters, digits and underscores"),
    ],
)
def test_connections_that_are_none(declared: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        connections({"tool": {"mergeflow": {"local": {"connections": declared}}}}, Path("/s"))


def test_secrets_are_private_and_stay(tmp_path: Path) -> None:
    local = settings(tmp_path)
    state.lock(local).close()
    first = state.prepare(local)
    assert state.prepare(local) == first
    assert len({*vars(first).values()}) == 4
    assert json.loads(local.passwords.read_text()) == {"admin": first.password}
    for file in (local.passwords, local.state / "secrets.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(local.state.stat().st_mode) == 0o700


def test_secrets_cut_off_by_a_full_disk_are_made_anew(tmp_path: Path) -> None:
    local = settings(tmp_path)
    state.prepare(local)
    (local.state / "secrets.json").write_text('{"password": "x"')
    assert state.prepare(local).password != "x"


def test_clones_of_another_branch_are_forgotten(tmp_path: Path) -> None:
    state.prepare(settings(tmp_path))
    clone = settings(tmp_path).bundles / "repository" / "bare"
    clone.mkdir(parents=True)
    (clone / "refs.lock").touch()
    (clone.parent / "tracking_repo").mkdir()
    state.prepare(settings(tmp_path))
    assert [path.name for path in clone.parent.iterdir()] == ["bare"]
    assert list(clone.iterdir()) == []
    state.prepare(settings(tmp_path, branch="other"))
    assert not clone.exists()


def test_half_made_database_is_made_anew(tmp_path: Path) -> None:
    local = settings(tmp_path)
    state.prepare(local)
    local.database.write_text("half")
    assert not state.migrated(local, "3.3.2")
    state.drop_half_made_database(local)
    assert not local.database.exists()
    local.database.write_text("whole")
    state.mark_migrated(local, "3.3.2")
    state.drop_half_made_database(local)
    assert state.migrated(local, "3.3.2")
    assert not state.migrated(local, "3.4.0")
