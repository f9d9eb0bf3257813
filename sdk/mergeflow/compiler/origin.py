"""Where a DAG comes from: its lines, what it was made from, and who owns it. Airflow's docs of the DAG tell it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.dag import Dag
from mergeflow.paths import team_of
from mergeflow.project import Project

_WITHIN = " \t\r\n-#}]"
"""What the first character of a line may be that still belongs to the block mapping's entry above it."""


class Item(NamedTuple):
    """What a `for_each` made a DAG for: a row of a table, by its line, or an item of a list, counted from 1."""

    path: str
    number: int
    is_line: bool


class Origin(NamedTuple):
    """Where a DAG comes from beyond its file; `line` is 0 where the lines of the file cannot tell it."""

    line: int = 0
    template: str = ""
    item: Item | None = None
    owners: tuple[str, ...] = ()


NOWHERE = Origin()


def origin_of(project: Project, dag: Dag, line: int) -> Origin:
    """Where a DAG comes from; nothing here composes a file, so a list's item has a number and no line."""
    owners = tuple(dict.fromkeys(_owners(dag))) or project.policy.team(team_of(dag.path)).owners
    made, template = dag.layers.made, dag.layers.template
    item = None
    if made and made.place.route != dag.layers.own.route:
        path, number = made.place.path, made.place.route[-1]
        is_line = path in project.tables
        item = Item(path, int(number) + (not is_line), is_line)
    return Origin(line, template.path if template else "", item, owners)


def own_text(text: str, key: str) -> tuple[int, str]:
    """The line on which a DAG begins and its lines; 0 and all lines where that cannot be told from them alone."""
    start = _entry(text, key)
    if start is None:
        return 0, text
    at = text.find("\n", start) + 1
    while at and text[at : at + 1] in _WITHIN:  # also at the end of the text
        at = text.find("\n", at) + 1
    own = text[start : at or None].rstrip() + "\n"
    return text.count("\n", 0, start) + 1, own


def _entry(text: str, key: str) -> int | None:
    """Where in a text the entry with this key begins; a fleet asks often, so without a pattern for each key."""
    for head in (f"{key}:", f'"{key}":', f"'{key}':"):
        at = 0 if text.startswith(head) else text.find(f"\n{head}") + 1
        while at or text.startswith(head):
            if text[at + len(head) : at + len(head) + 1] in ("", " ", "\t", "\r", "\n"):
                return at
            at = text.find(f"\n{head}", at) + 1
            if not at:
                break
    return None


def _owners(dag: Dag) -> Iterator[str]:
    """Every owner that the config names, for all tasks or for one; Airflow takes several in one text."""
    for config in (_mapping(dag.config.get("default_args")), *(task.config for task in dag.tasks.values())):
        owner = config.get("owner")
        if isinstance(owner, str):
            yield from (name.strip() for name in owner.split(",") if name.strip())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
