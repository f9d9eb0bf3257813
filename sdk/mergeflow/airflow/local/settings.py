"""The environment of a local Airflow: SQLite, one machine, nothing that listens beyond 127.0.0.1.

Pure: what is generated once and kept (passwords, keys) comes in as `Secrets`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeflow.airflow.local.repository import Source

HOST = "127.0.0.1"
USER = "admin"

# Seconds. A refresh looks at the files of the branch, and asks Git when they have changed; a URL is always asked.
GIT_REFRESH = 2
URL_REFRESH = 5

# Seconds. With Git, `ConfigBundle` says what to parse; an hour is the net below it, for a parse whose result
# SQLite was too busy to take. Files without commits announce no change, so they are parsed again and again.
GIT_REPARSE = 3600
FILES_REPARSE = 5


@dataclass(frozen=True)
class Secrets:
    """What is generated once for a state folder."""

    password: str
    secret_key: str
    jwt_secret: str
    fernet_key: str


@dataclass(frozen=True)
class LocalSettings:
    """A local Airflow: where its state stands, what it follows, which port it serves.

    `connections` are Airflow Connection fields by connection id, `{state}` already replaced. `variables` of the
    environment win over all that is set here: what somebody tries out, such as another bundle.
    """

    state: Path
    source: Source
    port: int = 8080
    connections: Mapping[str, Mapping[str, Any]] | None = None
    variables: Mapping[str, str] | None = None

    @property
    def url(self) -> str:
        """The address of the web interface and the API."""
        return f"http://{HOST}:{self.port}"

    @property
    def home(self) -> Path:
        """Airflow's own folder (AIRFLOW_HOME)."""
        return self.state / "airflow"

    @property
    def logs(self) -> Path:
        """One file per component, and `tasks/` below."""
        return self.state / "logs"

    @property
    def bundles(self) -> Path:
        """Where Airflow keeps its clones."""
        return self.state / "bundles"

    @property
    def database(self) -> Path:
        """Airflow's own SQLite file."""
        return self.home / "airflow.db"

    @property
    def passwords(self) -> Path:
        """The file that holds the admin user's password, as Airflow reads it: JSON, user to password."""
        return self.state / "passwords.json"


