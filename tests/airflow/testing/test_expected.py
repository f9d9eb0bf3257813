"""What a test expects of data: what does not hold is told with the rows, and without what is sensitive."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from mergeflow.airflow.testing.databases import Database, database
from mergeflow.airflow.testing.expected import broken, wrong_states
from mergeflow.pipeline_tests import ExpectedData

Bounds = tuple[int | None, int | None]
Look = Callable[..., list[str]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Hold one expectation against a database of three orders, or against a folder."""
    (tmp_path / "out").mkdir()

    def work(source: str, what: str, rows: Bounds | None = None, place: Path | None = None) -> list[str]:
        each = ExpectedData("db", source, what, rows, None, ())
        with database("sqlite", tmp_path, "db") as made:
            if not (tmp_path / "db.db").exists():
                _fill(made)
            return list(broken(tmp_path, each, place or made))

    return work


def _fill(made: Database) -> None:
    engine = made.engine()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (id INTEGER, note TEXT, email TEXT)"))
        rows = "(1, 'a\nb', 'me@example.org'), (2, NULL, 'you@example.org'), (3, :long, NULL)"
        connection.execute(text(f"INSERT INTO orders VALUES {rows}"), {"long": "x" * 100})  # noqa: S608
    engine.dispose()


@pytest.mark.parametrize("rows", [(3, 3), (1, 3), (3, None), (None, 3), (0, 100)])
def test_as_many_rows_as_expected_are_nothing_to_tell(look: Look, rows: Bounds) -> None:
    assert look("table", "orders", rows) == []
    assert look("query", "SELECT * FROM orders;", rows) == []


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((4, 4), "has 3 rows, and 4 are expected"),
        ((1, 1), "has 3 rows, and 1 is expected"),
        ((4, None), "has 3 rows, and at least 4 are expected"),
        ((None, 2), "has 3 rows, and at most 2 are expected"),
        ((50, 2000), "has 3 rows, and 50 to 2,000 are expected"),
    ],
)
def test_other_numbers_are_told_with_the_rows(look: Look, rows: Bounds, told: str) -> None:
    (found,) = look("table", "orders", rows)
    assert found.splitlines() == [
        f"table `orders` of `db` {told}",
        "  id  note                                      email",
        "  1   a b                                       me@example.org",
        "  2   null                                      you@example.org",
        f"  3   {'x' * 39}…  null",
    ]


SUITE = "columns: {id: {}, email: {sensitive: true}}\nexpectations: [{expectation: expect_x}]\n"


def test_what_a_suite_calls_sensitive_is_not_shown(look: Look, tmp_path: Path) -> None:
    suite = tmp_path / "validators" / "expectations" / "team" / "people.yaml"
    suite.parent.mkdir(parents=True)
    suite.write_text(SUITE)
    (table,) = look("table", "orders", (0, 0))
    (query,) = look("query", "SELECT id, email AS contact, note FROM orders", (0, 0))
    (plain,) = look("query", "SELECT id, note AS remark FROM orders", (0, 0))
    assert "example.org" not in table + query
    assert table.splitlines()[2].split() == ["1", "a", "b", "•••"]
    assert query.splitlines()[2].split() == ["1", "•••", "•••"], "another name hides nothing"
    assert plain.splitlines()[2].split() == ["1", "a", "b"]


def test_of_many_rows_the_first_are_shown(look: Look) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n"
    (found,) = look("query", many, (0, 0))
    assert found.splitlines()[0] == "the query of `db` has 1,000 rows, and 0 are expected"
    assert found.splitlines()[-2:] == ["  10", "  and 990 more rows"]


@pytest.mark.parametrize(
    ("source", "what", "told"),
    [
        ("table", "order", "there is no table `order`; did you mean `orders`?"),
        ("table", "orders; DROP TABLE orders", "there is no table `orders; DROP TABLE orders`; there is `orders`"),
        ("query", "SELECT * FROM gone", "the query of `db` cannot be read: no such table: gone"),
        ("query", "DROP TABLE orders", 'the query of `db` cannot be read: near "DROP": syntax error'),
    ],
)
def test_what_cannot_be_looked_at_is_told(look: Look, source: str, what: str, told: str) -> None:
    assert look(source, what, (0, 0)) == [told]
    assert look("table", "orders", (3, 3)) == []


def test_a_file_must_be_there_and_hold_as_many_rows(look: Look, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert look("file", "a.csv", None, out) == ["there is no file `a.csv` in `db`; the folder is empty"]
    (out / "a.csv").write_text('id,note\n1,"two\nlines"\n2,x\n')
    (out / "a.jsonl").write_text("{}\n\n{}\n{}\n")
    assert look("file", "a.csv", (2, 2), out) == look("file", "a.jsonl", (3, 3), out) == []
    assert look("file", "a.csv", (3, 3), out) == ["file `a.csv` of `db` has 2 rows, and 3 are expected"]
    assert look("file", "b.csv", None, out) == ["there is no file `b.csv` in `db`; there is `a.csv`, `a.jsonl`"]
    (out / "a.csv").write_bytes(b"id\n\xe9\n")
    (found,) = look("file", "a.csv", (1, 1), out)
    assert found.startswith("file `a.csv` cannot be read")


@pytest.mark.parametrize("path", ["../db.db", "/etc/passwd", "link", "a/../../db.db"])
def test_no_file_outside_the_folder_counts(look: Look, tmp_path: Path, path: str) -> None:
    look("table", "orders", (3, 3))
    (tmp_path / "out" / "link").symlink_to(tmp_path / "db.db")
    assert look("file", path, None, tmp_path / "out") == [f"`{path}` is no path within the folder of `db`"]


def test_the_state_of_a_mapped_task_is_the_worst_of_its_instances() -> None:
    found = {
        "load": ["success"],
        "mapped": ["success", "failed", "success"],
        "partly": ["skipped", "success"],
        "skipped": ["skipped"],
    }
    expected = {"load": "success", "mapped": "success", "partly": "success", "skipped": "success", "gone": "success"}
    assert wrong_states(expected, found) == {
        "mapped": "task `mapped` is `failed` (1 of 3), and `success` is expected",
        "skipped": "task `skipped` is `skipped`, and `success` is expected",
        "gone": "the run has no task `gone`, which should be `success`",
    }
    assert wrong_states({"mapped": "failed"}, found) == {}
