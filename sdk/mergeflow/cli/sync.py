"""`mergeflow sync`: what another system keeps becomes YAML on a branch."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.workspace import WrongUse, find_root

if TYPE_CHECKING:
    from mergeflow.sync.branch import Branch
    from mergeflow.sync.rows import Change

ROWS = "configs/simulators/rows.yaml"
BRANCH = "sync-django"


@click.group()
def sync() -> None:
    """Bring what another system keeps into this repository, on a branch."""


@sync.command()
@click.option("--settings", metavar="MODULE", help="The settings of a Django site that has mergeflow.django.")
@click.option("--database", metavar="URL", help="The database of the shipped site.  [default: DATABASE_URL]")
@click.option("--push", is_flag=True, help="Commit, and push the branch where there is a remote `origin`.")
@click.option("--branch", default=BRANCH, show_default=True, metavar="NAME", help="The branch to make.")
@click.option("--yes", is_flag=True, help="Remove what the site no longer has, without asking.")
@wrong_use
def django(settings: str | None, database: str | None, branch: str, *, push: bool, yes: bool) -> int:
    """Turn the simulators of a Django site into rows of YAML.

    Shows the difference, and writes it on a branch that is made from where you are. Nothing is written when nothing has
    changed. No file but configs/simulators/rows.yaml is touched.
    """
    from mergeflow.sync.branch import Branch, BranchError
    from mergeflow.sync.edits import RowsError
    from mergeflow.sync.site import SiteError

    if settings and database:
        raise WrongUse("--settings names a whole site, which has its own database: leave out --database")
    root = find_root(Path.cwd())
    target = Branch(root, branch, ROWS)
    try:
        return _sync(target, settings, database, push=push, yes=yes)
    except RowsError as error:
        raise WrongUse(f"{ROWS} {error}") from None
    except (BranchError, SiteError) as error:
        raise WrongUse(str(error)) from None


def _sync(target: "Branch", settings: str | None, database: str | None, *, push: bool, yes: bool) -> int:
    from mergeflow.render.sync import diff, message
    from mergeflow.sync.edits import edited
    from mergeflow.sync.site import read_site

    before, there = target.committed(), target.in_checkout()
    site = read_site(target.root, settings, database)
    for why in site.refused:
        click.echo(f"skipped {why}", err=True)
    after, changes = edited(before, site.rows, site.skipped)
    if there not in (before, after):
        raise WrongUse(f"{target.path} has changes of yours that are not committed: commit or undo them first")
    code = 1 if site.refused else 0
    if not changes:
        click.echo(f"nothing has changed: {target.path} has what the site has")
        return code
    click.echo(diff(target.path, before, after))
    click.echo("\n" + "\n".join(str(each) for each in changes))
    _ask(changes, keeps=len(site.rows) + len(site.skipped), yes=yes)
    target.enter()
    target.write(after)
    if not push:
        click.echo(f"\nwrote {target.path} on the branch {target.name}; with --push it is committed and pushed")
        return code
    commit = target.commit(message(changes))
    where = "and pushed" if target.push() else "and not pushed, for there is no remote `origin`"
    click.echo(f"\ncommitted as {commit} on the branch {target.name}, {where}")
    return code


def _ask(changes: Sequence["Change"], *, keeps: int, yes: bool) -> None:
    """Have removals confirmed. Raises WrongUse where nobody can be asked, or nothing would be left."""
    removed = [each for each in changes if each.kind == "remove"]
    if not removed:
        return
    if not keeps:
        raise WrongUse("the site has no simulators at all: is it the right one? Nothing is removed")
    what = "1 simulator" if len(removed) == 1 else f"{len(removed)} simulators"
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUse(f"{what} would be removed, and nobody can be asked here: say --yes")
    if not click.confirm(f"\nRemove {what}?"):
        raise WrongUse("nothing is written")
