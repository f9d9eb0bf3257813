"""Whole plans: each folder `cases/<name>/` with `before/` and `after/`, against what is expected in every rendering."""

import json
import re
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
from mergeflow.render import plan_json as as_json
from mergeflow.render import plan_markdown as markdown
from mergeflow.rules import Known
from tests.conftest import CATALOG, ROOT

CASES = sorted((Path(__file__).parent / "cases").iterdir())
DOCS, PLAN = ROOT / "docs/plan.md", ROOT / "sdk/mergeflow/plan"
SIDES = ("main 3f2a91c", "branch b81e07d")
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
    golden(case / "plan.txt", terminal.render(plan_of(case), *SIDES) + "\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_what_programs_read(case: Path, golden: Callable[[Path, str], None]) -> None:
    golden(case / "plan.json", as_json.render(plan_of(case), *SIDES) + "\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_what_stands_under_a_pull_request(case: Path, golden: Callable[[Path, str], None]) -> None:
    golden(case / "plan.md", markdown.render(plan_of(case), *SIDES, checks="7 DAGs in 3 files, no problems"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_the_way_back_is_a_plan_as_well(case: Path) -> None:
    before, after = side_of(case / "before"), side_of(case / "after")
    there, back = planned(before, after, (), NOW), planned(after, before, (), NOW)
    assert bool(there.changes) == bool(back.changes)
    assert planned(after, after, (), NOW) == Plan()


def test_the_docs_name_every_field() -> None:
    section = (ROOT / "docs/output.md").read_text().split("\n## The plan as JSON\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", re.sub(r"[a-z_.\[\]]+[.\]]([a-z_]+`)", r"`\1", section)))
    for case in CASES:
        assert keys(json.loads((case / "plan.json").read_text())) <= named


def keys(value: object) -> set[str]:
    """Every key of the object; what stands before and after in a config is not its business."""
    if isinstance(value, list):
        return {key for each in value for key in keys(each)}
    if isinstance(value, dict):
        values = {key: each for key, each in value.items() if "name" not in value or key not in ("before", "after")}
        return {*value, *keys([*values.values()])}
    return set()


def test_the_docs_name_every_kind_of_consequence() -> None:
    told = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (.*?) \|", DOCS.read_text(), re.MULTILINE))))
    shown = {each.slug for case in CASES for each in plan_of(case).consequences}
    written = {
        slug for path in PLAN.glob("*.py") for slug in re.findall(r'Consequence\(\s*"([a-z-]+)"', path.read_text())
    }
    assert shown <= written == told
