"""What `mergeflow check` does. A commit hook waits for it: click is not imported where there is no option to read."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mergeflow.checker import check as check_project
from mergeflow.cli.edge import wants_color
from mergeflow.cli.waiting import Waiting
from mergeflow.diagnostic import Report, in_order
from mergeflow.render import text
from mergeflow.rules import HOUSE_RULES, RULES
from mergeflow.workspace import Selection, find_root, in_environment, known_around, known_at, select

if TYPE_CHECKING:
    from mergeflow.rules.house import House


class Asked(NamedTuple):
    """What to check, and how to tell of it: the command's arguments and options."""

    paths: tuple[Path, ...] = ()
    everything: bool = False
    quiet: bool = False
    form: str = "text"
    base: str | None = None
    environment: str | None = None
    house_rules: bool = True
    revision: str | None = None


def here() -> Path:
    """The repository that the command was called in. Raises WrongUse."""
    return find_root(Path.cwd())


def answer(root: Path, asked: Asked) -> int:
    """Check, print the report and return the exit code: 1 when there are errors."""
    report, house = _checked(root, asked)
    if report.diagnostics or not asked.quiet:
        shown = _shown(report, house, asked)
        if asked.base is not None and asked.form == "text" and report == Report():
            shown = f"nothing to check has changed since {asked.base}"
        if shown:
            sys.stdout.write(f"{shown}\n")
            sys.stdout.flush()  # a reader that has gone is noticed here, not at the end of the process
    return 1 if report.errors else 0


def _checked(root: Path, asked: Asked) -> tuple[Report, "House | None"]:
    """The report, and the house rules that had a say in it."""
    with Waiting("reading the configs") as waiting:
        selection = _selected(root, asked)
        if asked.environment is not None:
            selection = selection._replace(project=in_environment(selection.project, asked.environment))
        waiting.now("checking them")
        known = known_around(root) if asked.revision is None else known_at(root, asked.revision)
        if not (asked.house_rules and asked.revision is None and (root / HOUSE_RULES).is_dir()):
            return check_project(selection.project, known, selection.focus), None
        from contextlib import redirect_stdout

        from mergeflow.rules.house import load_house

        with redirect_stdout(sys.stderr):  # what a rule prints must not get into the report
            house = load_house(root)
            report = check_project(selection.project, known, selection.focus, (*RULES, *house.rules))
        return replace(report, diagnostics=in_order([*report.diagnostics, *house.failures])), house


def _selected(root: Path, asked: Asked) -> Selection:
    if asked.revision is not None:
        from mergeflow.files import commit_of, from_revision
        from mergeflow.project import load

        return Selection(load(from_revision(root, commit_of(root, asked.revision))))
    if asked.base is not None:
        from mergeflow.changes import select_changed

        return select_changed(root, asked.base)
    return select(root, asked.paths)


def _shown(report: Report, house: "House | None", asked: Asked) -> str:
    """The report in a format; what only this format needs is imported only now."""
    if asked.form == "text":
        return text.render(report, color=wants_color(), everything=asked.everything)
    if asked.form == "json":
        from mergeflow.render import as_json

        return as_json.render(report)
    if asked.form == "github":
        from mergeflow.render import github

        return github.render(report)
    from mergeflow import __version__
    from mergeflow.render import sarif
    from mergeflow.rules.page import pages

    return sarif.render(report, pages(house.pages if house else ()), __version__)
