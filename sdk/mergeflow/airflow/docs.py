"""What Airflow's UI shows as the docs of a DAG: where it comes from, what its team says of it, its YAML.

Whoever is called at night reads the first line: file and line, the last commit of that file, owner, with links where
the remote is a known host. Values of environment variables are in none of it. Texts that somebody else wrote stand in
code spans and fenced code, where Markdown means nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from airflow.sdk import DAG, get_parsing_context

from mergeflow.airflow.reading import root_of
from mergeflow.paths import team_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mergeflow.airflow.history import History
    from mergeflow.compiler import CompiledDag
    from mergeflow.compiler.origin import Item

MOST_TEXT = 50_000
"""Characters of YAML that are shown: Airflow keeps the docs with every version of a DAG."""

YAML = "## YAML"
_SHORT = 7
"""Of a commit; the link has all of it."""


def add_docs(dag: DAG, compiled: CompiledDag, stub: str) -> None:
    """Put what is known of a DAG around the docs that its config gives it; not for a task, which shows nobody any."""
    if get_parsing_context().dag_id is None:
        from mergeflow.airflow.history import noted

        dag.doc_md = page(compiled, dag.doc_md, noted(_project(stub)))


def page(compiled: CompiledDag, said: str | None, history: History) -> str:
    """The docs of a DAG, in Markdown; `said` is what its config has for docs."""
    own = (said or "").strip()
    text = "\n\n".join(part for part in (_line(compiled, history), own, YAML, _fenced(compiled.source)) if part)
    return text.encode("utf-8", "replace").decode()  # a name of a file may be no text


@lru_cache(maxsize=1)
def _project(stub: str) -> Path:
    """A stub's DAGs come one after the other."""
    return root_of({"__file__": stub})


def _line(compiled: CompiledDag, history: History) -> str:
    return " · ".join(_parts(compiled, history))


def _parts(compiled: CompiledDag, history: History) -> Iterator[str]:
    path, origin = compiled.path, compiled.origin
    yield _file(path, origin.line, history)
    if commit := history.commit_of(path):
        yield "commit " + _linked(commit[:_SHORT], history.remote.commit(commit) if history.remote else "")
    if origin.owners:
        yield ("owner " if len(origin.owners) == 1 else "owners ") + ", ".join(map(_code, origin.owners))
    elif team := team_of(path):
        yield f"team {_code(team)}"
    if origin.template:
        yield "from " + _file(origin.template, 0, history)
    if origin.item:
        yield _item(origin.item, path)


def _file(path: str, line: int, history: History) -> str:
    """A file of the project, as its last commit has it: nothing else changes that link, and what it leads to."""
    shown, commit = f"{path}:{line}" if line else path, history.commit_of(path)
    if history.remote is None or not commit:
        return _code(shown)
    return _linked(shown, history.remote.file(history.folder + path, commit, line))


def _item(item: Item, path: str) -> str:
    """Without a commit: a row more in a table would be another version of all DAGs that are made for its rows."""
    if item.is_line:
        return f"item {_code(f'{item.path}:{item.number}')}"
    return f"item {item.number}" + (f" of {_code(item.path)}" if item.path != path else "")


def _linked(text: str, link: str) -> str:
    return f"[{_code(text)}]({link})" if link else _code(text)


def _code(text: str) -> str:
    """A code span of one line, closed by more backticks than there are in it."""
    shown = text if text.isprintable() else "".join(char if char.isprintable() else "�" for char in text)
    ticks = "`" * (_longest_run(shown) + 1)
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"{ticks}{shown}{ticks}"


def _fenced(text: str) -> str:
    cut = text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT].rpartition(chr(10))[0]}\n# … and more\n"
    fence = "`" * max(3, _longest_run(cut) + 1)
    return f"{fence}yaml\n{cut.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0) if "`" in text else 0
