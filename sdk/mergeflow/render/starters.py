"""The files that a new team and a new DAG start from."""

from collections.abc import Mapping
from typing import Any

from mergeflow.files import CONFIGS
from mergeflow.render.spelled import spelled
from mergeflow.render.stubs import stub

BASH = "airflow.providers.standard.operators.bash.BashOperator"


def team(name: str) -> dict[str, str]:
    """A team's files by path: its stub, and defaults that name it as the owner."""
    defaults = f"# What every DAG of this team starts from.\ndefault_args:\n  owner: {spelled(name)}\n  retries: 1\n"
    return {f"dags/{name}.py": stub(name), f"{CONFIGS}/{name}/defaults.yml": defaults}


def grants(name: str) -> str:
    """What a policy that lists its teams needs for a new one, to be added below `teams:`."""
    return f"  {name}:\n    owners: [name@example.org]\n    connections: []"


def dag(dag_id: str, operator: str) -> str:
    """A DAG that runs as it is; `operator` is what BashOperator is called here."""
    return f"""\
{dag_id}:
  description: say hello once a day
  schedule: "@daily"
  tasks:
    hello:
      operator: {operator}
      bash_command: echo "hello from {{{{ run_id }}}}"
"""


def made_dag(dag_id: str, template: str, parameters: Mapping[str, Any]) -> str:
    """A DAG that is made from a template; a parameter that must be given stands for its own name."""
    lines = [f"{dag_id}:", f"  template: {template}", "  with:"]
    for name, schema in parameters.items():
        says = schema.get("description") if isinstance(schema, dict) else None
        said = f"  # {says}" if isinstance(says, str) else ""
        if isinstance(schema, dict) and "default" in schema:
            lines.append(f"    # {name}: {spelled(schema['default'])}{said.replace('  #', ' ·', 1)}")
        else:
            lines.append(f"    {name}: TODO{said}")
    return "\n".join(lines if parameters else lines[:-1]) + "\n"
