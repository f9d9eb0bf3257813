"""A folder has two files of defaults, and the second is never read.

*Why*: dag-factory takes the `defaults.yml` of a folder, and looks for a `defaults.yaml` only where there is none.

*Bad*:

    # configs/team/defaults.yml
    default_args: {owner: data}
    # configs/team/defaults.yaml
    default_args: {retries: 2}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # configs/team/defaults.yml
    default_args: {owner: data, retries: 2}
    # configs/team/a.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.paths import DEFAULTS_NAMES, is_defaults
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "ignored-defaults"
SEVERITY = Severity.WARNING


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem for each `defaults.yaml` beside a `defaults.yml`."""
    del known
    first, second = DEFAULTS_NAMES
    defaults = {path for path in project.paths if is_defaults(path)}
    for path in sorted(defaults):
        read = path.removesuffix(second) + first
        if path.endswith(f"/{second}") and read in defaults:
            message = f"this file is never read: {read} stands beside it"
            yield Problem(ID, message, Place(path), f"move what it says into {first}, and delete it")
