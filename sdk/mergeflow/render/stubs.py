"""The Python files that Airflow reads in place of YAML: one for each team, and one that shows what is wrong."""

import json

from mergeflow.shards import loads

CONFIG_ERRORS = '''\
"""Shows what is wrong in configs/ among Airflow's import errors; the DAGs that are right are loaded by the stubs.

Airflow only reads files that hold the words "airflow" and "dag": keep them here.
"""

from mergeflow.airflow import raise_config_errors

raise_config_errors(globals())
'''
CALLS = {"config_errors": "raise_config_errors"}
"""What a file calls, by its name; all others are teams' stubs and call `load_dags`."""


def stub(name: str) -> str:
    """The text of `dags/<name>.py`."""
    if name == "config_errors":
        return CONFIG_ERRORS
    team = json.dumps(name, ensure_ascii=False)
    return f"from mergeflow.airflow import load_dags\n\nload_dags(globals(), {team})\n"


def does_its_work(name: str, content: str) -> bool:
    """Whether a file has the call that it is there for, as far as its text tells; a shard, also with its own name."""
    if "/" in name:
        return loads(name, content)
    return f"{CALLS.get(name, 'load_dags')}(" in content
