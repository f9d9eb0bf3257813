"""A Jinja template, `{{ … }}` or `{% … %}`, with a syntax error.

*Why*: Airflow renders this text when the task starts, and there the task fails, every time.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: "extract --day {{ ds }"

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
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.templated import templates_in

ID = "invalid-template"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each text, or name of a file, that Airflow renders and Jinja cannot parse."""
    for rendered, found in templates_in(project, known):
        if found.wrong:
            line = f" (line {found.line} of the text)" if "\n" in rendered.text.rstrip("\n") else ""
            message = f"this is no Jinja template: {found.wrong}{line}"
            if rendered.file:
                message = f"`{rendered.file}` is no Jinja template: {found.wrong}, in line {found.line}"
            yield Problem(ID, message, rendered.place, found.hint)
