"""`mergeflow stubs`: the files in `dags/` by which Airflow finds the teams' configs."""

from pathlib import Path

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.files import CONFIGS, config_paths
from mergeflow.paths import is_defaults, team_of
from mergeflow.render.stubs import does_its_work, stub
from mergeflow.workspace import WrongUse, find_root

DAGS = "dags"
_SHARED = frozenset({"environments", "templates"})
"""Folders of configs/ that belong to no team."""


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; only say what is missing.")
@wrong_use
def stubs(*, check: bool) -> int:
    """Write the missing files in dags/: one for each team, and config_errors.py.

    A file that is there is never overwritten. Exits 1 when one was missing, so that a commit stops and can include it.
    """
    root = find_root(Path.cwd())
    paths = (path for path in config_paths(root, CONFIGS) if not is_defaults(path))
    teams = sorted({team for path in paths if (team := team_of(path))} - _SHARED)
    said = [line for name in ("config_errors", *teams) if (line := _done(root, name, check=check))]
    click.echo("\n".join(said) or f"{DAGS}/ has its {len(teams)} stub{'s' * (len(teams) != 1)} and config_errors.py")
    return 1 if said else 0


def _done(root: Path, name: str, *, check: bool) -> str:
    """Write one file, unless it is there or nothing shall be written; a line about it, or nothing."""
    path = f"{DAGS}/{name}.py"
    file = root / path
    if file.is_symlink() or file.exists():
        try:
            content = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}"
        return "" if does_its_work(name, content) else f"{path} does not load its DAGs; it should hold:\n\n{stub(name)}"
    if check:
        return f"{path} is missing; `mergeflow stubs` writes it"
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text(stub(name), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from None
    return f"wrote {path}"
