"""Typed tasks in Airflow: dag-factory builds all of them, and a whole run of them does what they say."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mergeflow import tasks
from mergeflow.airflow.dagfactory import build
from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.compiler.typed import untyped
from mergeflow.render.task_types import page
from mergeflow.tasks import TASK_TYPES, model_of
from mergeflow.tasks.task_type import Several, TaskType
from mergeflow.workspace import select
from tests import casefile
from tests.conftest import Repository
from tests.live import fresh_database

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
CONFIG = """\
orders:
  schedule: null
  params: {country: CH}
  tasks:
    shell:
      type: script
      path: team/load.sh
      arguments: ["a b; $(touch OWNED) '\\"", "{{ params.country }}", 3]
      env: {COUNTRY: "{{ params.country }} & co"}
    python_script: {type: script, path: team/load.py, arguments: [x], dependencies: [shell]}
    fails: {type: script, path: team/fails.sh, retries: 0}
    call: {type: python, callable: callables.typed_team.double, arguments: {number: 21}}
    store:
      type: sql
      conn_id: typed_db
      sql: |
        CREATE TABLE IF NOT EXISTS orders (country, amount);
        DELETE FROM orders;
        INSERT INTO orders VALUES (:country, :amount);
      parameters: {country: "it's {{ params.country }}", amount: 7}
      dependencies: [python_script]
    read: {type: sql, conn_id: typed_db, file: team/read.sql, dependencies: [store]}
    ask:
      type: http
      conn_id: typed_api
      method: POST
      path: /reports
      query: {day: "{{ params.country }}"}
      json: {amount: 7, from: "{{ params.country }}", nothing: null}
      headers: {X-Run: "{{ dag.dag_id }}"}
      status: [201]
    file_is_there: {type: wait, file: "{{ params.country }}.csv", conn_id: typed_files, every: 1, timeout: 5}
"""
FILES = {
    "dags/scripts/team/load.sh": 'printf \'<%s>\' "$@"; echo " $COUNTRY $AIRFLOW_CTX_TASK_ID"\n',
    "dags/scripts/team/load.py": "import sys\nprint(sys.argv[1:], len(sys.executable) > 0)\n",
    "dags/scripts/team/fails.sh": "echo before; exit 3\n",
    "dags/scripts/team/read.sql": "SELECT country, amount FROM orders WHERE country LIKE '%{{ params.country }}';\n",
    "dags/callables/typed_team.py": "def double(number: int, ds=None) -> int:\n    return number * 2\n",
}
RUN = """\
import json, runpy, sys, warnings
warnings.simplefilter("ignore")
run = runpy.run_path(sys.argv[1])["dag orders"].test()
found = {ti.task_id: [str(ti.state), ti.xcom_pull(task_ids=ti.task_id)] for ti in run.get_task_instances()}
with open(sys.argv[2], "w") as file:
    json.dump(found, file)
"""


class Service(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    asked: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append({"path": self.path, "body": json.loads(body), "run": self.headers["X-Run"]})
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"stored": [1, 2]}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
        del format, args


@pytest.fixture
def service() -> Iterator[ThreadingHTTPServer]:
    Service.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.live
def test_a_run_of_every_type_does_what_it_says(
    repository: Callable[..., Repository], service: ThreadingHTTPServer, tmp_path: Path
) -> None:
    stub = "from mergeflow.airflow.loader import load_dags\nload_dags(globals(), 'team')\n"
    made = repository({"dags/team.py": stub, "configs/team/a.yaml": CONFIG, **FILES})
    assert made.check().diagnostics == ()
    (made.root / "CH.csv").touch()
    connections = {
        "TYPED_DB": {"conn_type": "sqlite", "host": str(tmp_path / "orders.db")},
        "TYPED_API": {"conn_type": "http", "host": "127.0.0.1", "port": service.server_port},
        "TYPED_FILES": {"conn_type": "fs", "extra": {"path": str(made.root)}},
    }
    environment = {
        **os.environ,
        **{f"AIRFLOW_CONN_{name}": json.dumps(each) for name, each in connections.items()},
        "AIRFLOW_HOME": str(tmp_path / "home"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(made.root / "dags"),
        "PYTHONPATH": str(made.root / "dags"),
        "NO_PROXY": "127.0.0.1",
    }
    fresh_database(tmp_path)
    result = tmp_path / "result.json"
    command = [sys.executable, "-c", RUN, made.root / "dags/team.py", result]
    ran = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.exists(), ran.stdout[-5000:] + ran.stderr[-5000:]
    assert json.loads(result.read_text()) == {
        "shell": ["success", "<a b; $(touch OWNED) '\"><CH><3> CH & co shell"],
        "python_script": ["success", "['x'] True"],
        "fails": ["failed", None],
        "call": ["success", 42],
        "store": ["success", None],
        "read": ["success", [{"__classname__": "builtins.tuple", "__version__": 1, "__data__": ["it's CH", 7]}]],
        "ask": ["success", {"stored": [1, 2]}],
        "file_is_there": ["success", None],
    }, ran.stdout[-5000:]
    body = {"amount": 7, "from": "CH", "nothing": None}
    assert Service.asked == [{"path": "/reports?day=CH", "body": body, "run": "orders"}]
    assert "team/fails.sh ended with exit code 3" in ran.stdout + ran.stderr
    assert not list(tmp_path.rglob("OWNED")), "no shell has read an argument"


@pytest.mark.parametrize("name", TASK_TYPES)
def test_dag_factory_builds_the_example_of_every_type(
    name: str, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = casefile.split(page(name, model_of(name)).example)
    made = repository({path.replace("callables/", "example_of_types/"): text for path, text in files.items()})
    monkeypatch.syspath_prepend(str(made.root / "dags"))
    for compiled in compile_project(select(made.root, ()).project):
        if name == "python":
            compiled.config["tasks"]["extract"]["python_callable"] = "example_of_types.team.extract_orders"
        dag = build(compiled, str(made.root / "dags/team.py"))
        assert dag.task_ids == list(compiled.config["tasks"])


class Copy(TaskType):
    """Two tasks."""

    def compile(self) -> Several:
        return Several({"write": {"operator": EMPTY, "dependencies": ["read"]}, "read": {"operator": EMPTY}})


@pytest.mark.parametrize("form", ["mapping", "list"])
def test_what_depends_on_a_type_of_several_tasks_waits_for_all(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tasks.TASK_TYPES, "copy", "")  # type: ignore[arg-type]
    monkeypatch.setattr("mergeflow.tasks.installed.load_own", lambda _: Copy)
    named: dict[str, Any] = {
        "start": {"operator": EMPTY},
        "copy": {"type": "copy", "dependencies": ["start"], "retries": 3},
        "end": {"operator": EMPTY, "dependencies": ["copy"]},
    }
    listed = [{"task_id": name, **each} for name, each in named.items()]
    config = untyped({"schedule": None, "tasks": named if form == "mapping" else listed})
    dag = build(CompiledDag("orders", "configs/team/a.yaml", config, ""))
    upstream = {name: task.upstream_task_ids for name, task in dag.task_dict.items()}
    assert upstream == {
        "start": set(),
        "copy__read": {"start"},
        "copy__write": {"copy__read"},
        "end": {"copy__write"},
    }
    assert dag.get_task("copy__read").retries == 3
    assert dag.get_task("copy__read").task_group.group_id == "copy"  # type: ignore[union-attr]
