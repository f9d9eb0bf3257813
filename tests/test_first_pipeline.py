"""docs/first-pipeline.md says what really happens: its files, its mistake, and what check says of it."""

import re
import shutil
from pathlib import Path

from tests.conftest import ROOT, Run

PAGE = (ROOT / "docs/first-pipeline.md").read_text()
PATH = "configs/transactions/hello_transactions.yaml"


def blocks(kind: str) -> list[str]:
    """The page's blocks of code of a kind."""
    return [
        text for found, text in re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE) if found == kind
    ]


def test_the_page_is_true(tmp_path: Path, mergeflow: Run) -> None:
    root = tmp_path / "repository"
    for folder in ("configs", "dags", "validators"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    first, second = blocks("yaml")
    assert mergeflow("new", "dag", "transactions/hello_transactions", cwd=root).code == 0
    assert (root / PATH).read_text() == first
    (root / PATH).write_text(first + second)
    ran = mergeflow("check", cwd=root)
    (said,) = [each.removeprefix("$ mergeflow check\n") for each in blocks("") if each.startswith("$ mergeflow check")]
    assert ran.out == said
    (root / PATH).write_text(first + second.replace("helo]", "hello]"))
    assert mergeflow("check", cwd=root).code == 0
