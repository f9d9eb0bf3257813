"""What `mergeflow new task-type` writes: a distribution with a task type that works, to be changed into another."""

from collections.abc import Mapping

FOLDER = "task_types"
"""The folder of a repository that holds the distributions."""

_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "mergeflow-{name}"
version = "0.1.0"
description = "The task type `{name}` for Mergeflow."
dependencies = ["mergeflow"]

[project.entry-points."mergeflow.task_types"]
{name} = "mergeflow_{stem}:{model}"

[tool.hatch.build.targets.wheel]
only-include = ["mergeflow_{stem}.py"]
"""
_MODULE = '''\
"""The task type `{name}`."""

from typing import Any, ClassVar

from pydantic import Field

from mergeflow.tasks.task_type import TaskType


class {model}(TaskType):
    """Post a message to the chat of a team.

    *Example*:

        orders:
          schedule: "@daily"
          tasks:
            tell:
              type: {name}
              team: payments
              text: the orders of {{{{ ds }}}} are there
    """

    templates: ClassVar = ("text",)

    team: str = Field(description="Whose chat it is.")
    text: str = Field(description="The message.")

    def compile(self) -> dict[str, Any]:
        """The operator that Airflow gets, by its full import path, and its parameters."""
        return {{
            "operator": "mergeflow.airflow.operators.http.JsonHttpOperator",
            "http_conn_id": "chat",
            "method": "POST",
            "endpoint": f"/channels/{{self.team}}/messages",
            "json": {{"text": self.text}},
        }}
'''
_TEST = '''\
"""`python -m pytest` here, once `pip install -e .` has been run."""

from mergeflow_{stem} import {model}

from mergeflow.render.task_types import page
from mergeflow.tasks import model_of


def test_what_airflow_gets() -> None:
    task = {model}.model_validate({{"team": "payments", "text": "hello"}}).compile()
    assert task["endpoint"] == "/channels/payments/messages"
    assert task["json"] == {{"text": "hello"}}


def test_it_is_installed_and_has_a_page() -> None:
    assert model_of("{name}") is {model}
    assert page("{name}", {model}).example
'''


def files(name: str) -> Mapping[str, str]:
    """The files of a distribution, by path."""
    stem = name.replace("-", "_")
    words = {"name": name, "stem": stem, "model": "".join(each.capitalize() for each in stem.split("_"))}
    folder = f"{FOLDER}/{name}"
    return {
        f"{folder}/pyproject.toml": _PROJECT.format(**words),
        f"{folder}/mergeflow_{stem}.py": _MODULE.format(**words),
        f"{folder}/test_{stem}.py": _TEST.format(**words),
    }
