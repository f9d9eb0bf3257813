"""Templates and items: one DAG written once becomes many, and each value keeps the place that it came from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mergeflow.compiler import compile_project
from mergeflow.project import Project, load
from tests.conftest import Repository

EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"
A = "configs/team/a.yaml"
NIGHTLY = f"""\
description: a table, loaded once a night
params:
  table: {{type: string}}
  retries: {{type: integer, default: 2, minimum: 0}}
  tags: {{type: array, default: [night]}}
dag:
  schedule: "@daily"
  tags: ${{{{ params.tags }}}}
  default_args: {{owner: platform, retries: 1}}
  tasks:
    load: {{operator: {EMPTY}, retries: "${{{{ params.retries }}}}", doc_md: "loads ${{{{ params.table }}}}"}}
    tell: {{operator: {EMPTY}, dependencies: [load]}}
"""


def project(text: str, **files: str) -> Project:
    """A project of one config, the template `nightly`, and files beside the config."""
    beside = {f"configs/team/{name.replace('_', '.')}": content.encode() for name, content in files.items()}
    return load({A: text.encode(), "configs/templates/nightly.yaml": NIGHTLY.encode(), **beside})


def configs(text: str, **files: str) -> dict[str, dict[str, Any]]:
    """The compiled DAGs by id; nothing may be wrong with them."""
    made = project(text, **files)
    assert made.making == ()
    return {each.dag_id: each.config for each in compile_project(made)}


@pytest.mark.parametrize(
    ("text", "rule", "message", "hint"),
    [
        ("o: {template: nigthly}", "unknown-template", "there is no template `nigthly`", "did you mean `nightly`?"),
        ("o: {template: 5}", "unknown-template", "there is no template `5`", "there is `nightly`"),
        ("o: {with: {a: 1}}", "unknown-template", "`with` gives parameters to a template, and this DAG has none", None),
        ("o: {template: nightly}", "wrong-parameter", "template `nightly` needs `table`", "add `table: …`"),
        (
            "o: {template: nightly, with: {table: a, retires: 1}}",
            "wrong-parameter",
            "template `nightly` has no parameter `retires`",
            "did you mean `retries`?",
        ),
        ("o: {template: nightly, with: {table: 5}}", "wrong-parameter", "`table` must be text, not a number", None),
        (
            "o: {template: nightly, with: {table: a, retries: -1}}",
            "wrong-parameter",
            "`retries` is refused: -1 is less than the minimum of 0",
            "the template's `params` say what it takes",
        ),
        ("o: {template: nightly, with: [a]}", "wrong-parameter", "`with` must be a mapping, not a list", None),
        ("o: {for_each: a}", "wrong-items", "`for_each` must be a list, not text", None),
        ("o: {for_each: []}", "wrong-items", "`for_each` has no items, so it makes no DAG", None),
        ("o: {for_each: {file: no.csv}}", "wrong-items", "there is no file `configs/team/no.csv` with items", None),
        ("o: {for_each: {file: ../../a.csv}}", "wrong-items", "there is no file `configs/team/../../a.csv`", None),
        ("o: {tags: ['${{ item.x }}']}", "unknown-expression", "nothing is called `item` here", None),
        ("o_${{ item.x }}: {for_each: [{y: 1}]}", "unknown-expression", "`item` has no `x`", None),
    ],
)
def test_what_makes_no_dag_is_named(text: str, rule: str, message: str, hint: str | None) -> None:
    made = project(text)
    (problem,) = made.making
    assert (problem.rule, problem.place.path) == (rule, A)
    assert problem.message.startswith(message)
    assert hint is None or problem.hint == hint
    assert made.dags == ()
    assert len(made.unmade) == 1


ITEMS = "configs/team/items.csv"


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("", 1, "this table has no rows, so it makes no DAG"),
        ("id,name\n", 1, "this table has no rows, so it makes no DAG"),
        ("id;name\n1;a\n", 1, "this table is separated by `;`"),
        ("id,id\n1,2\n", 1, "two columns are called `id`"),
        ("id,\n1,2\n", 1, "a column has no name"),
        ('id\n1\n"2\n', 3, "this is no CSV: unexpected end of data"),
        ("id\n\xff\n", 1, "this file is not UTF-8"),
        ("id\n" + "1\n" * 100_000, 10_002, "this table has more than 10,000 rows"),
    ],
)
def test_a_table_that_is_none_is_named(table: str, line: int, message: str) -> None:
    text = b"o_${{ item.id }}: {for_each: {file: items.csv}}"
    *_, problem = load({A: text, ITEMS: table.encode("latin-1")}).making
    assert (problem.rule, problem.message, problem.place[:2]) == ("wrong-items", message, (ITEMS, (line,)))


MANY = """\
load_${{ item.id }}:
  for_each: {file: items.csv}
  template: nightly
  with: {table: "${{ item.name }}", retries: "${{ item.n }}"}
