"""An Airflow connection as a SQLAlchemy engine, wherever the code runs.

The same call serves a PythonOperator's function, a script that a BashOperator started, and a script run
by hand with `AIRFLOW_CONN_<ID>` in the environment. The password goes from Airflow into the engine and
nowhere else: no template, no command line, no environment variable, no log.
"""

import os
import socket
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Engine, create_engine

if TYPE_CHECKING:
    from airflow.sdk import Connection

DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}

# What a connection's extra may say to the driver. Airflow's own hooks keep other things there, which no
# driver knows: those are passed over.
DRIVER_OPTIONS: Final = {
    "postgresql+psycopg": {
        "application_name", "connect_timeout", "gssencmode", "options", "sslcert", "sslkey", "sslmode",
        "sslrootcert", "target_session_attrs",
    },
    "mysql+pymysql": {
        "charset", "connect_timeout", "read_timeout", "ssl_ca", "ssl_cert", "ssl_check_hostname", "ssl_key",
        "unix_socket", "write_timeout",
    },
}  # fmt: skip

CONNECT_TIMEOUT: Final = "10"  # seconds; a server that is down is told within a retry, not within minutes
SQLITE_BUSY_TIMEOUT: Final = 30.0  # seconds that a writer waits for another writer


def engine(conn_id: str) -> Engine:
    """The Airflow connection `conn_id` as a new engine; the caller disposes of it.

    Raises AirflowNotFoundException where Airflow knows no such connection, ValueError where it cannot be
    used. Statement parameters stay out of error messages, as they end up in task logs.
    """
    connection = _connection(conn_id)
    if connection.conn_type == "sqlite":
        return create_engine(
            URL.create("sqlite", database=_sqlite_file(connection)),
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT},
            pool_pre_ping=True,
            hide_parameters=True,
        )
    if connection.conn_type not in DRIVERS:
        raise ValueError(
            f"connection `{conn_id}` has the type `{connection.conn_type}`, "
            f"which is none of {', '.join(sorted([*DRIVERS, 'sqlite']))}"
        )
    return create_engine(_server_url(connection), pool_pre_ping=True, hide_parameters=True)


def _server_url(connection: "Connection") -> URL:
    """The URL of a database server; `URL.create` takes the password as it is, whatever its characters."""
    driver = DRIVERS[str(connection.conn_type)]
    extra = connection.extra_dejson
    options = {key: str(extra[key]) for key in sorted(DRIVER_OPTIONS[driver] & extra.keys())}
    return URL.create(
        driver,
        username=connection.login,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        database=connection.schema,
        query={"connect_timeout": CONNECT_TIMEOUT, **options},
    )


def _sqlite_file(connection: "Connection") -> str:
    """The database file, its folder made: in `host` as Airflow's provider has it, or from `sqlite:////x`."""
    file = Path(connection.host or connection.schema or "")
    if not file.is_absolute():
        raise ValueError(f"connection `{connection.conn_id}` needs the absolute path of its file in `host`")
    file.parent.mkdir(parents=True, exist_ok=True)
    return str(file)


def _connection(conn_id: str) -> "Connection":
    """Ask Airflow, from wherever this runs.

    A task's environment says `airflow-db-not-allowed:///` where the metadata database was, and in a script
    that the task started, importing Airflow would fail on it. The variable is Airflow's own, for the
    scripts of its virtualenv operators: import without that database.
    """
    database = os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "")
    if "airflow" not in sys.modules and database.startswith("airflow-db-not-allowed:"):
        os.environ["PYTHON_OPERATORS_VIRTUAL_ENV_MODE"] = "1"
    from airflow.sdk import Connection

    _join_supervisor()
    connection: Connection = Connection.get(conn_id)
    return connection


def _join_supervisor() -> None:
    """Let a script that a task started ask that task's supervisor, as the task itself does.

    Airflow gives a task a socket to its supervisor as fd 0, and what the task starts inherits it; again
    this is what the virtualenv operators do. Only under a task: a socket that something else left on fd 0
    would never answer. `dag.test()` has its socket elsewhere and BashOperator closes it; then only the
    environment knows connections.
    """
    from airflow.sdk.execution_time import task_runner

    if hasattr(task_runner, "SUPERVISOR_COMMS") or "AIRFLOW_CTX_TASK_ID" not in os.environ:
        return
    if _is_unix_socket(int(os.environ.get("__AIRFLOW_SUPERVISOR_FD", "0"))):
        task_runner.reinit_supervisor_comms()


def _is_unix_socket(fd: int) -> bool:
    """Whether `fd` is open and a Unix socket; the fd itself is left as it is."""
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            return False
        with socket.socket(fileno=os.dup(fd)) as peer:
            return peer.family == socket.AF_UNIX
    except OSError:
        return False
