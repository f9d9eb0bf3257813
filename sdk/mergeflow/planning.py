"""What merging one revision into another brings about: both are read from Git, without a checkout, and compared."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from mergeflow import __version__
from mergeflow.checker import check
from mergeflow.compiler import compile_project
from mergeflow.diagnostic import Report
from mergeflow.files import (
    Files,
    changed_since,
    commit_of,
    entries,
    from_directory,
    from_revision,
    merge_base,
    short_name,
)
from mergeflow.plan import Plan
from mergeflow.plan.kept import Kept, NotKept, comparable, kept, read, side_of
from mergeflow.plan.planned import planned
from mergeflow.plan.sides import Side
from mergeflow.project import load
from mergeflow.rules import Known
from mergeflow.workspace import WrongUse, in_environment, known_around, known_at

_SEEN = ("configs", "validators", "dags", ".github", "CODEOWNERS")
"""What of a repository a plan looks at."""


class Merge(NamedTuple):
    """A plan, the names of its two sides, and what a check says of the head."""

    plan: Plan
    base: str
    head: str
    report: Report
    waiting: int
    """How many DAGs of the head need an environment to be made."""


def plan_merge(  # noqa: PLR0913
    root: Path, base: str, head: str | None, environment: str, now: datetime, *, compiled: Path | None = None
) -> Merge:
    """Plan a merge of `head`, none: of the working tree, into `base`. Raises RevisionError, CatalogError and WrongUse.

    `compiled` is a file with the DAGs of the base as another release has compiled them.
    """
    parted = merge_base(root, base, head or "HEAD")
    touched = _touched(root, parted, head)
    before, _ = side(from_revision(root, parted), known_at(root, parted), environment, strict=False)
    files, known = (
        (from_revision(root, head), known_at(root, head)) if head else (from_directory(root), known_around(root))
    )
    after, report = side(files, known, environment)
    otherwise = ""
    if compiled:
        release, dags = _kept(compiled)
        before = side_of(dags, before)
        after = side_of(map(comparable, after.compiled), after)
        otherwise = f"mergeflow {release} → {__version__}" if release != __version__ else "how it is compiled"
    names = f"{base} {short_name(root, parted)}", short_name(root, head) if head else "working tree"
    waiting = sum(each.waits for each in after.project.named)
    return Merge(planned(before, after, touched, now, otherwise), *names, report, waiting)


def compiled(root: Path, revision: str | None, environment: str) -> tuple[dict[str, Any], Report]:
    """The compiled DAGs of a revision, none: of the working tree, to be kept; and what a check says of it."""
    commit = None if revision is None else commit_of(root, revision)
    files = from_revision(root, commit) if commit else from_directory(root)
    known = known_at(root, commit) if commit else known_around(root)
    made, report = side(files, known, environment)
    return kept(made.compiled, __version__), report


def _kept(file: Path) -> Kept:
    try:
        return read(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        reason = error if isinstance(error, NotKept) else "it is not UTF-8"
        raise WrongUse(f"{file} is not what `mergeflow compile` writes: {reason}") from None


def side(files: Files, known: Known, environment: str, *, strict: bool = True) -> tuple[Side, Report]:
    """What these files make, and what a check says of them; only a `strict` one must have the environment."""
    project = load(files)
    if environment:
        project = in_environment(project, environment) if strict else project.within(environment)
    report = check(project, known)
    return Side(project, tuple(compile_project(project, report.broken, known.catalog)), known.code), report


def _touched(root: Path, parted: str, head: str | None) -> Collection[str]:
    """The paths that differ between the two sides."""
    if head is None:
        return [path for path in changed_since(root, parted) if path.startswith(_SEEN)]
    old, new = ({path: meta for meta, path in entries(root, each, *_SEEN)} for each in (parted, head))
    return [path for path in old.keys() | new.keys() if old.get(path) != new.get(path)]
