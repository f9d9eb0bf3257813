"""Task types as a table in Python, and as a page of the docs."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import PurePosixPath
from textwrap import dedent
from typing import NamedTuple

from mergeflow.render.schema_types import Schema
from mergeflow.render.shapes import listed, tabulated
from mergeflow.tasks import TASK_TYPES, model_of
from mergeflow.tasks.installed import untabulated
from mergeflow.tasks.task_type import TaskType

_PARTS = re.compile(r"(?P<title>[^\n].*?\.)\n\n(?:(?P<more>.+?)\n\n)?\*Example\*:\n\n(?P<example>.+)", re.DOTALL)
_FILE = re.compile(r"^# (\w\S*/\S+)\n", re.MULTILINE)
"""What begins another file in an example."""
_HEAD = '''\
"""What the task types take, as a table. Written by `python -m tests.render.generated` from their models."""

from collections.abc import Mapping

from mergeflow.model.kinds import Shape
from mergeflow.tasks.entry import Entry

ENTRIES: Mapping[str, Entry] = {
'''
_INTRO = """\
# Task types

Written by `python -m tests.render.generated` from the types' models.

`type: <task type>` stands in the place of `operator`, and the keys beside it say what is meant. What every task may
have (`retries`, `dependencies`, `trigger_rule`, `pool` and so on) stays as it is. A mistake is found by
`mergeflow check`, at its key. What Airflow gets is an operator's task of the same id.
"""
_OUTRO = """\
## A type of your own

`mergeflow new task-type load-csv` writes a small distribution, `task_types/load-csv/`, with a type that works: a
pydantic model, whose fields are the type's keys, and `compile()`, which says what Airflow gets. It offers the type by
an entry point of the group `mergeflow.task_types`, so `type: load-csv` is known wherever it is installed: for
`mergeflow check`, in CI and in Airflow. What it does in Airflow is an operator's affair; prefer a provider's.

A type must not read anything but its own fields: `compile()` runs whenever Airflow reads the DAG.
"""


class Page(NamedTuple):
    """What the docstring of a task type says."""

    title: str
    more: str
    example: str


def page(name: str, model: type[TaskType]) -> Page:
    """The page that a docstring makes. Raises ValueError for one without its parts."""
    found = _PARTS.fullmatch(cleandoc(model.__doc__ or ""))
    if found is None:
        raise ValueError(f"the docstring of task type {name} needs a title with a full stop, and an *Example*")
    return Page(" ".join(found["title"].split()), found["more"] or "", f"{dedent(found['example'])}\n")


def table() -> str:
    """The module `mergeflow.tasks.table`, without its last line break."""
    return _HEAD + "".join(line for name in TASK_TYPES for line in _entry(name, model_of(name))) + "}"


def markdown() -> str:
    """The page of all types."""
    models = {name: model_of(name) for name in TASK_TYPES}
    contents = [f"| [`{name}`](#{name}) | {page(name, model).title} |" for name, model in models.items()]
    parts = [_INTRO, "| type | what it does |\n|---|---|\n" + "\n".join(contents) + "\n"]
    return "\n".join([*parts, *("\n".join(_section(name, model)) for name, model in models.items()), _OUTRO]).rstrip()


def _entry(name: str, model: type[TaskType]) -> Iterator[str]:
    said = untabulated(model)
    yield f'    "{name}": Entry(\n'
    yield from tabulated(model, " " * 8, "shape=")
    yield f"        templates={listed(said.templates)},\n" if said.templates else ""
    yield f"        one_of={listed(said.one_of)},\n" if said.one_of else ""
    pairs = ", ".join(f'"{key}": "{other}"' for key, other in said.only_with.items())
    yield f"        only_with={{{pairs}}},\n" if pairs else ""
    choices = ", ".join(f'"{key}": {listed(texts)}' for key, texts in said.choices.items())
    yield f"        choices={{{choices}}},\n" if choices else ""
    yield "    ),\n"


def _section(name: str, model: type[TaskType]) -> Iterator[str]:
    said, entry = page(name, model), untabulated(model)
    yield from (f"## {name}\n", f"{said.title}\n")
    if said.more:
        yield f"{said.more}\n"
    yield "| key | value | |\n|---|---|---|"
    for key, schema in model.model_json_schema()["properties"].items():
        required = "Required. " if key in entry.shape.required else ""
        yield f"| `{key}` | {_kind(schema)} | {required}{schema.get('description', '')} |"
    if model.one_of:
        yield f"\nExactly one of {_spelled(model.one_of)} must be there."
    for key, other in model.only_with.items():
        yield f"\n`{key}` stands only beside `{other}`."
    config, *files = _FILE.split(said.example)
    yield f"\n```yaml\n{config}```\n"
    for path, content in zip(files[::2], files[1::2], strict=True):
        kind = {".py": "python", ".sql": "sql", ".sh": "bash"}.get(PurePosixPath(path).suffix, "yaml")
        yield f"`{path}`:\n\n```{kind}\n{content.strip()}\n```\n"


def _kind(schema: Schema) -> str:
    """A type as YAML's users call it."""
    words = {
        "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "array": "list",
        "object": "mapping",
    }  # fmt: skip
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    kinds = [each.get("type") for each in schema.get("anyOf", [schema])]
    return " or ".join(words[each] for each in kinds if each in words) or "anything"


def _spelled(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in names)
