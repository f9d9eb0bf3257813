"""What the rules say of templates and of functions is what the installed Airflow does with them."""

import re
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jinja2
import pytest
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from airflow.sdk.api.datamodels._generated import DagRun, TIRunContext
from airflow.sdk.definitions.context import KNOWN_CONTEXT_KEYS
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.sdk.module_loading import import_string

from mergeflow.airflow.loader import load_dags
from mergeflow.catalog import load_catalog
from mergeflow.rules.callable_arguments import _ALWAYS, OPERATORS
from mergeflow.rules.template_context import CONTEXT, EXTENSIONS, FILTERS, GLOBALS, REMOVED, REMOVED_MEMBERS
from tests.conftest import ROOT, Repository

NOW = datetime(2024, 1, 1, tzinfo=UTC)
Make = Callable[..., Repository]


def context_of(task: Any) -> Mapping[str, Any]:
    """What Airflow gives a task of a scheduled run."""
    run = DagRun.model_construct(
        dag_id="orders", run_id="r", logical_date=NOW, data_interval_start=NOW, data_interval_end=NOW, run_after=NOW,
        start_date=NOW, run_type="scheduled", state="running", consumed_asset_events=[], conf=None,
        partition_key=None, partition_date=None,
    )  # fmt: skip
    ids = {"id": uuid4(), "task_id": task.task_id, "dag_id": "orders", "run_id": "r", "dag_version_id": uuid4()}
    instance = RuntimeTaskInstance.model_construct(**ids, try_number=1, map_index=-1, task=task)
    instance._ti_context_from_server = TIRunContext.model_construct(
        dag_run=run, task_reschedule_count=0, max_tries=1, variables=[], connections=[]
    )
    return instance.get_template_context()


@pytest.fixture
def task() -> BashOperator:
    with DAG("orders", schedule=None, start_date=NOW):
        return BashOperator(task_id="extract", bash_command="true")


def render(task: Any, text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(task.render_template(text, context_of(task), task.dag.get_template_env()))


def test_the_variables_are_airflows(task: BashOperator) -> None:
    assert CONTEXT == KNOWN_CONTEXT_KEYS
    assert context_of(task).keys() <= CONTEXT
    assert context_of(task).keys() | {"templates_dict"} == _ALWAYS


def test_the_filters_and_globals_are_those_of_airflows_jinja(task: BashOperator) -> None:
    environment = task.dag.get_template_env()
    assert environment.filters.keys() == FILTERS
    assert environment.globals.keys() == GLOBALS
    assert [each.partition("ext.")[2] for each in environment.extensions] == ["ExprStmtExtension"]


@pytest.mark.parametrize("name", [*sorted(REMOVED), *map(".".join, sorted(REMOVED_MEMBERS)), "dss"])
def test_a_variable_that_is_not_there_fails_the_task(name: str, task: BashOperator) -> None:
    with pytest.raises(jinja2.UndefinedError):
        render(task, f"{{{{ {name} }}}}")


@pytest.mark.parametrize("hint", sorted({*REMOVED.values(), *REMOVED_MEMBERS.values()}))
def test_what_a_hint_says_can_be_rendered(hint: str, task: BashOperator) -> None:
    for template in re.findall(r"`(\{\{.*?\}\})`", hint):
        if "prev_" in template:  # its value comes from the API server
            assert template.strip("{} ") in context_of(task)
        else:
            assert render(task, template)


@pytest.mark.parametrize("text", ["{{ x | default('a') }}", "{% if x is defined %}{{ x }}{% endif %}", "{{ ds or x }}"])
def test_a_template_may_ask_whether_something_is_there(text: str, task: BashOperator) -> None:
    render(task, text)


@pytest.mark.parametrize("text", ["{{ ds }", "{{ ds | nope }}", "${#list[@]}", "{% else %}", "{{ .State }}"])
def test_what_does_not_parse_fails_the_task(text: str, task: BashOperator) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError):
        render(task, text)


