"""Which other files a question about some needs, told from their text: a commit hook must not parse a fleet.

A file is read too often rather than too seldom: what only looks like a name costs time, and nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mergeflow.expressions import fits
from mergeflow.files import Files
from mergeflow.paths import is_config, is_defaults, suite_of
from mergeflow.project import Project, load, top_keys
from mergeflow.relations import assets_of, dag_ids_of
from mergeflow.templates import template_of

FEW = 50
"""Up to this many names, looking for each in a text is quicker than reading the text's keys."""
MOST_FOLLOWED = 100
"""Beyond so many files a circle of assets is not followed; a check of everything finds it."""

_AFTER = rb"(?![\w\x80-\xff-]|[./]\w)"
"""What cannot stand behind an asset's name or URI; a slash at the end of a URI means nothing."""
_KEY = re.compile(rb"""(?<![\w.\x80-\xff-])([\w.\x80-\xff-]++)["']?\s*+:""")
"""Whatever may be a dag_id; possessive and anchored, so that the time is in proportion to the text."""

_LIST = re.compile(rb"(?:\s++|#[^\n]*+|---(?=\s))*+[-\[]")
"""How a file begins that is a list, after blank lines and comments."""


def nearby(project: Project, others: Files) -> Files:
    """Those of `others` that may define a DAG of `project` again, or that have to do with one, an asset or a suite."""
    texts = {path: each for path, each in others.items() if isinstance(each, bytes) and _holds_dags(path)}
    waits, makes = assets_of(project.dags)
    in_a_ring = bool(waits and makes)
    dag_ids = {dag.dag_id for dag in project.dags} | dag_ids_of(project.dags)
    found = {**defining(texts, dag_ids), **telling(texts, waits | makes if in_a_ring else waits)}
    found |= naming(texts, project.suites)
    fresh, seen = found if in_a_ring else {}, makes
    while fresh and len(found) < MOST_FOLLOWED:
        _, makes = assets_of(load(fresh).dags)
        fresh = {path: each for path, each in telling(texts, makes - seen).items() if path not in found}
        found, seen = {**found, **fresh}, seen | makes
    return found


def makers(files: Files, others: Files) -> Files:
    """Those of `others` whose DAGs may be made from the templates and items among these files."""
    sources = (path for path, each in files.items() if not suite_of(path) and (not is_config(path) or _is_list(each)))
    names = [template_of(path) or path.rpartition("/")[2] for path in sources]
    texts = {path: each for path, each in others.items() if isinstance(each, bytes) and _holds_dags(path)}
    return naming(texts, names)


def _is_list(content: object) -> bool:
    """Whether a file may hold the items of a `for_each` rather than DAGs."""
    return isinstance(content, bytes) and _LIST.match(content) is not None


def with_names(project: Project, others: Files) -> Project:
    """The project; where it refers to a DAG that is nowhere, also the names in other files, for a hint."""
    keys = {key for document in project.configs if isinstance(document.data, dict) for key in document.data}
    if dag_ids_of(project.asked) <= keys | {each.dag.dag_id for each in project.named}:
        return project
    contents = (each for path, each in others.items() if isinstance(each, bytes) and _holds_dags(path))
    return replace(project, elsewhere=project.elsewhere.union(*map(top_keys, contents)))


def defining(texts: Mapping[str, bytes], names: Iterable[str]) -> dict[str, bytes]:
    """Those that may have one of these names as a key; where a name stands nowhere, nothing is looked for."""
    wanted = set(_encoded(names))
    few = (
        {path: each for name in wanted for path, each in texts.items() if name in each} if len(wanted) < FEW else texts
    )
    found = {path: each for path, each in few.items() if not wanted.isdisjoint(_KEY.findall(each))}
    return found | {path: each for path, each in texts.items() if b"${{" in each and _makes(each, wanted)}


def _makes(content: bytes, names: Iterable[bytes]) -> bool:
    """Whether one of these names may be made from a key such as `sales_${{ item.region }}`, alone in its line."""
    lines = (line.rstrip() for line in content.splitlines() if b"${{" in line and not line[:1].isspace())
    keys = (line[:-1].strip(b"\"' ") for line in lines if line.endswith(b":"))
    return any(fits(name, key) for key in keys for name in names)


def naming(texts: Mapping[str, bytes], names: Iterable[str]) -> dict[str, bytes]:
    """Those in which one of these names stands, wherever and within whatever it may be."""
    wanted = list(_encoded(names))
    return {path: each for path, each in texts.items() if any(name in each for name in wanted)} if wanted else {}


def telling(texts: Mapping[str, bytes], assets: Iterable[str]) -> dict[str, bytes]:
    """Those in which one of these names or URIs of assets stands, not as the beginning of another."""
    found: dict[str, bytes] = {}
    for name in _encoded(assets):
        whole = re.compile(re.escape(name) + _AFTER)
        found |= {path: each for path, each in texts.items() if name in each and whole.search(each)}
    return found


def _encoded(names: Iterable[str]) -> Iterator[bytes]:
    return (name.encode("utf-8", "replace") for name in names)


def _holds_dags(path: str) -> bool:
    return is_config(path) and not is_defaults(path)
