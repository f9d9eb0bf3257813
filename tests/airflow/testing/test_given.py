"""What a test begins with: tables of samples, with the types that they should have, and files in folders."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from mergeflow.airflow.testing.databases import Database, database
from mergeflow.airflow.testing.given import copy, fill
from mergeflow.airflow.testing.sample_rows import GivenError

ORDERS = "validators/samples/team/orders.csv"
HEAD = "id,amount,paid,code,day,at,note\n"
ROW = "1,9.50,true,007,2026-01-31,2026-01-31T10:30:00,\n"

Fill = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def given(tmp_path: Path) -> Fill:
    """Fill a table from files; what is in it then."""

    def work(files: Mapping[str, str | bytes], *names: str, table: str = "orders") -> list[tuple[object, ...]]:
        root = tmp_path / "root"
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        with database("sqlite", tmp_path, "db") as made:
            fill(made, root, table, names or [*files])
            return rows_of(made, table)

    return work


def rows_of(made: Database, table: str) -> list[tuple[object, ...]]:
    engine = made.engine()
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]  # noqa: S608
    engine.dispose()
    return found


def types_of(tmp_path: Path, table: str) -> dict[str, str]:
    with database("sqlite", tmp_path, "db") as made:
        engine = made.engine()
        found = {each["name"]: str(each["type"]) for each in inspect(engine).get_columns(table)}
        engine.dispose()
    return found


def test_a_table_gets_the_types_that_its_values_have(given: Fill, tmp_path: Path) -> None:
    assert given({ORDERS: HEAD + ROW}) == [
        (1, 9.5, 1, "007", "2026-01-31", "2026-01-31 10:30:00.000000", None),
    ]
    assert types_of(tmp_path, "orders") == {
        "id": "BIGINT", "amount": "DOUBLE", "paid": "BOOLEAN", "code": "TEXT", "day": "DATE", "at": "DATETIME",
        "note": "TEXT",
    }  # fmt: skip


def test_the_suite_of_a_sample_knows_better(given: Fill, tmp_path: Path) -> None:
    suite = "columns: {id: {type: text}, amount: {type: number}}\nexpectations: [{expectation: expect_x, column: id}]\n"
    files = {ORDERS: "id,amount\n1,2\n", "validators/expectations/team/orders.yaml": suite}
    assert given(files, ORDERS) == [("1", 2.0)]
    assert types_of(tmp_path, "orders") == {"id": "TEXT", "amount": "DOUBLE"}


def test_lines_of_json_keep_their_types(given: Fill) -> None:
    lines = '{"id": 1, "paid": true, "tags": ["a"]}\n\n{"id": 2, "note": "x"}\n'
    assert given({"orders.jsonl": lines}) == [(1, 1, '["a"]', None), (2, None, None, "x")]


def test_a_table_that_a_script_has_made_keeps_its_own_defaults(given: Fill) -> None:
    script = (
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount NUMERIC, state TEXT DEFAULT 'new');\n"
        "INSERT INTO orders VALUES (7, 1, 'old');"
    )
    assert given({"a.sql": script, "b.csv": "amount\n2.5\n"}) == [(7, 1, "old"), (8, 2.5, "new")]


def test_an_empty_table_is_made_by_a_script_alone(given: Fill) -> None:
    assert given({"a.sql": "CREATE TABLE orders (id INTEGER)"}) == []


SECRET = "alice@example.org"
SENSITIVE = {
    "validators/expectations/team/others.yaml": "columns: {card: {sensitive: true, type: integer}}\n",
    "validators/expectations/team/orders.yaml": "columns: {card: {type: integer}, id: {type: integer}}\n",
}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {ORDERS: f"id,card\n1,{SECRET}\n"},
            f"`{ORDERS}` has ••• in the column `card`, which holds ints",
        ),
        ({ORDERS: "id,card\nseven,1\n"}, f"`{ORDERS}` has 'seven' in the column `id`, which holds ints"),
        (
            {"a.sql": f"INSERT INTO orders VALUES (1, json('{SECRET}'));"},  # noqa: S608
            "its statements fail: malformed JSON",
        ),
    ],
)
def test_what_is_sensitive_is_not_in_what_is_told(given: Fill, files: dict[str, str], message: str) -> None:
    with pytest.raises(GivenError) as caught:
        given({"made.sql": "CREATE TABLE orders (id INTEGER, card INTEGER);", **files, **SENSITIVE}, "made.sql", *files)
    assert str(caught.value).startswith(message)
    assert SECRET not in str(caught.value)


def test_a_line_of_a_csv_ends_nowhere_else(given: Fill) -> None:
    odd = "one\u2028two\x0cthree\x85four"
    assert given({ORDERS: f"id,note\n1,{odd}\n"}) == [(1, odd)]


def test_a_table_s_name_is_a_name_whatever_stands_in_it(tmp_path: Path) -> None:
    name = 'orders"; DROP TABLE kept; --'
    (tmp_path / "a.csv").write_text("id\n1\n")
    with database("sqlite", tmp_path, "db") as made:
        fill(made, tmp_path, "kept", ["a.csv"])
        fill(made, tmp_path, name, ["a.csv"])
        engine = made.engine()
        assert inspect(engine).get_table_names() == ["kept", name]
        engine.dispose()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.csv": "id,amount\n1\n"}, "line 2 of `a.csv` has 1 values, and there are 2 columns"),
        ({"a.csv": "id,id\n1,2\n"}, "the first line of `a.csv` must name each column, and none twice"),
        ({"a.csv": "id,\n1,2\n"}, "the first line of `a.csv` must name each column, and none twice"),
        ({"a.csv": ""}, "the first line of `a.csv` must name each column, and none twice"),
        ({"a.csv": "id\n"}, "`a.csv` has no rows, so nobody can tell the columns of the table `orders`"),
        ({"a.csv": 'id\n"1\n'}, "line 2 of `a.csv` is no CSV: unexpected end of data"),
        ({"a.csv": b"id\n\xe9\n"}, "`a.csv` is not UTF-8"),
        ({"a.jsonl": "{}\n[]\n"}, "line 2 of `a.jsonl` is no JSON object"),
        ({"a.jsonl": "{"}, "line 1 of `a.jsonl` is no JSON"),
        ({"a.xlsx": "x"}, "`a.xlsx` is none of .csv, .jsonl, .parquet, .sql, from which a table can be filled"),
        ({"a.sql": "CREATE TABLE"}, "its statements fail: incomplete input"),
        ({"a.sql": "CREATE TABLE orders (id INTEGER)", "b.csv": "id,amont\n1,2\n"},
         "`b.csv` has a column `amont`, and the table `orders` has only `id`"),
        ({"a.sql": "CREATE TABLE orders (id INTEGER)", "b.csv": "id\nseven\n"},
         "`b.csv` has 'seven' in the column `id`, which holds ints"),
        ({"a.sql": "CREATE TABLE orders (id INTEGER NOT NULL)", "b.jsonl": '{"id": null}'},
         "`b.jsonl` cannot be put into the table `orders`: NOT NULL constraint failed: orders.id"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_there_is_told(given: Fill, files: dict[str, str], message: str) -> None:
    with pytest.raises(GivenError) as told:
        given(files)
    assert str(told.value) == message


@pytest.mark.parametrize(
    "path", ["../secret.csv", "/etc/passwd.csv", "a/../../secret.csv", "link.csv", "~/x.csv", "no.csv"]
)
def test_no_file_but_those_of_the_repository_is_read(given: Fill, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.csv").write_text("id\n1\n")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(GivenError):
        given({}, path)


def test_a_file_is_copied_into_a_folder_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.csv").write_text("id\n")
    copy(tmp_path / "folder", tmp_path / "root", "in/a.csv", ["a.csv"])
    assert (tmp_path / "folder" / "in" / "a.csv").read_text() == "id\n"
    for name in ("../a.csv", "/a.csv", "in/../../a.csv"):
        with pytest.raises(GivenError):
            copy(tmp_path / "folder", tmp_path / "root", name, ["a.csv"])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "root"]
