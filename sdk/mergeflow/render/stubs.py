"""The Python files that Airflow reads in place of YAML: one for each team, and one that shows what is wrong."""

import json
import re

from mergeflow.shards import CALL, loads

CONFIG_ERRORS = '''\
"""Shows what is wrong in configs/ among Airflow's import errors; the DAGs that are right are loaded by the stubs.

Airflow only reads files that hold the words "airflow" and "dag": keep them here.
"""

from mergeflow.airflow import raise_config_errors

raise_config_errors(globals())
'''
CALLS = {"config_errors": "raise_config_errors"}
"""What a file calls, by its name; all others are teams' stubs and call `load_dags`."""

_NAMED = re.compile(r"""load_dags\(\s*globals\(\)\s*,\s*["']([^"'\\]*)["']""")


def stub(name: str) -> str:
    """The text of `dags/<name>.py`."""
    if name == "config_errors":
        return CONFIG_ERRORS
    team = json.dumps(name, ensure_ascii=False)
    return f"from mergeflow.airflow import load_dags\n\nload_dags(globals(), {team})\n"


def does_its_work(name: str, content: str) -> bool:
    """Whether a file has the call that it is there for, as far as its text tells; a copy of another's has not.

    A shard's must have its name in it; a team's may work its name out.
    """
    if "/" in name:
        return loads(name, content)
    if name in CALLS:
        return f"{CALLS[name]}(" in content
    named = loaded(content)
    return CALL in content and (not named or name in named)


def loaded(content: str) -> list[str]:
    """The folders that a file loads by their names; one that works a name out has none."""
    return _NAMED.findall(content)
