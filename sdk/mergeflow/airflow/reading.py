"""Which files a stub reads: its team's, and what these are merged with; for one task, those that may define its DAG."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mergeflow.files import CONFIGS, ENVIRONMENTS, POLICY, TEMPLATES, Files, from_directory, read
from mergeflow.paths import DEFAULTS_NAMES, is_config, is_defaults


def root_of(namespace: Mapping[str, Any]) -> Path:
    """The repository: the folder above the stub's."""
    return Path(namespace["__file__"]).absolute().parent.parent


def files_of_team(root: Path, team: str, wanted: str | None = None) -> Files:
    """What the stub of a team reads; where Airflow parses for one task, `wanted` is the dag_id of its DAG."""
    return _naming(_team_files(root, team), wanted)


def _team_files(root: Path, team: str) -> Files:
    above = (*(f"{CONFIGS}/{name}" for name in DEFAULTS_NAMES), POLICY)
    shared = {path: read(root, path) for path in above if (root / path).exists()}
    return {**shared, **from_directory(root, TEMPLATES, ENVIRONMENTS, f"{CONFIGS}/{team}")}


def _naming(files: Files, dag_id: str | None) -> Files:
    """Those of `files` that may define a DAG, and the defaults; all of them when none is wanted in particular."""
    if dag_id is None:
        return files
    naming = dict(_defining(files, dag_id.encode()))
    return naming if any(map(_defines_dags, naming)) else files  # YAML may write it with an escape


def _defining(files: Files, name: bytes) -> Iterator[tuple[str, Any]]:
    for path, content in files.items():
        if not _defines_dags(path) or (isinstance(content, bytes) and _may_define(content, name)):
            yield path, content


def _may_define(content: bytes, name: bytes) -> bool:
    """An expression may stand for any name, and a list may hold the items that a DAG is made for."""
    return name in content or b"${{" in content or content.lstrip()[:1] in (b"-", b"[", b"#")


def _defines_dags(path: str) -> bool:
    return is_config(path) and not is_defaults(path)