def test_the_ends_of_files_are_the_operators() -> None:
    catalog = load_catalog(ROOT)
    found = {}
    for path in catalog.names("operators"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ends = tuple(import_string(path).template_ext)
        if ends and not path.rpartition(".")[2].startswith("_"):
            found[path] = ends
    assert found == EXTENSIONS


SCRIPTS = """\
orders:
  schedule: null
  tasks:
    there:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: scripts/extract.sh
    rooted:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: /scripts/./extract.sh
    gone:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: dags/scripts/extract.sh
    command:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: bash /opt/extract.sh
    value:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: "true"
      env: {SCRIPT: /opt/extract.sh}
    spaced:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: "bash /opt/extract.sh "
    quoted:
      operator: airflow.providers.standard.operators.bash.BashOperator
      bash_command: "true"
      env: {SCRIPT: "{{ '/opt/extract.sh' }}"}
"""


def test_a_file_is_looked_for_where_airflow_looks(repository: Make) -> None:
    made = repository({"configs/team/a.yaml": SCRIPTS, "dags/scripts/extract.sh": "echo {{ ds }}"})
    namespace: dict[str, Any] = {"__file__": str(made.root / "dags" / "team.py")}
    load_dags(namespace, "team")
    dag = namespace["dag orders"]
    dag.resolve_template_files()
    failing = set()
    for task in dag.tasks:
        try:
            task.render_template_fields(context_of(task), dag.get_template_env())
        except jinja2.TemplateNotFound:
            failing.add(task.task_id)
    reported = {each.message for each in made.check().diagnostics if each.rule == "missing-script"}
    assert failing == {"gone", "command", "value"}
    assert len(reported) == len({"dags/scripts/extract.sh", "bash /opt/extract.sh", "/opt/extract.sh"})
    assert dag.get_task("there").bash_command == dag.get_task("rooted").bash_command == "echo 2024-01-01"


FUNCTIONS = [
    ("table, country='FR'", [], {"table": "a"}, True),
    ("table, country='FR'", [], {"table": "a", "contry": "CH"}, False),
    ("table, country='FR'", [], {}, False),
    ("table, country='FR'", ["a", "CH"], {}, True),
    ("table, country='FR'", ["a", "CH", 3], {}, False),
    ("table, country='FR'", ["a"], {"table": "a"}, False),
    ("table, ds, /", ["a", "b"], {}, False),
    ("table, *more", ["a", "b", "c"], {}, True),
    ("*more, table", ["a"], {}, False),
    ("*more, table", ["a"], {"table": "a"}, True),
    ("table, **more", [], {"table": "a", "x": 1}, True),
    ("table, **more", [], {"x": 1}, False),
    ("ds, ti, params, dag_run, templates_dict", [], {}, True),
    ("execution_date", [], {}, False),
    ("**context", ["a"], {}, False),
    ("", [], {}, True),
    ("", [], {"x": 1}, False),
]
DROPPED = {(signature, str(kwargs)) for signature, _, kwargs, _ in FUNCTIONS if "contry" in kwargs or not signature}
"""Where Airflow drops an argument in silence, which is a mistake all the same."""


@pytest.mark.parametrize("called", FUNCTIONS, ids=str)
def test_a_function_is_called_or_refused_as_the_rule_says(
    called: tuple[str, list[Any], dict[str, Any], bool], repository: Make
) -> None:
    signature, args, kwargs, fine = called
    text = f"def load({signature}):\n    return 'done'\n"
    config = {"python_callable": "functions.load", "op_args": args, "op_kwargs": kwargs}
    task = "".join(f"      {key}: {value!r}\n" for key, value in config.items())
    operator = "airflow.providers.standard.operators.python.PythonOperator"
    yaml = f"orders:\n  schedule: null\n  tasks:\n    load:\n      operator: {operator}\n{task}"
    report = repository({"configs/team/a.yaml": yaml, "dags/functions.py": text}).check()
    assert ({each.rule for each in report.diagnostics} == set()) is fine, report.diagnostics
    scope: dict[str, Any] = {}
    exec(text, scope)  # noqa: S102 - our own text, from the table above
    with DAG("orders", schedule=None, start_date=NOW):
        made = PythonOperator(task_id="load", python_callable=scope["load"], op_args=args, op_kwargs=kwargs)
    context = {**context_of(made), **kwargs, "templates_dict": None}
    if fine or (signature, str(kwargs)) in DROPPED:
        assert scope["load"](*args, **made.determine_kwargs(context)) == "done"
    else:
        with pytest.raises((TypeError, ValueError)):
            scope["load"](*args, **made.determine_kwargs(context))


def test_the_operators_that_call_a_function_are_airflows() -> None:
    from airflow.providers.standard.operators import python
    from airflow.providers.standard.sensors.python import PythonSensor

    made = {
        name for name, each in vars(python).items()
        if isinstance(each, type) and issubclass(each, PythonOperator) and not name.startswith("_")
    }  # fmt: skip
    assert made | {PythonSensor.__name__} == OPERATORS
