"""Where a DAG comes from: its lines, what it was made from, and who owns it. Airflow's docs of the DAG tell it."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from mergeflow.dag import Dag
from mergeflow.paths import team_of
from mergeflow.project import Project

_TOP = re.compile(r"\n(?P<key>[^\s\-#}\]:][^:\n]*(?::(?!\s|$)[^:\n]*)*)")
"""A line that no longer belongs to the block mapping's entry above it, with its key if it has one."""


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
    entries = _entries(text)
    found = entries.get(key) or entries.get(f'"{key}"') or entries.get(f"'{key}'")
    if found is None:
        return 0, text
    line, start, end = found
    return line, text[start:end].rstrip() + "\n"


@lru_cache(maxsize=1)
def _entries(text: str) -> Mapping[str, tuple[int, int, int]]:
    """The line, the beginning and the end of each entry of a file, whose DAGs come one after the other."""
    tops = [*_TOP.finditer(f"\n{text}")]  # found much sooner than `^`, and where it begins is where the line does
    found: dict[str, tuple[int, int, int]] = {}
    line, at = 1, 0
    for i, top in enumerate(tops):
        line, at = line + text.count("\n", at, top.start()), top.start()
        found.setdefault(top["key"].rstrip(), (line, at, tops[i + 1].start() if i + 1 < len(tops) else len(text)))
    return found


def _owners(dag: Dag) -> Iterator[str]:
    """Every owner that the config names, for all tasks or for one; Airflow takes several in one text."""
    for config in (_mapping(dag.config.get("default_args")), *(task.config for task in dag.tasks.values())):
        owner = config.get("owner")
        if isinstance(owner, str):
            yield from (name.strip() for name in owner.split(",") if name.strip())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