def environment(settings: LocalSettings, secrets: Secrets, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for every Airflow process.

    The user's own `AIRFLOW__…` variables win over what is merely a good default (parallelism, log level), and
    lose where a value is what makes this Airflow local. A user's `AIRFLOW_CONN_…` wins over a declared one.
    """
    kept = {name: value for name, value in inherited.items() if name not in {"AIRFLOW_CONFIG", "AIRFLOW_HOME"}}
    connections = _connection_variables(settings.connections or {})
    fixed = {**_storage(settings), **_server(settings, secrets), **_dag_processor(settings)}
    return {**connections, **_defaults(), **kept, **_airflow(fixed), **_no_proxy(inherited)} | {
        "AIRFLOW_HOME": str(settings.home),
        "PYTHONUNBUFFERED": "1",
        **(settings.variables or {}),
    }


def connections(pyproject: Mapping[str, Any], state: Path) -> dict[str, dict[str, Any]]:
    """Return the table `tool.mergeflow.local.connections`, `{state}` replaced by the state folder.

    Raises:
        ValueError: the table is not one of tables, or an id cannot be a variable's name.
    """
    where = "tool.mergeflow.local.connections"
    table: Any = pyproject
    for key in where.split("."):
        table = table.get(key, {})
        if not isinstance(table, dict):
            raise ValueError(f"{where} in pyproject.toml must be a table, and so must all above it")  # noqa: TRY004
    found = {}
    for name, fields in sorted(table.items()):
        if not isinstance(fields, dict) or "conn_type" not in fields:
            raise ValueError(f"{where}.{name} in pyproject.toml must be a table with a conn_type")
        if not re.fullmatch(r"[A-Za-z0-9_]+", name):
            raise ValueError(f"{where}: {name!r} must consist of letters, digits and underscores")
        found[name] = {key: _fill(value, state) for key, value in fields.items()}
    return found


def _fill(value: Any, state: Path) -> Any:
    if isinstance(value, str):
        return value.replace("{state}", str(state))
    if isinstance(value, dict):
        return {key: _fill(inner, state) for key, inner in value.items()}
    return value


def _connection_variables(declared: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    variables = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in declared.items()}
    # The bundle's hook looks this one up in every task; found here, it costs no request.
    return {"AIRFLOW_CONN_GIT_DEFAULT": json.dumps({"conn_type": "git"}), **variables}


def _airflow(options: Mapping[tuple[str, str], object]) -> dict[str, str]:
    return {f"AIRFLOW__{s}__{key}".upper(): str(value) for (s, key), value in options.items()}


def _defaults() -> dict[str, str]:
    return _airflow(
        {
            ("core", "parallelism"): 8,
            ("core", "dags_are_paused_at_creation"): True,
            ("core", "hostname_callable"): "socket.gethostname",
            ("dag_processor", "parsing_processes"): 2,
            ("logging", "colored_console_log"): False,
            # A task whose process was killed with Mergeflow is found dead a minute after the next start.
            ("scheduler", "task_instance_heartbeat_timeout"): 60,
        }
    )


def _storage(settings: LocalSettings) -> dict[tuple[str, str], object]:
    return {
        ("core", "dags_folder"): settings.home / "dags",
        ("core", "plugins_folder"): settings.home / "plugins",
        ("core", "load_examples"): False,
        ("core", "executor"): "LocalExecutor",
        ("database", "sql_alchemy_conn"): f"sqlite:///{settings.database}",
        ("logging", "base_log_folder"): settings.logs / "tasks",
        ("logging", "dag_processor_child_process_log_directory"): settings.logs / "parsing",
        ("logging", "remote_logging"): False,
    }


def _server(settings: LocalSettings, secrets: Secrets) -> dict[tuple[str, str], object]:
    simple = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
    return {
        ("core", "auth_manager"): simple,
        ("core", "simple_auth_manager_users"): f"{USER}:admin",
        ("core", "simple_auth_manager_all_admins"): False,
        ("core", "simple_auth_manager_passwords_file"): settings.passwords,
        ("core", "fernet_key"): secrets.fernet_key,
        ("core", "execution_api_server_url"): f"{settings.url}/execution/",
        ("api", "host"): HOST,
        ("api", "port"): settings.port,
        ("api", "base_url"): settings.url,
        ("api", "workers"): 1,
        ("api", "secret_key"): secrets.secret_key,
        ("api_auth", "jwt_secret"): secrets.jwt_secret,
        ("scheduler", "enable_health_check"): False,
        ("scheduler", "scheduler_health_check_server_host"): HOST,
        ("dag_factory", "enable_telemetry"): False,
    }


def _dag_processor(settings: LocalSettings) -> dict[tuple[str, str], object]:
    source = settings.source
    refresh = URL_REFRESH if source.root is None else GIT_REFRESH
    return {
        ("dag_processor", "dag_bundle_storage_path"): settings.bundles,
        ("dag_processor", "dag_bundle_config_list"): json.dumps([source.bundle(refresh)]),
        ("dag_processor", "refresh_interval"): refresh,
        ("dag_processor", "bundle_refresh_check_interval"): 1,
        ("dag_processor", "min_file_process_interval"): GIT_REPARSE if source.follows_git else FILES_REPARSE,
        ("dag_processor", "file_parsing_sort_mode"): "modified_time",
        # A DAG that its file no longer has is stale at the next look, not a minute and two parses later. Each look
        # reads every DAG's row, 10 to 40 ms for 1,000 DAGs: every two seconds it was most of the dag-processor's work.
        ("dag_processor", "stale_dag_threshold"): 0,
        ("scheduler", "parsing_cleanup_interval"): 10,
        # Airflow drops a change of a DAG that it stored less than 30 s ago, and counts on the next parse, which here
        # is that of the next merge. Runs would be of a commit that lacks their tasks.
        ("core", "min_serialized_dag_update_interval"): 0,
    }


def _no_proxy(inherited: Mapping[str, str]) -> dict[str, str]:
    """Tasks reach the API over HTTP; a proxy that the user's shell names cannot reach this machine."""
    already = inherited.get("no_proxy") or inherited.get("NO_PROXY") or ""
    value = ",".join([*filter(None, already.split(",")), HOST, "localhost"])
    return {"no_proxy": value, "NO_PROXY": value}
