"""Where a DAG comes from: line and lines, template, item, owners."""

from collections.abc import Mapping

import pytest

from mergeflow.compiler import CompiledDag, compile_project
from mergeflow.compiler.origin import Item, Origin, own_text
from mergeflow.project import load

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
TASKS = f"  tasks: {{load: {{operator: {EMPTY}}}}}\n"
TEMPLATE = f"params: {{}}\ndag:\n{TASKS}"
PATH = "configs/shop/a.yaml"


def compiled(text: str, others: Mapping[str, str] | None = None) -> list[CompiledDag]:
    files = {PATH: text, **(others or {})}
    return compile_project(load({path: text.encode() for path, text in files.items()}))


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("a:\n  x: 1\n", "a", (1, "a:\n  x: 1\n")),
        ("# why\n\na:\n  x: 1\n# next\nb: 2\n", "a", (3, "a:\n  x: 1\n# next\n")),
        ("a: 1\nb: 2", "b", (2, "b: 2\n")),
        ("a:b: 1\na: 2\n", "a", (2, "a: 2\n")),
        ("ab: 1\n'a': 2\n", "a", (2, "'a': 2\n")),
        ("x:\n  a: 1\n", "a", (0, "x:\n  a: 1\n")),
        ("{a: 1}\n", "a", (0, "{a: 1}\n")),
        ("x: 1\r\na:\r\n  y: 2\r\nb: 3\r\n", "a", (2, "a:\r\n  y: 2\n")),
        ("a:", "a", (1, "a:\n")),
        ("", "a", (0, "")),
    ],
)
def test_a_dags_lines_are_told_from_the_text(text: str, key: str, found: tuple[int, str]) -> None:
    assert own_text(text, key) == found


def test_each_dag_of_a_file_has_its_line() -> None:
    assert [dag.origin.line for dag in compiled(f"a:\n{TASKS}\n# b\nb:\n{TASKS}")] == [1, 5]


def test_a_dag_from_a_template_names_it() -> None:
    (dag,) = compiled("a: {template: nightly}\n", {"configs/templates/nightly.yaml": TEMPLATE})
    assert dag.origin == Origin(1, "configs/templates/nightly.yaml")


def items(for_each: str, others: Mapping[str, str] | None = None) -> list[Item | None]:
    text = f'"a_${{{{ item.id }}}}":\n  for_each: {for_each}\n{TASKS}'
    return [dag.origin.item for dag in compiled(text, others)]


def test_an_item_of_a_table_has_its_line() -> None:
    path = "configs/shop/b.csv"
    found = items("{file: b.csv}", {path: "id\n7\n\n9\n"})
    assert found == [Item(path, 2, is_line=True), Item(path, 4, is_line=True)]


def test_an_item_of_a_list_is_counted() -> None:
    path = "configs/shop/b.yaml"
    assert items("[{id: 7}, {id: 9}]") == [Item(PATH, 1, is_line=False), Item(PATH, 2, is_line=False)]
    assert items("{file: b.yaml}", {path: "# two\n- {id: 7}\n- {id: 9}\n"})[1] == Item(path, 2, is_line=False)


def test_nothing_is_composed_to_tell_where_a_dag_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yaml.compose", lambda *_, **__: pytest.fail("composed"))
    assert len(items("[{id: 7}, {id: 9}]")) == 2


OWNED = f"a:\n  default_args: {{owner: %s}}\n  tasks:\n    load: {{operator: {EMPTY}}}\n"
POLICY = {"validators/policy.yaml": "teams: {shop: {owners: [ada, bob]}}\n"}


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        (OWNED % "eve", ("eve",)),
        (OWNED % "'eve, mallory ,'", ("eve", "mallory")),
        (OWNED % "eve" + f"    more: {{operator: {EMPTY}, owner: mallory}}\n", ("eve", "mallory")),
        (OWNED % "' '", ("ada", "bob")),
        (f"default: {{default_args: {{owner: eve}}}}\na:\n{TASKS}", ("eve",)),
        (f"a:\n{TASKS}", ("ada", "bob")),
    ],
)
def test_owners_are_those_of_the_dag_else_those_of_its_team(text: str, owners: tuple[str, ...]) -> None:
    assert compiled(text, POLICY)[0].origin.owners == owners


def test_nobody_may_own_a_dag() -> None:
    assert compiled(f"a:\n{TASKS}")[0].origin.owners == ()


def test_a_text_of_nothing_but_colons_is_read_at_once() -> None:
    assert own_text("a" + ":" * 100_000, "b")[0] == 0
    assert own_text("a:" * 50_000, "b")[0] == 0
    assert own_text("\na" * 50_000, "b")[0] == 0
