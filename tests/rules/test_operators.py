"""What the rules on operators say where one case file cannot show it."""

from collections.abc import Callable
from importlib import import_module

import pytest

from mergeflow.catalog import Operator, Parameter, load_catalog
from mergeflow.catalog.write import catalog_text
from mergeflow.files import from_directory
from mergeflow.project import load
from mergeflow.rules import Known
from tests.conftest import ROOT, Repository

Make = Callable[..., Repository]

CONFIG = """
orders:
  schedule: "@daily"
  default_args: {{owner: shop, retries: 1}}
  tasks:
    one: {task}
"""


def made(repository: Make, task: str, *, catalog: str | None = None) -> list[tuple[str, str, str]]:
    repo = repository({"configs/team/a.yaml": CONFIG.format(task=task)})
    if catalog == "":
        (repo.root / "validators/catalog.json").unlink()
    elif catalog:
        repo.write({"validators/catalog.json": catalog})
    return [(each.rule, each.message, each.hint) for each in repo.check().diagnostics]


def test_without_a_catalog_a_bare_name_is_told_to_be_written_out(repository: Make) -> None:
    ((rule, message, hint),) = made(repository, "{operator: BashOperator, bash_command: echo}", catalog="")
    assert (rule, message) == ("unknown-operator", "there is no operator `BashOperator`")
    assert hint == "write the import path, `package.module.Class`: without a catalog a bare name is not known"


@pytest.mark.parametrize(
    "task", ["{operator: a.b.C, x: 1}", "{decorator: a.b.c, x: 1}", "{operator: airflow.providers.x.operators.y.Z}"]
)
def test_without_a_catalog_every_import_path_is_let_be(task: str, repository: Make) -> None:
    assert made(repository, task, catalog="") == []


def test_a_bare_name_of_several_operators_lists_them(repository: Make) -> None:
    paths = ("airflow.providers.a.operators.x.Copy", "airflow.providers.b.operators.x.Copy")
    catalog = catalog_text({"operators": {path: Operator(path) for path in paths}})
    ((rule, message, hint),) = made(repository, "{operator: Copy}", catalog=catalog)
    assert (rule, message) == ("unknown-operator", "`Copy` is the name of 2 operators")
    assert hint == f"write one of `{paths[0]}`, `{paths[1]}`"


def test_a_misspelt_operator_of_mergeflows_own_has_a_near_one(repository: Make) -> None:
    path = "mergeflow.airflow.operators.expectations.ExpectationsOperator"
    ((rule, message, hint),) = made(repository, f"{{operator: {path[:-2]}}}")
    assert (rule, message) == ("unknown-operator", f"there is no operator `{path[:-2]}`")
    assert hint == f"did you mean `{path}`?"


def test_a_choice_of_texts_is_told_in_full(repository: Make) -> None:
    path = "airflow.providers.a.operators.x.Report"
    parameter = Parameter("'csv'|'json'", '"csv"')
    catalog = catalog_text({"operators": {path: Operator(path, {"form": parameter})}})
    assert made(repository, "{operator: Report, form: json}", catalog=catalog) == []
    ((rule, message, _),) = made(repository, "{operator: Report, form: xml}", catalog=catalog)
    assert (rule, message) == ("wrong-parameter-type", "`form` of task `one` must be `csv` or `json`, not `xml`")


def test_a_catalog_that_spoils_an_entry_is_told_when_it_is_used(repository: Make) -> None:
    from mergeflow.catalog import CatalogError

    path = "airflow.providers.a.operators.x.Report"
    catalog = catalog_text({"operators": {path: Operator(path)}}).replace(f'{path}": {{}}', f'{path}": 5')
    with pytest.raises(CatalogError):
        made(repository, f"{{operator: {path}}}", catalog=catalog)
    assert made(repository, "{operator: a.b.C}", catalog=catalog) == []


@pytest.mark.parametrize(
    "arguments",
    ["{default_args: {bash_command: echo}}", "{default_args: {}}"],
)
def test_a_parameter_may_come_from_the_default_args_of_the_task_group(arguments: str, repository: Make) -> None:
    config = f"""
orders:
  schedule: "@daily"
  default_args: {{owner: shop, retries: 1}}
  task_groups:
    group: {arguments}
  tasks:
    one: {{operator: BashOperator, task_group_name: group}}
"""
    found = [each.rule for each in repository({"configs/team/a.yaml": config}).check().diagnostics]
    assert found == ([] if "bash_command" in arguments else ["missing-key"])


def test_an_argument_of_a_callback_may_come_from_the_defaults(repository: Make) -> None:
    notifier = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
    config = f"""
default:
  on_failure_callback: {{to: me@example.com}}
orders:
  schedule: "@daily"
  default_args: {{owner: shop, retries: 1}}
  on_failure_callback: {{callback: {notifier}}}
  tasks: {{one: {{operator: EmptyOperator}}}}
"""
    assert repository({"configs/team/a.yaml": config}).check().diagnostics == ()
    alone = config.replace("on_failure_callback: {to: me@example.com}", "catchup: false")
    assert [each.rule for each in repository({"configs/team/a.yaml": alone}).check().diagnostics] == ["missing-key"]


ON_OPERATORS = (
    "deprecated_operator",
    "missing_key",
    "unknown_class",
    "unknown_decorator",
    "unknown_key",
    "unknown_operator",
    "wrong_parameter_type",
)


@pytest.mark.parametrize("name", ON_OPERATORS)
def test_configs_that_airflow_builds_raise_no_alarm(name: str) -> None:
    rule = import_module(f"mergeflow.rules.{name}")
    project = load(from_directory(ROOT / "tests/corpus"))
    known = Known(load_catalog(ROOT))
    assert len(project.dags) > 80
    assert [problem.message for problem in rule.check(project, known)] == []


@pytest.mark.parametrize(
    ("task", "key"),
    [
        ("{decorator: task, python_callable: callables.team.work.work, number: 1, evn: {}}", "evn"),
        ("{decorator: task.bash, python_callable: callables.team.work.work, number: 1, evn: {}}", "evn"),
        ("{decorator: task.bash, python_callable: callables.team.work.work, number: 1, env: {}, retries: 2}", ""),
        ("{decorator: task, python_callable: callables.team.work.more, other: 1}", "other"),
        ("{decorator: task, python_callable: shlex.join, whatever: 1}", ""),
        ("{decorator: our.decorator, python_callable: callables.team.work.work, number: 1, evn: {}}", ""),
    ],
)
def test_a_key_that_neither_the_decorator_nor_its_function_takes_is_told(task: str, key: str, repository: Make) -> None:
    code = "def work(number):\n    return number\n\n\ndef more(**kwargs):\n    return kwargs\n"
    repo = repository({"configs/team/a.yaml": CONFIG.format(task=task), "dags/callables/team/work.py": code})
    found = [each.message for each in repo.check().diagnostics if each.rule == "unknown-key"]
    assert found == ([f"unknown key `{key}` in task `one`"] if key else [])
