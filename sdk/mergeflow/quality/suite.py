"""A suite as it stands in `validators/expectations/`: read, checked for its shape, and plain."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mergeflow import suites
from mergeflow.checker import check
from mergeflow.files import CONFIG_SUFFIXES, SUITES, read
from mergeflow.project import load
from mergeflow.render import text
from mergeflow.rules import Known

SUITE_NAME = re.compile(r"[\w.-]+(/[\w.-]+)+")
"""`team/name`: what can neither leave the folder nor mean another file."""

Severity = Literal["critical", "warning"]
"""`critical` stops the pipeline, `warning` reports."""


class SuiteError(Exception):
    """A suite that cannot be used; its text is for the user."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation by Great Expectations' own name, or its class's, with its parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "critical"


@dataclass(frozen=True, slots=True)
class Column:
    """What a suite says of a column; no type: any."""

    name: str
    type: str | None = None
    nullable: bool = True
    may_be_empty: bool = False
    """Whether it may hold nulls alone: only where the suite itself says `nullable: true`."""
    sensitive: bool = False
    """Whether its values are shown nowhere."""


@dataclass(frozen=True, slots=True)
class Suite:
    """An expectation suite by its name, `team/name`."""

    name: str
    columns: tuple[Column, ...] = ()
    expectations: tuple[Expectation, ...] = ()


def find_root(start: Path) -> Path:
    """The repository around `start`: the nearest folder above it that holds suites. Raises SuiteError."""
    for folder in start.parents:
        if (folder / SUITES).is_dir():
            return folder
    raise SuiteError(f"there is no {SUITES}/ beside the dags/ folder of this DAG's bundle")


def read_suite(root: Path, name: str) -> Suite:
    """The suite `team/name` of a repository. Raises SuiteError, with every mistake in the file at its line."""
    paths = [f"{SUITES}/{name}{suffix}" for suffix in CONFIG_SUFFIXES]
    if not SUITE_NAME.fullmatch(name) or ".." in name:
        raise SuiteError(f"a suite is named `team/name`, after its file {SUITES}/team/name.yaml; not `{name}`")
    path = next((each for each in paths if (root / each).exists()), None)
    if path is None:
        raise SuiteError(f"there is no suite `{name}`: {paths[0]} does not exist")
    project = load({path: read(root, path)})
    report = check(project, Known(), rules=())
    if report.errors:
        raise SuiteError(f"suite `{name}` cannot be used\n{text.render(report)}")
    data = project.documents[path].data
    return Suite(name, tuple(map(_column, suites.columns(data))), tuple(map(_expectation, suites.expectations(data))))


def _column(entry: suites.Entry) -> Column:
    nullable = entry.config.get("nullable")
    sensitive = entry.config.get("sensitive") is True
    may_be_null = True if nullable is None else nullable
    return Column(entry.name, entry.config.get("type"), may_be_null, nullable is True, sensitive)


def _expectation(entry: suites.Entry) -> Expectation:
    return Expectation(entry.name, entry.parameters, entry.config.get("severity") or "critical")
