"""Whole plans: each folder `cases/<name>/` with `before/` and `after/`, against what is expected in every rendering."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mergeflow.catalog import parse_catalog
from mergeflow.code import Code, FolderTree
from mergeflow.files import from_directory
from mergeflow.plan import Plan
from mergeflow.plan.planned import planned
from mergeflow.plan.sides import Side
from mergeflow.planning import side
from mergeflow.render import plan as terminal
from mergeflow.rules import Known
from tests.conftest import CATALOG

CASES = sorted((Path(__file__).parent / "cases").iterdir())
NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)


def side_of(root: Path) -> Side:
    known = Known(parse_catalog(CATALOG.read_bytes()), today=date(2026, 11, 21), code=Code(FolderTree(root)))
    made, report = side(from_directory(root), known, "")
    assert not [each for each in report.diagnostics if each.rule not in TOLERATED], report.diagnostics
    return made


TOLERATED = ("plain-secret", "unused-waiver")
"""What a case may show: it is wrong before, and a plan is made all the same."""


def plan_of(case: Path) -> Plan:
    contents = [
        {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (case / "before", case / "after")
    ]
    paths = contents[0].keys() | contents[1].keys()
    touched = [path for path in paths if contents[0].get(path) != contents[1].get(path)]
    return planned(side_of(case / "before"), side_of(case / "after"), touched, NOW)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_what_the_terminal_shows(case: Path, golden: Callable[[Path, str], None]) -> None:
    golden(case / "plan.txt", terminal.render(plan_of(case), "main 3f2a91c", "branch b81e07d") + "\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_the_way_back_is_a_plan_as_well(case: Path) -> None:
    before, after = side_of(case / "before"), side_of(case / "after")
    there, back = planned(before, after, (), NOW), planned(after, before, (), NOW)
    assert bool(there.changes) == bool(back.changes)
    assert planned(after, after, (), NOW) == Plan()
