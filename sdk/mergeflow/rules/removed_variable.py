"""A template variable that Airflow 3 no longer has.

*Why*: Airflow renders this text when the task starts, and a variable that is not there fails the task, every time.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: "extract --at {{ execution_date }}"

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: "extract --at {{ logical_date }}"
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.template_context import REMOVED, REMOVED_MEMBERS
from mergeflow.rules.templated import macros_of, templates_in

ID = "removed-variable"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each text for each variable in it, or member of a variable, that Airflow 2 had."""
    for rendered, found in templates_in(project, known):
        removed = {name: REMOVED[name] for name in found.names & REMOVED.keys()}
        removed |= {".".join(pair): REMOVED_MEMBERS[pair] for pair in found.members & REMOVED_MEMBERS.keys()}
        if not removed:
            continue
        macros = macros_of(rendered.dag)
        for name in sorted(removed):
            if macros is not None and name.partition(".")[0] not in macros:
                where = f", which `{rendered.file}` asks for" if rendered.file else ""
                yield Problem(ID, f"Airflow 3 has no template variable `{name}`{where}", rendered.place, removed[name])
