"""Whole terminal outputs: each `cases/<area>/<name>.yaml` against `<name>.out`."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.rules.page import pages
from tests import casefile
from tests.conftest import Repository, Run

CASES = Path(__file__).parent / "cases"
FOUND = sorted(CASES.glob("*/*.yaml"))
SLUG = re.compile(r" \[([a-z-]+)\]$", re.MULTILINE)
THIS_PYTHON = "Python {}.{}".format(*sys.version_info)
PLACE = re.compile(r"^((?:configs|validators)/\S+?):(\d+):(\d+): ", re.MULTILINE)


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_what_the_terminal_shows(
    case: Path, repository: Callable[..., Repository], mergeflow: Run, golden: Callable[[Path, str], None]
) -> None:
    files = casefile.split(case.read_bytes().decode())
    made = repository(files)
    ran = mergeflow("check", "--all", cwd=made.root)
    assert not ran.err
    assert ran.code == (": error: " in ran.out), "a warning stops nobody"
    golden(case.with_suffix(".out"), ran.out.replace(THIS_PYTHON, "Python 3.11"))
    for path, line, column in PLACE.findall(ran.out):
        source = re.split("\r\n|[\r\n]", files[path])[int(line) - 1]
        assert 1 <= int(column) <= len(source) + 1, "the place lies outside its line"


SEVERAL = [case for case in FOUND if len(casefile.split(case.read_bytes().decode())) > 1]
PER_TEAM = ("missing-stub", "unknown-team", "crowded-stub")
"""What is said once of a team: in a check of everything at the first of its files."""


@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_one_file_is_told_the_same_as_in_a_check_of_everything(
    case: Path, repository: Callable[..., Repository]
) -> None:
    files = casefile.split(case.read_bytes().decode())
    made = repository(files)
    everything = made.check().diagnostics
    for path in files:
        if path.startswith("configs/"):
            here, among_all = (
                [each for each in found if each.location.path == path and each.rule not in PER_TEAM]
                for found in (made.check(path).diagnostics, everything)
            )
            assert here == among_all


@pytest.mark.parametrize("part", ["schedule: daily", "tasks: {a: {operator: x.y.Z}}", "default_args: {owner: me}"])
def test_a_part_beside_its_dag_keeps_that_from_being_built(part: str, repository: Callable[..., Repository]) -> None:
    operator = "airflow.providers.standard.operators.empty.EmptyOperator"
    made = repository({"configs/team/a.yaml": f"orders: {{tasks: {{a: {{operator: {operator}}}}}}}\n{part}\n"})
    report = made.check()
    assert [(each.rule, each.location.span.start.line) for each in report.diagnostics] == [("wrong-type", 2)]
    assert report.broken == {("configs/team/a.yaml", "orders")}


def test_every_rule_is_shown_by_a_case() -> None:
    shown = {slug for case in FOUND for slug in SLUG.findall(case.with_suffix(".out").read_text(encoding="utf-8"))}
    assert {page.slug for page in pages() if page.bad} <= shown


def test_every_expected_output_has_its_case() -> None:
    assert {each.stem for each in CASES.glob("*/*.out")} == {each.stem for each in FOUND}
    assert len(FOUND) >= 45
