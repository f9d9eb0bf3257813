"""An environment variable that Mergeflow does not expand.

*Why*: dag-factory expands `$NAME` and `${NAME}` anywhere in a file, and shows what came out in the DAG's docs. Here the
text stays as it is written, unless `expand_environment` in the policy lists the name. Shell and SQL, where `$NAME` has
a meaning of its own, are let be.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: make extract
          cwd: $SHOP_FOLDER/scripts

*Good*:

    # validators/policy.yaml
    expand_environment: [SHOP_FOLDER]
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: make extract
          cwd: $SHOP_FOLDER/scripts
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from mergeflow.diagnostic import Place, Problem, Route, Severity
from mergeflow.files import POLICY
from mergeflow.paths import is_config
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unexpanded-variable"
SEVERITY = Severity.WARNING

_NAMED = r"(?<![$\\])\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*)\b)"
"""By convention such names are upper case; in lower case it is rather a shell's, a query's or a pattern's."""
_CODE = frozenset(
    {"bash_command", "sql", "hql", "query", "code", "command", "commands", "cmd", "cmds", "args", "arguments", "script"}
    | {"env", "env_vars", "environment", "environment_variables", "append_env", "entrypoint", "entry_point", "pipeline"}
    | {"description", "doc", "doc_md", "doc_json", "doc_yaml", "doc_rst"}
)
"""Keys whose values somebody else expands, or people read."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each value that names a variable which is not listed."""
    del known
    listed = project.policy.expand_environment
    for path, document in project.documents.items():
        if "$" in document.text and is_config(path):
            for route, name in _named(document.data, (), listed):
                hint = f"list `{name}` under `expand_environment` in {POLICY}, or use Jinja: `{{{{ var.value.… }}}}`"
                yield Problem(ID, f"`${name}` is not expanded", Place(path, route), hint)


def _named(value: Any, route: Route, listed: Collection[str]) -> Iterator[tuple[Route, str]]:
    """The first such variable of each value."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _CODE and not str(key).endswith(("_command", "_sql", "_query", "_script")):
                yield from _named(each, (*route, key), listed)
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _named(each, (*route, i), listed)
    elif isinstance(value, str) and "$" in value:
        names = (braced or bare for braced, bare in re.findall(_NAMED, value))
        yield from ((route, name) for name in [each for each in names if each not in listed][:1])
