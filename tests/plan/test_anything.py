"""Whatever stands in a repository, also what is wrong, there is a plan, in every rendering."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from mergeflow.catalog import parse_catalog
from mergeflow.code import Code, FolderTree
from mergeflow.files import from_directory
from mergeflow.plan.planned import planned
from mergeflow.plan.sides import Side
from mergeflow.planning import side
from mergeflow.render import plan as terminal
from mergeflow.render import plan_json, plan_markdown
from mergeflow.rules import Known
from tests import casefile
from tests.conftest import CATALOG, ROOT

NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
CORPUS = ROOT / "tests/corpus"


def made(files: Mapping[str, bytes], root: Path) -> Side:
    known = Known(parse_catalog(CATALOG.read_bytes()), today=NOW.date(), code=Code(FolderTree(root)))
    return side(files, known, "")[0]


def rendered(before: Side, after: Side, touched: set[str]) -> None:
    plan = planned(before, after, touched, NOW)
    text = terminal.render(plan, "main", "head")
    assert all(char.isprintable() for char in text.replace("\n", ""))
    found = json.loads(plan_json.render(plan, "main", "head"))
    assert len(found["dags"]) == len(plan.changes)
    assert len(plan_markdown.render(plan, "main", "head").encode()) <= plan_markdown.LIMIT


def test_from_each_case_to_the_next(tmp_path: Path) -> None:
    cases = sorted((ROOT / "tests/cases").glob("*/*.yaml"))
    every = [{}, *(casefile.split(case.read_bytes().decode()) for case in cases), {}]
    contents = [{path: text.encode() for path, text in files.items()} for files in every]
    sides = [made(files, tmp_path) for files in contents]
    assert sum(len(each.dags) for each in sides) > 100
    for (old, new), (before, after) in zip(pairwise(contents), pairwise(sides), strict=True):
        rendered(before, after, {path for path in old | new if old.get(path) != new.get(path)})


def test_of_everything_that_dag_factory_can_do() -> None:
    files = {path: content for path, content in from_directory(CORPUS).items() if isinstance(content, bytes)}
    nothing, corpus = made({}, CORPUS), made(files, CORPUS)
    assert len(corpus.dags) > 50
    rendered(nothing, corpus, {*files})
    rendered(corpus, nothing, {*files})
    paths = {path.relative_to(CORPUS).as_posix() for path in (CORPUS / "dags").rglob("*.py")}
    rendered(corpus, made(files, CORPUS), paths)
