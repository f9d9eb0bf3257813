"""The JSON Schemas for editors, held against every config of this repository by validators that are not ours."""

import json
import re
import subprocess
import sys
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from mergeflow.catalog import Catalog, Parameter, load_catalog
from mergeflow.catalog.types import fits
from mergeflow.render.schema import KINDS, SCHEMAS, render
from mergeflow.render.schema_types import SHARED, parameter
from mergeflow.rules.page import Page, pages
from tests import casefile
from tests.conftest import ROOT, Run

FOLDER = ROOT / SCHEMAS
CORPUS = ROOT / "tests/corpus/configs"
CONFIGS = sorted(path for folder in (ROOT / "configs", CORPUS) for path in folder.rglob("*.y*ml"))
BASH = "airflow.providers.standard.operators.bash.BashOperator"


@cache
def validator(kind: str) -> Draft202012Validator:
    """The committed schema of a kind, with those that it refers to."""
    read = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
    registry = Registry().with_resources((name, Resource.from_contents(text)) for name, text in read.items())
    Draft202012Validator.check_schema(read[f"{kind}.json"])
    return Draft202012Validator({"$ref": f"{kind}.json"}, registry=registry)


def plain(value: Any) -> Any:
    """YAML as JSON has it: dates are texts, and so are keys."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def refused(text: str, kind: str = "dags") -> list[str]:
    """What a schema has against a text: the way to it and what is said, sorted."""
    errors = validator(kind).iter_errors(plain(yaml.load(text, yaml.CSafeLoader)))
    return sorted(f"{'/'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in errors)


def task(operator: str, more: str = "") -> str:
    return f"orders:\n  tasks:\n    extract:\n      operator: {operator}\n{more}"


@pytest.mark.parametrize("operator", [BASH, "BashOperator"])
@pytest.mark.parametrize("key", ["bash_comand", "sql", "task_group", "dependencie"])
def test_a_misspelt_parameter_of_a_known_operator_is_refused(operator: str, key: str) -> None:
    said = f"orders/tasks/extract: Unevaluated properties are not allowed ('{key}' was unexpected)"
    assert refused(task(operator, f"      {key}: x\n")) == [said]
    listed = f"orders:\n  tasks:\n    - {{task_id: extract, operator: {operator}, {key}: x}}\n"
    assert refused(listed) == [said.replace("extract", "0")]
    assert refused(f"default:\n  tasks:\n    a: {{operator: {operator}, {key}: x}}\n") != []


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("orders: {schedul: x}", "dags", "orders: Additional properties are not allowed ('schedul' was"),
        ("orders: {catchup: 3}", "dags", "orders/catchup: 3 is not of type 'boolean', 'null', 'object', 'string'"),
        ("orders: {tags: main}", "dags", "orders/tags: 'main' does not match "),
        ("orders: {default_args: {retries: '3'}}", "dags", "orders/default_args/retries: '3' does not match "),
        ("orders: {task_groups: {g: {tooltp: x}}}", "dags", "orders/task_groups/g: Additional properties are not"),
        ("orders: {default_args: {on_failure_callback: {callback: 3}}}", "dags",
         "orders/default_args/on_failure_callback/callback: 3 is not of type 'string'"),
        ("orders: {alerts: {on_failur: []}}", "dags", "orders/alerts: Additional properties are not allowed ("),
        ("alerts: {on_retry: [{emial: a@b.org}]}", "defaults", "alerts/on_retry/0: Additional properties are not"),
        ("orders: {alerts: {on_retry: [{webhook: {path: /a}}]}}", "dags",
         "orders/alerts/on_retry/0/webhook: 'connection'"),
        ("orders: {default_args: {inlets: {fil: x}}}", "dags",
         "orders/default_args/inlets: Additional properties are not allowed ('fil' was unexpected)"),
        ("orders", "dags", ": 'orders' is not of type 'array', 'object'"),
        ("orders: {for_each: orders}", "dags", "orders/for_each: 'orders' is not of type 'array', 'object'"),
        ("dag: {schedul: x}", "template", "dag: Additional properties are not allowed ('schedul' was"),
        ("description: x", "template", ": 'dag' is a required property"),
        ("retires: 3", "defaults", ": Additional properties are not allowed ('retires' was"),
        ("tasks: {a: {operator: BashOperator, bash: x}}", "defaults", "tasks/a: Unevaluated properties are not"),
        ("columns: {}", "suite", ": 'expectations' is a required property"),
        ("expectations: [{expectation: expect_column_to_exist, colum: a}]", "suite", "expectations/0: Unevaluated"),
        ("rules: {cycle: maybe}", "policy", "rules/cycle: 'maybe' is not one of ['error', 'warning', 'off"),
        ("teams: {a: {owner: x}}", "policy", "teams/a: Additional properties are not allowed ('owner' was"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_at_its_place(text: str, kind: str, said: str) -> None:
    (found,) = refused(text, kind)
    assert found.startswith(said)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_config_of_this_repository_is_valid(path: Path) -> None:
    kind = kind_of(path.as_posix()[path.as_posix().rindex("/configs/") + 1 :])
    assert kind is not None
    assert refused(path.read_text(), kind) == []


def kind_of(path: str) -> str | None:
    """The schema for a path; none where there is none, as for code and tables."""
    if path.endswith(".csv"):
        return None
    if path.startswith("configs/templates/"):
        return "template"
    if path.startswith("configs/environments/"):
        return "environment"
    if path.startswith("configs/"):
        return "defaults" if Path(path).stem == "defaults" else "dags"
    if path.startswith("validators/expectations/"):
        return "suite"
    return "policy" if path == "validators/policy.yaml" else None


@pytest.mark.parametrize("page", [page for page in pages() if page.good], ids=lambda page: page.slug)
def test_what_is_good_to_check_is_good_to_the_schemas(page: Page) -> None:
    files = casefile.split(page.good)
    assert [each for path, text in files.items() if (kind := kind_of(path)) for each in refused(text, kind)] == []


CLEAN = [path for path in sorted((ROOT / "tests/cases").glob("*/*.yaml")) if path.with_suffix(".out").exists()]


@pytest.mark.parametrize("case", CLEAN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_without_errors_is_valid(case: Path) -> None:
    """What `check` only warns of, or says nothing about, no schema refuses."""
    out = case.with_suffix(".out").read_text()
    with_errors = set(re.findall(r"^(\S+?):\d+:\d+: error: ", out, re.MULTILINE))
    files = casefile.split(case.read_bytes().decode())
    kinds = {path: kind for path in files if (kind := kind_of(path)) and path not in with_errors}
    assert [each for path, kind in kinds.items() for each in refused(files[path], kind)] == []


def test_there_are_configs_to_validate() -> None:
    assert len(CONFIGS) > 40


@pytest.mark.parametrize("path", sorted((ROOT / "validators/expectations").rglob("*.y*ml")), ids=lambda path: path.stem)
def test_every_suite_is_valid(path: Path) -> None:
    assert refused(path.read_text(), "suite") == []


def test_check_jsonschema_agrees() -> None:
    """A second validator, with another YAML parser, from the files as an editor would read them."""
    program = Path(sys.prefix) / "bin/check-jsonschema"
    own = [path for path in CONFIGS if path.is_relative_to(ROOT / "configs")]
    for kind in ("dags", "defaults", "template"):
        files = [path for path in own if kind_of(path.relative_to(ROOT).as_posix()) == kind]
        done = subprocess.run(
            [program, "--schemafile", FOLDER / f"{kind}.json", *files], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (0, "ok -- validation done\n"), done.stdout


@pytest.mark.parametrize(
    "more",
    [
        "      bash_command: {__join__: [a, b]}\n",
        "      append_env: '{{ params.append }}'\n",
        "      env: +settings\n",
        "      execution_timeout: {__type__: datetime.timedelta, hours: 1}\n",
        "      retry_delay: 30\n      retries: 2\n      trigger_rule: all_done\n",
        "      on_failure_callback: {__type__: a.b}\n",
        "      on_failure_callback: {callback: a.b, text: x}\n",
        "      on_failure_callback_name: f\n      on_failure_callback_file: /f.py\n",
        "      skip_on_exit_code: [1, 2]\n",
        "      outlets: {__and__: [{uri: 's3://a'}]}\n",
        "      inlets: {file: /a.yaml, datasets: [b]}\n",
        "      expand: {bash_command: [a, b]}\n      partial: {env: {A: b}}\n",
        "      variables_as_arguments: [{variable: a, attribute: b}]\n",
        "      cwd: null\n",
        "      retries: ${{ params.retries }}\n      append_env: ${{ item.append }}\n",
    ],
)
def test_what_dag_factory_takes_is_allowed(more: str) -> None:
    assert refused(task(BASH, more)) == []


@pytest.mark.parametrize(
    "more", ["operator: my_company.Operator, whatever: 1", "decorator: airflow.decorators.task, x: 1", "whatever: 1"]
)
def test_what_the_catalog_does_not_know_is_free(more: str) -> None:
    assert refused(f"orders: {{tasks: {{a: {{{more}}}}}}}") == []


def test_every_operator_takes_all_its_parameters_by_all_its_names() -> None:
    catalog = load_catalog(ROOT)
    for path in catalog.names("operators"):
        entry = catalog.operator(path)
        assert entry
        for name in (path, entry.name) if catalog.resolve(entry.name) == (path,) else (path,):
            given = {"operator": name} | {key: {"__type__": "a.b"} for key in entry.parameters}
            assert list(validator("dags").iter_errors({"orders": {"tasks": {"a": given}}})) == [], name
            given["misspelt"] = 1
            assert list(validator("dags").iter_errors({"orders": {"tasks": {"a": given}}})), name


@pytest.mark.parametrize("type_", ["str", "int", "float", "bool", "list", "dict", "'a'|'b'", "'a'|int", "str|list",
                                   "int|None", "dict|str|None", "timedelta|float", "Any", "Callable|None"])  # fmt: skip
@pytest.mark.parametrize("default", ["", "null"])
@pytest.mark.parametrize("template", [True, False])
def test_a_parameter_is_never_held_to_more_than_check_holds_it_to(type_: str, default: str, *, template: bool) -> None:
    taken = Parameter(type_, default, template)
    schema = Draft202012Validator({**parameter(taken), "$defs": SHARED})
    values = ["", "a", "x", "{{ a }}", "+a", "+1", 0, 1, 1.5, True, None, [], ["a"], {}, {"a": 1}, {"__type__": "x"}]
    for value in values:
        assert schema.is_valid(value) or not fits(value, taken), f"{value!r} fits {taken}"
    if type_ in ("int", "bool", "list"):
        assert not all(map(schema.is_valid, values))


def test_a_decorator_offers_its_parameters_and_leaves_room_for_its_functions_arguments() -> None:
    assert refused("orders: {tasks: {a: {decorator: task.bash, append_env: true, my_argument: 1}}}") == []
    (said,) = refused("orders: {tasks: {a: {decorator: task.bash, append_env: 7}}}")
    assert said.startswith("orders/tasks/a/append_env: 7 is not of type 'boolean'")


def test_everything_an_editor_shows_is_described() -> None:
    read = json.loads((FOLDER / "dags.json").read_text())["$defs"]
    for name in ("Dag", "Defaults", "TaskGroup", "DefaultArgs", "TaskKeys"):
        assert [key for key, each in read[name]["properties"].items() if not each.get("description")] == []
    assert read[BASH]["properties"]["bash_command"]["description"].startswith("Required. ")
    offered = {each["label"]: each["body"] for each in read["Task"]["properties"]["operator"]["defaultSnippets"]}
    assert offered["BashOperator"] == BASH


def test_without_a_catalog_there_are_schemas_too() -> None:
    for make in KINDS.values():
        Draft202012Validator.check_schema(json.loads(render(make(Catalog()))))


def test_the_text_is_the_same_every_time_and_one_entry_is_one_line() -> None:
    texts = [render(KINDS["dags"](load_catalog(ROOT))) for _ in range(2)]
    assert texts[0] == texts[1]
    assert len([line for line in texts[0].splitlines() if line.startswith(f'  "{BASH}": ')]) == 1
    assert len(texts[0]) < 200_000


def test_the_schemas_of_this_repository_are_up_to_date(mergeflow: Run) -> None:
    ran = mergeflow("schema", "--check", cwd=ROOT)
    assert (ran.code, ran.err) == (0, ""), ran.out


def test_the_settings_of_the_docs_are_those_of_this_repository() -> None:
    settings = (ROOT / ".vscode/settings.json").read_text()
    assert settings in (ROOT / "docs/editors.md").read_text()
    named = {Path(path).name for path in json.loads(settings)["yaml.schemas"]}
    assert named == {f"{kind}.json" for kind in KINDS} == {path.name for path in FOLDER.iterdir()}