"""


def of_items(repository: Callable[..., Repository], rows: str) -> tuple[list[str], list[str]]:
    """What a check says of a table of items, and the DAGs that are live all the same."""
    made = repository({A: MANY, "configs/templates/nightly.yaml": NIGHTLY, ITEMS: f"id,name,n\n{rows}"})
    report = made.check()
    project = load(
        {path: made.root.joinpath(path).read_bytes() for path in (A, "configs/templates/nightly.yaml", ITEMS)}
    )
    live = [dag.dag_id for dag in project.dags if (dag.path, dag.dag_id) not in report.broken]
    return [f"{each.location}: {each.message}" for each in report.diagnostics], live


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2,b,many", "3:5: `retries` must be a whole number, not text"),
        ('2,"b, c",many', "3:10: `retries` must be a whole number, not text"),
        ("2,b,-1", "3:5: `retries` is refused: -1 is less than the minimum of 0"),
        ("2,b", "3:1: this row has 2 cells, and the table 3 columns"),
        ("2,b,1,x", "3:1: this row has 4 cells, and the table 3 columns"),
        ("1,b,1", "3:1: DAG `load_1` is defined twice"),
        ("2 3,b,1", "3:1: dag_id `load_2 3` has a character that Airflow refuses"),
        ("💥,b,1", "3:1: dag_id `load_💥` has a character that Airflow refuses"),
        (f"{'x' * 300},b,1", "3:1: dag_id has 305 characters, Airflow takes 250"),
        ('"2\n",b,1', "3:1: dag_id `load_2\n` has a character that Airflow refuses"),
        ('"2""",b,1', '3:1: dag_id `load_2"` has a character that Airflow refuses'),
    ],
)
def test_a_bad_item_is_one_diagnostic_at_its_line_and_costs_no_other(
    repository: Callable[..., Repository], row: str, said: str
) -> None:
    found, live = of_items(repository, f"1,a,1\n{row}\n3,c,3\n")
    assert found == [f"{ITEMS}:{said}"]
    assert {"load_1", "load_3"} - {row.startswith("1,") and "load_1"} <= set(live), "of two with one id none is live"


@pytest.mark.parametrize(
    "name", ["it's", 'say ""hi""', "two\nlines", "💶", "x" * 300, "{{ ds }}", "a: b", "${{ item.id }}"]
)
def test_a_cell_may_hold_any_text(repository: Callable[..., Repository], name: str) -> None:
    found, live = of_items(repository, f'1,"{name}",1\n2,b,1\n')
    assert (found, live) == ([], ["load_1", "load_2"])


def test_of_five_hundred_items_one_bad_one_costs_one(repository: Callable[..., Repository]) -> None:
    rows = [f"{i},table {i},{i % 5}" for i in range(500)]
    assert of_items(repository, "\n".join(rows))[1] == [f"load_{i}" for i in range(500)]
    rows[250] = "250,table 250,x"
    found, live = of_items(repository, "\n".join(rows))
    assert found == [f"{ITEMS}:252:15: `retries` must be a whole number, not text"]
    assert len(live) == 499


def test_a_template_gives_what_the_dag_does_not_say_itself() -> None:
    own = "{template: nightly, with: {table: a}, default_args: {retries: 5}, tasks: {load: {pool: slow}}}"
    config = configs(f"orders: {own}")["orders"]
    assert config["schedule"] == "@daily"
    assert config["tags"] == ["night", "team:team"]
    assert config["default_args"] == {"owner": "platform", "retries": 5}
    assert config["tasks"]["load"] == {"operator": EMPTY, "retries": 2, "doc_md": "loads a", "pool": "slow"}
    assert not config.keys() & {"template", "with", "for_each"}


