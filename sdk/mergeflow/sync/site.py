"""The simulators of a Django site, read in a process of its own: Django has settings once, and these are another's."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mergeflow.sync.rows import Row

COMMAND = "export_simulators"
"""The site's command that prints its rows as JSON."""
PATIENCE = 60
"""Seconds for the site to be read; a database that does not answer is told before."""


class SiteError(Exception):
    """A site that cannot be read; one line for the user."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a site has: the rows that can run, why others cannot, and the numbers of those others."""

    rows: tuple[Row, ...]
    refused: tuple[str, ...]
    skipped: frozenset[int]


def read_site(root: Path, settings: str | None = None, database: str | None = None) -> Site:
    """The simulators of a site with these settings, or of the shipped one with this database. Raises SiteError."""
    command = [sys.executable, "-m", "mergeflow.django", COMMAND]
    environment = os.environ | {name: value for name, value in _variables(settings, database) if value}
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise SiteError(f"the site's database has not answered for {PATIENCE} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it says nothing"]
        raise SiteError(f"the site cannot be read: {said[-1].removeprefix('mergeflow.django: ')}")
    found = json.loads(done.stdout.splitlines()[-1])
    rows = tuple(Row(**{**row, "start_date": date.fromisoformat(row["start_date"])}) for row in found["rows"])
    return Site(rows, tuple(found["refused"]), frozenset(found["skipped"]))


def _variables(settings: str | None, database: str | None) -> list[tuple[str, str | None]]:
    """The environment of a site that signs nothing: where it has no key, one for the moment will do."""
    key = os.environ.get("DJANGO_SECRET_KEY") or secrets.token_urlsafe(40)
    return [("DJANGO_SETTINGS_MODULE", settings), ("DATABASE_URL", database), ("DJANGO_SECRET_KEY", key)]
