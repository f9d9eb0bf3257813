"""`mergeflow status`: whether Airflow runs what a commit says."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.cli.edge import wants_color, wrong_use
from mergeflow.workspace import find_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeflow.airflow.local.state import Found
    from mergeflow.airflow.status.access import Access
    from mergeflow.airflow.status.revisions import Revisions
    from mergeflow.status import Status

PATIENCE = 10.0
"""Seconds that one request may take."""


@click.command()
@click.option("--commit", metavar="SHA", help="What Airflow should run.  [default: origin/main, or main]")
@click.option(
    "--wait", "seconds", type=click.IntRange(1, 86_400), metavar="SECONDS", help="Wait so long until it does."
)
@click.option("--url", help="Airflow's address.  [default: $MERGEFLOW_AIRFLOW_URL, or this folder's `mergeflow up`]")
@click.option("--bundle", envvar="MERGEFLOW_AIRFLOW_BUNDLE", help="The bundle.  [default: that of most DAGs]")
@click.option("--env", "environment", envvar="MERGEFLOW_ENV", default="", help="The environment that Airflow runs in.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@wrong_use
def status(  # noqa: PLR0913 - one for each option
    *, commit: str | None, seconds: int | None, url: str | None, bundle: str | None, environment: str, form: str
) -> int:
    """Say of each DAG whether Airflow runs what a commit says: the end of a merge.

    Synced and Paused are in sync; OutOfSync, Missing, Stale, Error and Orphan are not. Exits 1 unless all are in sync,
    also when Airflow cannot be asked. The login is MERGEFLOW_AIRFLOW_TOKEN, or MERGEFLOW_AIRFLOW_USER and _PASSWORD, or
    in ~/.netrc; for `mergeflow up` none is needed.
    """
    from mergeflow.airflow.status.access import choose
    from mergeflow.airflow.status.revisions import Revisions
    from mergeflow.airflow.transport import AirflowError

    root = find_root(Path.cwd())
    access = choose(url, root / ".mergeflow", os.environ)
    revisions = Revisions(root, commit or _default(root, access.local), environment)
    try:
        found = _answer(access, revisions, bundle or _bundle(access.local), seconds)
    except AirflowError as error:
        click.echo(f"mergeflow: {error}{_hint(access, error)}", err=True)
        return 1
    click.echo(_rendered(found, form))
    return 0 if found.in_sync else 1


def _default(root: Path, local: Found | None) -> str | None:
    """What is expected when nobody says: what `mergeflow up` follows, none: the files; else the main branch."""
    from mergeflow.airflow.local.repository import is_url
    from mergeflow.airflow.status.revisions import named

    if local is None:
        return named(root, "origin/main", "main")
    if local.branch is None:
        return None
    remote = f"origin/{local.branch}"
    return named(root, remote, local.branch) if is_url(local.location) else named(root, local.branch, remote)


def _bundle(local: Found | None) -> str | None:
    """The bundle of `mergeflow up`, which is known before any DAG is in it."""
    from mergeflow.airflow.local.repository import Source

    return Source(local.location, local.branch).bundle_name if local else None


def _answer(access: Access, revisions: Revisions, bundle: str | None, seconds: int | None) -> Status:
    import time

    from mergeflow.airflow.status.observed import observe
    from mergeflow.airflow.status.waiting import wait
    from mergeflow.cli.waiting import Waiting
    from mergeflow.judging import judge

    client = access.client(PATIENCE)

    def look() -> Status:
        judged = judge(revisions.expected, observe(client), revisions.differs, bundle)
        return replace(judged, unknown=tuple(revisions.unknown))

    if seconds is None:
        return look()
    client.end_at(time.monotonic() + seconds)
    with Waiting("asking Airflow") as waiting:
        return wait(look, seconds, _teller(waiting.now))


def _teller(now: Callable[[str], None]) -> Callable[[str], None]:
    """Tell how far it is: beside a bar on a terminal, and in a log a line for each news."""
    if sys.stderr.isatty():
        return now
    told: list[str] = []

    def tell(line: str) -> None:
        if told[-1:] != [line]:
            told.append(line)
            click.echo(line, err=True)

    return tell


def _hint(access: Access, error: Exception) -> str:
    if access.local and "there is no Airflow" in str(error):
        return "; `mergeflow up` starts it"
    return ""


def _rendered(found: Status, form: str) -> str:
    from mergeflow.render import status as text
    from mergeflow.render import status_json

    return status_json.render(found) if form == "json" else text.render(found, datetime.now(UTC), color=wants_color())
