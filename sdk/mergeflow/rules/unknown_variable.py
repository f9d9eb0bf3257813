"""A template variable that nothing defines.

*Why*: Airflow renders this text when the task starts, and a variable that is not there fails the task, every time. What
a DAG adds under `user_defined_macros`, and what a template sets itself, is there.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: "extract --day {{ dss }}"

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: "extract --day {{ ds }}"
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.template_context import CONTEXT, GLOBALS, REMOVED
from mergeflow.rules.templated import macros_of, templates_in

ID = "unknown-variable"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

_THERE = CONTEXT | GLOBALS


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each text for each variable in it that neither Airflow nor the DAG defines."""
    with_expressions: dict[str, bool] = {}  # a default's text is that of each DAG, and may be long
    for rendered, found in templates_in(project, known):
        if found.names <= _THERE:
            continue
        macros = macros_of(rendered.dag)
        if rendered.text not in with_expressions:
            with_expressions[rendered.text] = "${{" in rendered.text
        if macros is None or with_expressions[rendered.text]:  # Mergeflow's own expressions, not Airflow's
            continue
        for name in sorted(found.names - _THERE - REMOVED.keys() - macros):
            where = f" in `{rendered.file}`" if rendered.file else ""
            message = f"nothing defines the template variable `{name}`{where}"
            yield Problem(ID, message, rendered.place, _hint(rendered.dag.config, name, macros))


def _hint(config: dict[str, object], name: str, macros: frozenset[str]) -> str:
    params = config.get("params")
    if isinstance(params, dict) and name in params:
        return f"write `params.{name}`"
    return near(name, _THERE | macros) or "define it under `user_defined_macros`, or give it as one of `params`"
