"""`mergeflow up`: a local Airflow that follows this repository."""

from __future__ import annotations

import signal
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from types import FrameType

    from mergeflow.airflow.local.follow import Live, Merge
    from mergeflow.airflow.local.repository import Source
    from mergeflow.airflow.local.settings import LocalSettings
    from mergeflow.airflow.local.supervisor import LocalAirflow

WIDE = 200  # columns, where there is no terminal whose width would cut a dag_id short
SITE = "kpi_site"
"""The connection of the simulators' site, as the shipped template names it."""
LOOK = 1.0  # seconds between two looks at the branch


@click.command()
@click.option("--repo", metavar="PATH|URL", help="The repository to follow.  [default: this one]")
@click.option("--branch", default="main", show_default=True, help="The branch to follow.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--working-tree", is_flag=True, help="Follow the files as they are, also uncommitted ones.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where databases, logs and clones are kept.  [default: .mergeflow in the checkout]",
)
@click.option("--site", is_flag=True, help="Run the simulators' site, too.")
@click.option("--site-port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def up(  # noqa: PLR0913 - one for each option
    repo: str | None, branch: str, port: int, state: Path | None, site_port: int, *, working_tree: bool, site: bool
) -> int:
    """Run Airflow on SQLite, following a branch, until Ctrl-C.

    Every commit on the branch is live a few seconds later. New DAGs start paused.
    """
    from mergeflow.airflow.local.repository import DAGS, RepositoryError, choose
    from mergeflow.airflow.local.state import StateInUseError
    from mergeflow.airflow.local.supervisor import LocalAirflow, LocalAirflowError, check_port
    from mergeflow.airflow.transport import AirflowError

    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        source = choose(Path.cwd(), repo, branch, working_tree=working_tree)
        if source.notice:
            console.print(f"note: {source.notice}", markup=False)
        if source.root is not None and not source.follows_git and not (source.root / DAGS).is_dir():
            raise click.ClickException(f"there is no {DAGS}/ folder here; run this inside a Mergeflow repository")
        settings, beside = _settings(source, port, state), dict[str, list[str]]()
        if site:
            check_port(site_port, "--site-port")
            settings, beside = _with_site(settings, site_port)
        airflow = LocalAirflow(settings, say=lambda line: console.print(line, markup=False), beside=beside)
        _run(airflow, console)
    except (RepositoryError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except (LocalAirflowError, StateInUseError, AirflowError) as error:
        click.echo(f"mergeflow: {error}", err=True)
        return 1
    except KeyboardInterrupt:
        console.print("stopped")
    return 0


def _run(airflow: LocalAirflow, console: Console) -> None:
    from mergeflow.airflow.local.follow import Follower, wait_until_settled

    begun = time.monotonic()
    airflow.start()
    console.print(f"following {airflow.settings.source.label}", markup=False)
    try:
        with console.status("waiting for Airflow"):
            live = wait_until_settled(airflow)
        _welcome(airflow.settings, live, time.monotonic() - begun, console)
        follower, known = Follower(airflow), {dag.dag_id: dag.file for dag in live.dags}
        while True:
            if merge := follower.look():
                _show_merge(merge, known, airflow.settings, console)
                known = _after(known, merge)
            time.sleep(LOOK)
    finally:
        console.print("stopping")
        airflow.stop()


def _settings(source: Source, port: int, state: Path | None) -> LocalSettings:
    from mergeflow.airflow.local.settings import LocalSettings, connections

    root = source.root or Path.cwd()
    folder = (state or root / ".mergeflow").resolve()
    file = root / "pyproject.toml"
    try:
        pyproject = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file.name} is not TOML: {error}") from None
    return LocalSettings(folder, source, port, connections(pyproject, folder))


def _with_site(settings: LocalSettings, port: int) -> tuple[LocalSettings, dict[str, list[str]]]:
    """The settings with the connection of the simulators' site, and the command that runs it."""
    from importlib.util import find_spec

    from mergeflow.django import local

    if not (find_spec("django") and find_spec("gunicorn")):
        raise ValueError("the site needs Django: pip install 'mergeflow[django]'")
    declared = {**(settings.connections or {}), SITE: local.connection(settings.state, port)}
    return replace(settings, connections=declared), {"site": local.command(settings.state, port)}


def _welcome(settings: LocalSettings, live: Live, seconds: float, console: Console) -> None:
    from mergeflow.airflow.local.settings import USER

    console.print(f"Airflow is up on {settings.url} after {seconds:.0f} s", markup=False)
    console.print(f"  user {USER}, password in {_short(settings.passwords)}", markup=False)
    console.print(f"  logs in {_short(settings.logs)}", markup=False)
    _show_site(settings, console)
    table = Table("DAG", "schedule", "paused", "file", "owner", box=None, pad_edge=False)
    for dag in live.dags:
        table.add_row(dag.dag_id, dag.schedule or "-", "yes" if dag.paused else "no", dag.file, ", ".join(dag.owners))
    console.print(table if live.dags else "no DAGs yet")
    _show_problems(live, console)
    console.print("Ctrl-C stops it")


def _show_site(settings: LocalSettings, console: Console) -> None:
    from mergeflow.django.local import USER, access_file

    file, site = access_file(settings.state), (settings.connections or {}).get(SITE, {})
    if "password" in site and file.exists():
        console.print(f"The simulators' site is on http://{site['host']}:{site['port']}/admin/", markup=False)
        console.print(f"  user {USER}, password in {_short(file)}", markup=False)


def _after(known: dict[str, str], merge: Merge) -> dict[str, str]:
    """The DAGs that are live after a merge, each with its file; what the merge did not touch is as it was."""
    others = {dag_id: file for dag_id, file in known.items() if file not in merge.files}
    return known if merge.late else others | {dag.dag_id: dag.file for dag in merge.live.dags}


def _show_merge(merge: Merge, known: dict[str, str], settings: LocalSettings, console: Console) -> None:
    commit = merge.commit[:7]
    if merge.late:
        log = _short(settings.logs / "dag-processor.log")
        console.print(f"{commit} is not live after {merge.seconds:.0f} s, see {log}", markup=False)
    elif not merge.files:
        console.print(f"{commit} changes nothing that Airflow reads", markup=False)
    else:
        count = len(merge.live.dags)
        files = ", ".join(merge.files)
        dags = "1 DAG" if count == 1 else f"{count} DAGs"
        console.print(f"{commit} is live after {merge.seconds:.1f} s: {dags} in {files}", markup=False)
        now = _after(known, merge)
        for sign, dag_ids in (("+", now.keys() - known.keys()), ("-", known.keys() - now.keys())):
            for dag_id in sorted(dag_ids):
                console.print(f"  {sign} {dag_id}", markup=False)
    _show_problems(merge.live, console)


def _show_problems(live: Live, console: Console) -> None:
    for problem in live.problems:
        console.print(f"import error in {problem.file}:", markup=False)
        console.print("\n".join(f"  {line}" for line in problem.text.strip().splitlines()), markup=False)


def _short(path: Path) -> str:
    """Write a path as the user would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
