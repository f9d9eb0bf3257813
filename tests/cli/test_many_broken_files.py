"""A repository with a thousand broken files: the first fifty problems, a count of the rest, and how to see them."""

import json
import re
from collections.abc import Callable

import pytest

from tests.conftest import Repository, Run

E = "airflow.providers.standard.operators.empty.EmptyOperator"
BROKEN = (
    "d{}: [\n",
    "d{}:\n\ttasks: 1\n",
    "d{}:\n  schedul: x\n  tasks:\n    a: {{operator: {E}}}\n",
    "d{}:\n  tasks:\n    a: {{operator: {E}, dependencies: [b]}}\n",
    "d{}:\n  tasks:\n    a: {{operator: {E}, dependencies: [a]}}\n",
    "d{}:\n  tasks:\n    a: {{operator: {E}, retries: x}}\n",
    "d{}: !!python/object/apply:os.system [exit]\n",
    "- d{}\n",
    "d{}: &a [*a]\n",
    "\x00{}",
)


@pytest.fixture(scope="module")
def broken() -> dict[str, str]:
    """A thousand files, each with a mistake of its own."""
    return {f"configs/team/{i:04}.yaml": BROKEN[i % len(BROKEN)].format(i, E=E) for i in range(1000)}


def test_the_first_fifty_are_printed_the_rest_are_counted_and_it_says_how_to_see_them(
    broken: dict[str, str], repository: Callable[..., Repository], mergeflow: Run
) -> None:
    root = repository(broken).root
    ran = mergeflow("check", cwd=root)
    assert (ran.code, ran.err) == (1, "")
    shown = re.findall(r"^(configs/team/\d{4}\.yaml):\d+:\d+: (?:error|warning): ", ran.out, re.MULTILINE)
    assert len(shown) == 50
    assert set(shown) == set(sorted(broken)[: len(set(shown))]), "the first files come first"
    left, errors = (int(each.replace(",", "")) for each in re.findall(r"([\d,]+) (?:more;|errors? )", ran.out)[-2:])
    assert f"… and {left:,} more; `mergeflow check --all` prints them\n" in ran.out
    assert ran.out.rstrip().endswith("in 1,000 of 1,000 files")
    every = mergeflow("check", "--all", cwd=root).out
    found = re.findall(r"^(configs/team/\d{4}\.yaml):\d+:\d+: (error|warning): ", every, re.MULTILINE)
    assert {path for path, _ in found} == set(broken)
    assert len(found) == left + 50
    assert [level for _, level in found].count("error") == errors
    assert len(json.loads(mergeflow("check", "--format", "json", cwd=root).out)["diagnostics"]) == left + 50