def test_a_template_is_stronger_than_defaults() -> None:
    files = {"configs/defaults.yml": b"schedule: '@hourly'\ncatchup: true\ndefault_args: {owner: x, pool: p}"}
    made = load(
        {A: b"o: {template: nightly, with: {table: a}}", "configs/templates/nightly.yaml": NIGHTLY.encode(), **files}
    )
    (dag,) = made.dags
    assert (dag.config["schedule"], dag.config["catchup"]) == ("@daily", True)
    assert dag.config["default_args"] == {"owner": "platform", "retries": 1, "pool": "p"}
    assert dag.place("schedule")[:2] == ("configs/templates/nightly.yaml", ("dag", "schedule"))
    assert dag.place("catchup").path == "configs/defaults.yml"
    assert dag.place("default_args", "pool").path == "configs/defaults.yml"


@pytest.mark.parametrize(
    ("items", "files"),
    [
        ("[{id: 1, name: a}, {id: 2, name: b}]", {}),
        ("{file: items.csv}", {"items_csv": "id,name\n1,a\n2,b\n"}),
        ("{file: items.csv}", {"items_csv": '\ufeffid,name\r\n1,a\r\n2,"b"\r\n'}),
        ("{file: items.yaml}", {"items_yaml": "- {id: 1, name: a}\n- {id: 2, name: b}\n"}),
    ],
)
def test_each_item_makes_a_dag(items: str, files: dict[str, str]) -> None:
    text = f"load_${{{{ item.id }}}}: {{for_each: {items}, template: nightly, with: {{table: '${{{{ item.name }}}}'}}}}"
    made = configs(text, **files)
    assert {dag_id: each["tasks"]["load"]["doc_md"] for dag_id, each in made.items()} == {
        "load_1": "loads a",
        "load_2": "loads b",
    }


def test_ids_do_not_depend_on_the_order_of_items() -> None:
    text = "d_${{ item }}: {for_each: [%s], tasks: {a: {operator: %s, doc: '${{ item }}'}}}"
    assert configs(text % ("a, b, c", EMPTY)) == configs(text % ("c, a, b", EMPTY))


def test_a_cell_is_read_as_the_parameter_asks() -> None:
    text = "d_${{ item.id }}: {for_each: {file: i.csv}, template: nightly, with: {table: x, retries: '${{ item.n }}'}}"
    made = configs(text, i_csv="id,n\n007,3\n")
    assert made["d_007"]["tasks"]["load"]["retries"] == 3


def test_one_wrong_item_costs_no_other() -> None:
    given = "{table: x, retries: '${{ item.n }}'}"
    made = project(
        f"d_${{{{ item.id }}}}: {{for_each: [{{id: 1, n: 3}}, {{id: 2}}], template: nightly, with: {given}}}"
    )
    assert [dag.dag_id for dag in made.dags] == ["d_1"]
    assert made.unmade == {"d_2"}


def test_what_is_wrong_in_a_template_stands_there_and_names_the_dag(repository: Callable[..., Repository]) -> None:
    template = NIGHTLY.replace("dependencies: [load]", "dependencies: [laod]")
    files = {
        "configs/templates/nightly.yaml": template,
        "configs/team/t.csv": "id\n1\n2\n",
        A: "d_${{ item.id }}: {template: nightly, for_each: {file: t.csv}, with: {table: x}}",
    }
    made = repository(files)
    for paths in ((), (A,), ("configs/templates/nightly.yaml",), ("configs/team/t.csv",)):
        (found,) = made.check(*paths).diagnostics
        assert (found.rule, found.location.path) == ("unknown-dependency", "configs/templates/nightly.yaml")
        line, column = found.location.span.start
        assert template.splitlines()[line - 1][column - 1 :].startswith("laod")
        (note,) = found.notes
        assert (note.message, note.location.path, note.location.span.start.line) == (
            "made `d_1`",
            "configs/team/t.csv",
            2,
        )
    assert made.check().broken == {(A, "d_1"), (A, "d_2")}


def test_a_wrong_template_is_named_though_no_dag_uses_it(repository: Callable[..., Repository]) -> None:
    template = "params: {a: {type: strin}, b: 5}\ndag: {tags: ['${{ params.c }}']}\nextra: 1\n"
    report = repository({"configs/templates/t.yaml": template}).check()
    assert [each.rule for each in report.diagnostics] == [
        "wrong-parameter",
        "wrong-parameter",
        "unknown-expression",
        "unknown-key",
    ]


