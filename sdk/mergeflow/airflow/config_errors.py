"""What is wrong in `configs/`, among Airflow's import errors.

Only `dags/config_errors.py` raises: an import error of a stub would mark every DAG of that stub stale, and end their
schedules.
"""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Never

from airflow.sdk import DAG

from mergeflow.airflow import cache
from mergeflow.airflow.building import Attempts, checked, uncollected
from mergeflow.airflow.reading import ENVIRONMENT, root_of
from mergeflow.airflow.surroundings import below, digest, stamp
from mergeflow.airflow.trials import tried
from mergeflow.airflow.verdicts import Verdicts
from mergeflow.catalog import CatalogError
from mergeflow.diagnostic import Report, in_order
from mergeflow.files import POLICY, Files, Unreadable, from_directory
from mergeflow.project import load
from mergeflow.render import text
from mergeflow.shards import DAGS
from mergeflow.workspace import known_around

HEADS = 300
"""Of how many errors, beyond those that are shown whole, the first line is: MySQL's column ends at 64 KiB."""


class ConfigErrors(Exception):
    """What Airflow shows as an import error: the diagnostics, as the terminal has them."""


def raise_config_errors(namespace: MutableMapping[str, Any]) -> None:
    """Show what is wrong in `configs/` among Airflow's import errors; do nothing when nothing is."""
    if shown := _shown(root_of(namespace), namespace["__file__"]):
        namespace["config_errors"] = _Refusal(shown)


def _shown(root: Path, stub: str) -> str:
    """What Airflow should show: what it showed last time, where nothing has changed since."""
    files = from_directory(root)
    policy = load({path: content for path, content in files.items() if path == POLICY}).policy
    verdicts = Verdicts(root, policy.expand_environment)
    noted = verdicts.of(verdicts.around.stubs)
    name, key = f"shown by {stub}", _key(root, files, verdicts, noted)
    last = cache.load(name)
    if isinstance(last, dict) and last.get("key") == key and isinstance(last.get("text"), str):
        return str(last["text"])
    found, is_certain = _found(files, root, stub, verdicts, noted)
    if is_certain:
        cache.store(name, {"key": key, "text": found})
    return found


def _found(files: Files, root: Path, stub: str, verdicts: Verdicts, noted: Mapping[str, str]) -> tuple[str, bool]:
    """The errors as the terminal has them, and whether they are the same as long as nothing changes."""
    try:
        known = known_around(root)
    except CatalogError as error:
        return str(error), False
    with uncollected():
        project = load(files).within(os.environ.get(ENVIRONMENT, ""))
        ready = checked(project, known, stub)
    building = tried(ready, verdicts, noted, Attempts(project, stub))
    errors = in_order((*ready.errors, *building.errors))
    if not errors:
        return "", building.is_certain
    report = Report(errors, files=len({each.location.path for each in errors}))
    return text.render(report, heads=HEADS), building.is_certain


def _key(root: Path, files: Files, verdicts: Verdicts, noted: Mapping[str, str]) -> str:
    """A digest of all that decides what is shown: what configs and code say, and when other files were written.

    A stub's own time does not count: the bundle changes it to have the stub parsed.
    """
    read = (*files.items(), *verdicts.around.python.items(), *sorted(noted.items()))
    parts = (part.reason if isinstance(part, Unreadable) else part for pair in read for part in pair)
    others = (path for path in below(root / DAGS) if not path.endswith(".py"))
    paths = sorted((*others, *below(root / "validators")))
    return digest(verdicts.around.everywhere, *parts, *map(stamp, paths)).hex()


class _Refusal(DAG):
    """A DAG that Airflow refuses with a text of ours: a module that raises would be shown as a traceback."""

    def __init__(self, reason: str) -> None:
        super().__init__("mergeflow_config_errors", schedule=None)
        self._reason = reason

    def validate(self) -> Never:
        """Called by Airflow before it takes the DAG: raises what the user should read."""
        raise ConfigErrors(f"\n{self._reason}")
