"""Which DAGs run code that has changed although their configs have not: callables, callbacks, scripts."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from mergeflow.code import DAGS, Code
from mergeflow.dag import Dag
from mergeflow.files import Unreadable

_MOST_MODULES = 2_000
_IMPORTED = re.compile(rb"^\s*(?:from\s+(\.*[\w.]*)\s+import\s+([^#\n]+)|import\s+([\w.]+))", re.MULTILINE)


def dags_that_run(dags: Iterable[Dag], paths: Collection[str], code: Code | None) -> dict[str, list[str]]:
    """For each changed file below `dags/` the ids of the DAGs that name it, or a module that imports it."""
    files = {path: _names(path, code) for path in paths if path.startswith(f"{DAGS}/") and path.count("/") > 1}
    found: dict[str, list[str]] = {path: [] for path in files}
    for dag in dags if files else ():
        texts = set(_texts(dag.config))
        for path, names in files.items():
            if any(_names_it(text, names) for text in texts):
                found[path].append(dag.dag_id)
    return {path: dag_ids for path, dag_ids in found.items() if dag_ids}


def _names(path: str, code: Code | None) -> frozenset[str]:
    """How a config may name a file: a script by its path below `dags/`, a module by its import path.

    For a module these are also the modules that import it, directly or not, and scripts that do.
    """
    if not path.endswith(".py"):
        return frozenset({path.removeprefix(f"{DAGS}/")})
    names = {_dotted(path)}
    importers = _importers(code) if code else {}
    fresh = names
    while fresh:
        fresh = {each for name in fresh for each in importers.get(name, ())} - names
        names |= fresh
    return frozenset({*names, path.removeprefix(f"{DAGS}/"), *(f"{name.replace('.', '/')}.py" for name in names)})


def _names_it(text: str, names: Iterable[str]) -> bool:
    """Whether a text is one of these modules or something in it, or has one of these paths in it, as a command does."""
    return any(text == name or text.startswith(f"{name}.") or ("/" in name and name in text) for name in names)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _dotted(path: str) -> str:
    file = PurePosixPath(path)
    module = file.parent if file.name == "__init__.py" else file.with_suffix("")
    return ".".join(module.parts[1:])


def _importers(code: Code) -> Mapping[str, set[str]]:
    """For each module below `dags/` those that import it, as far as their texts tell."""
    found: dict[str, set[str]] = {}
    for path in _modules(code):
        content, here = code.tree.read(path), _dotted(path)
        package = here if path.endswith("/__init__.py") else here.rpartition(".")[0]
        for match in _IMPORTED.finditer(b"" if isinstance(content, Unreadable) else content):
            for name in _imported(match, package):
                found.setdefault(name, set()).add(here)
    return found


def _imported(match: re.Match[bytes], package: str) -> Iterator[str]:
    origin, names, plain = (each.decode("ascii", "replace") if each else "" for each in match.groups())
    if plain:
        yield plain
        return
    level = len(origin) - len(origin.lstrip("."))
    base = package.split(".")[: len(package.split(".")) - level + 1] if level else []
    module = ".".join([*base, *filter(None, origin.lstrip(".").split("."))])
    yield module
    yield from (f"{module}.{each.strip(' ()').partition(' ')[0]}" for each in names.split(","))


def _modules(code: Code) -> list[str]:
    """The Python files below `dags/`, as many as anybody has."""
    found: list[str] = []
    folders = [DAGS]
    while folders and len(found) < _MOST_MODULES:
        folder = folders.pop()
        for name in sorted(code.tree.names(folder) or ()):
            if name.endswith(".py"):
                found.append(f"{folder}/{name}")
            elif "." not in name and name != "__pycache__":
                folders.append(f"{folder}/{name}")
    return found