def test_a_repository_without_templates_pays_nothing(tmp_path: Path) -> None:
    del tmp_path
    made = load({A: f"o: {{tasks: {{a: {{operator: {EMPTY}}}}}}}".encode()})
    (dag,) = made.dags
    assert dag.layers.made is None
    assert dag.config["tasks"] is made.documents[A].data["o"]["tasks"]


SIMULATOR = f"""\
description: what runs at an interval
params:
  interval: {{type: string, format: interval}}
  formula: {{type: string, format: formula, default: value + 2}}
  start: {{format: date, default: 2024-01-01}}
dag:
  schedule: "${{{{ params.interval }}}}"
  start_date: "${{{{ params.start }}}}"
  description: "${{{{ params.formula }}}}"
  tasks:
    run: {{operator: {EMPTY}}}
"""


def simulators(rows: str, given: str = "{interval: '${{ item.interval }}', formula: '${{ item.formula }}'}") -> Project:
    text = f"s_${{{{ item.id }}}}:\n  template: simulator\n  with: {given}\n  for_each: {{file: rows.yaml}}\n"
    files = {A: text, "configs/team/rows.yaml": rows, "configs/templates/simulator.yaml": SIMULATOR}
    return load({path: content.encode() for path, content in files.items()})


@pytest.mark.parametrize(
    ("row", "key", "message"),
    [
        ("interval: often, formula: value", "interval", "`interval` is refused: `often` is no interval: write `30s`"),
        ("interval: 5, formula: value", "interval", "`interval` must be text, not a number"),
        ("interval: 5s, formula: __import__('os')", "formula", "`formula` is refused: a formula does not know"),
        ("interval: 5s, formula: value / 0", "formula", "`formula` is refused: the formula divides by zero"),
        ("interval: 5s, formula: [value]", "formula", "`formula` must be text, not a list"),
    ],
)
def test_a_value_that_its_format_refuses_is_named_at_its_item_and_costs_no_other(
    row: str, key: str, message: str
) -> None:
    rows = f"- {{id: 1, interval: 2s, formula: value}}\n- {{id: 2, {row}}}\n- {{id: 3, {row}}}\n"
    made = simulators(rows)
    assert [dag.dag_id for dag in made.dags] == ["s_1"]
    assert [(each.rule, each.place[:2]) for each in made.making] == [
        ("wrong-parameter", ("configs/team/rows.yaml", (i, key))) for i in (1, 2)
    ]
    assert [each.message[: len(message) + 7] for each in made.making] == [f"`s_{i}`: {message}" for i in (2, 3)]
    assert [each.place.made.dag_id for each in made.making if each.place.made] == ["s_2", "s_3"]


def test_a_date_that_is_none_is_named() -> None:
    (problem,) = simulators("- {id: 1, start: 31.1.2024}", "{interval: 2s, start: '${{ item.start }}'}").making
    assert problem.message == "`s_1`: `start` is refused: a date is written as year, month, day, like 2024-01-31"


def test_what_the_template_does_not_take_is_named_where_it_is_given() -> None:
    (problem,) = simulators("- {id: 1, a: 2s}", "{interval: 2s, intreval: '${{ item.a }}'}").making
    assert problem.place[:2] == (A, ("s_${{ item.id }}", "with", "intreval"))


def test_a_default_that_its_format_refuses_is_named_in_the_template() -> None:
    template = SIMULATOR.replace("default: value + 2", "default: values + 2")
    (problem,) = load({"configs/templates/simulator.yaml": template.encode()}).making
    assert problem.place[1] == ("params", "formula", "default")


def test_an_interval_becomes_the_schedule_that_it_means() -> None:
    rows = (
        "- {id: 1, interval: every 2 seconds, formula: value}\n- {id: 2, interval: '*/2 * * * * *', formula: value}\n"
    )
    rows += "- {id: 3, interval: 30 6 * * 1, formula: value + 6}\n"
    made = compile_project(simulators(rows))
    two_seconds = {"__type__": "datetime.timedelta", "seconds": 2}
    assert [each.config["schedule"] for each in made] == [two_seconds, two_seconds, "30 6 * * 1"]
    assert made[2].config["description"] == "value + 6"
