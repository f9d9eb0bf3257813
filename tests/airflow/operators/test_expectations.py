"""The operator: what stops, what only reports, and what is said. tests/systems holds it against real servers."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from sqlalchemy import text

from mergeflow.airflow.connections import engine as engine_of
from mergeflow.airflow.operators import expectations
from mergeflow.airflow.operators.expectations import ExpectationsOperator
from tests.quality.quietly import import_great_expectations

SUITE = """\
columns: {id: {type: integer, nullable: false}, ok: {type: boolean}, note: {type: text}}
expectations:
- {expectation: expect_column_values_to_be_between, column: amount, min_value: 0}
- {expectation: expect_column_values_to_match_regex, column: note, regex: "^[a-z]+$", severity: warning}
"""
TABLE = "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER, ok BOOLEAN, note VARCHAR(20))"
ROWS = "INSERT INTO orders VALUES (1, 5, true, 'fine'), (2, -7, false, '12'), (3, 0, true, 'so')"


class Pushed:
    """A task instance that remembers what was pushed."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        json.dumps(value)
        self.values[key] = value


@pytest.fixture(scope="module", autouse=True)
def _great_expectations() -> None:
    import_great_expectations()


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connection `data`, behind which two rows are right and one is wrong."""
    monkeypatch.setenv("AIRFLOW_CONN_DATA", json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "data.db")}))
    engine = engine_of("data")
    with engine.begin() as connection:
        connection.execute(text(TABLE))
        connection.execute(text(ROWS))
    yield
    engine.dispose()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Pushed]:
    """Execute the operator in a DAG of a repository that has the suite `team/orders`."""
    root = tmp_path / "repository"
    file = root / "validators/expectations/team/orders.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(SUITE)

    def execute(**arguments: Any) -> Pushed:
        with DAG("orders", schedule=None) as dag:
            task = ExpectationsOperator(task_id="check", **{"suite": "team/orders", **arguments})
        dag.fileloc = str(root / "dags/team.py")
        pushed = Pushed()
        try:
            pushed.xcom_push("return_value", task.execute({"ti": pushed}))  # type: ignore[typeddict-item]
        except AirflowException as error:
            error.add_note(json.dumps(pushed.values))
            raise
        return pushed

    return execute


@pytest.mark.usefixtures("database")
def test_what_is_critical_fails_the_task_and_shows_the_values(run: Callable[..., Pushed]) -> None:
    with pytest.raises(AirflowFailException) as caught:
        run(conn_id="data", table="orders")
    assert str(caught.value) == (
        "suite `team/orders`: 2 of 9 expectations are broken on table `orders`\n"
        "  critical: expect_column_values_to_be_between (column: amount, min_value: 0): "
        "1 of 3 values, such as -7 (id 2)\n"
        "  warning: expect_column_values_to_match_regex (column: note, regex: ^[a-z]+$): "
        "1 of 3 values, such as 12 (id 2)"
    )
    (note,) = caught.value.__notes__
    summary = json.loads(note)["return_value"]
    assert (summary["success"], summary["failed"], summary["warnings"]) == (False, 2, 1)
    assert "-7" not in note, "the summary holds no data"


@pytest.mark.usefixtures("database")
def test_a_warning_is_logged_and_the_task_succeeds(
    run: Callable[..., Pushed], capsys: pytest.CaptureFixture[str]
) -> None:
    pushed = run(conn_id="data", query="SELECT * FROM orders WHERE amount >= 0 OR note = 'a:b'")
    assert pushed.values["return_value"]["success"] is True
    assert "suite `team/orders`: all 6 expectations hold on the query" in capsys.readouterr().out
    pushed = run(conn_id="data", query="SELECT id, -amount AS amount, ok, note FROM orders WHERE id = 2;")
    assert (pushed.values["return_value"]["success"], pushed.values["return_value"]["warnings"]) == (True, 1)
    logged = capsys.readouterr().out
    assert "[warning  ] suite `team/orders`: 1 of 6 expectations is broken on the query" in logged
    assert "1 of 1 values, such as 12" in logged


def test_a_file_is_found_in_the_repository(run: Callable[..., Pushed], tmp_path: Path) -> None:
    file = tmp_path / "repository/validators/samples/orders.csv"
    file.parent.mkdir()
    file.write_text("id,amount,ok,note\n1,5,true,fine\n")
    assert run(file="validators/samples/orders.csv").values["return_value"]["success"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"conn_id": "nowhere", "table": "orders"}, "suite `team/orders`: there is no connection `nowhere`"),
        ({"conn_id": "data", "table": "ordres"}, "suite `team/orders`: there is no table `ordres`"),
        ({"conn_id": "data", "query": "SELECT"}, "suite `team/orders`: the query cannot be run: "),
        ({"conn_id": "mail", "table": "orders"}, "suite `team/orders`: connection `mail` has the type `smtp`"),
        ({"file": "orders.csv"}, "suite `team/orders`: file `orders.csv` cannot be read: no such file or directory"),
        ({"suite": "team/ordres", "conn_id": "data", "table": "orders"}, "there is no suite `team/ordres`"),
    ],
)
def test_what_is_not_there_is_one_line(
    arguments: dict[str, str], said: str, run: Callable[..., Pushed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DATA", json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "data.db")}))
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({"conn_type": "smtp"}))
    with pytest.raises(AirflowException) as caught:
        run(**arguments)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__, "no second traceback"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("sensitive", [True, False])
def test_an_unforeseen_error_is_in_the_report_and_quotes_nothing_sensitive(
    sensitive: bool,  # noqa: FBT001
    run: Callable[..., Pushed],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("alice@example.org is no number")

    reported: list[str | None] = []
    monkeypatch.setattr("mergeflow.quality.validate.validate", fail)
    monkeypatch.setattr("mergeflow.airflow.reports.write", lambda *given: reported.append(given[2]))
    file = tmp_path / "repository/validators/expectations/team/orders.yaml"
    file.write_text(SUITE.replace("note: {", f"note: {{sensitive: {str(sensitive).lower()}, "))
    with pytest.raises(AirflowException if sensitive else ValueError) as caught:
        run(conn_id="data", table="orders")
    assert reported == [str(caught.value)]
    assert ("alice" in str(caught.value)) is not sensitive
    assert not sensitive or caught.value.__suppress_context__


@pytest.mark.usefixtures("database")
def test_what_could_not_be_looked_at_is_tried_again(run: Callable[..., Pushed], tmp_path: Path) -> None:
    file = tmp_path / "repository/validators/expectations/team/orders.yaml"
    file.write_text("expectations: [{expectation: expect_column_values_to_be_unique, column: gone}]\n")
    with pytest.raises(AirflowException, match="1 of 1 expectation is broken") as caught:
        run(conn_id="data", table="orders")
    assert not isinstance(caught.value, AirflowFailException)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("window", [{"column": "id"}, {"column": "id", "hours": 1}])
def test_a_run_without_a_moment_has_no_window(run: Callable[..., Pushed], window: dict[str, Any]) -> None:
    with pytest.raises(AirflowException, match=r"suite `team/orders`: this run has no "):
        run(conn_id="data", table="orders", window=window)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"file": "a.csv", "window": {"column": "at", "hours": 1}},
        {"conn_id": "data", "table": "orders", "window": {"hours": 1}},
        {"conn_id": "data", "rows_of": "load"},
        {"file": "a.csv", "on_failure": "skip"},
        {"conn_id": "data"},
        {"table": "orders"},
        {"conn_id": "data", "file": "orders.csv"},
        {"conn_id": "data", "table": "orders", "query": "SELECT 1"},
    ],
)
def test_data_is_named_in_one_way(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^(give |`on_failure` is one of)"):
        ExpectationsOperator(task_id="check", suite="team/orders", **arguments)  # type: ignore[arg-type]


def test_parsing_a_dag_imports_neither_great_expectations_nor_sqlalchemy() -> None:
    tree = ast.parse(Path(expectations.__file__).read_text())
    names = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert names <= {
        *("collections.abc", "contextlib", "pathlib", "time", "typing"),
        *("airflow.sdk", "airflow.sdk.bases.skipmixin", "airflow.sdk.exceptions"),
    }
