"""`mergeflow schema`: prints, writes, compares."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mergeflow.render.schema import KINDS, SCHEMAS
from tests.conftest import Repository, Run

Make = Callable[..., Repository]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dag"], "'dag' is not one of"),
        (["dags", "--check"], "-o and --check are about all schemas; leave out `dags`"),
        (["suite", "-o", "x"], "-o and --check are about all schemas; leave out `suite`"),
        (["-o", "validators/catalog.json"], "is a file"),
        (["-o", "dags/team.py/x"], "cannot be written: Not a directory"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], said: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("schema", *arguments, cwd=repository({}).root)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


def test_a_catalog_that_is_none_is_wrong_use(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("schema", cwd=repository({"validators/catalog.json": "{}"}).root)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_what_is_printed_is_what_is_written(kind: str | None, repository: Make, mergeflow: Run) -> None:
    made = repository({})
    assert mergeflow("schema", "-o", SCHEMAS, cwd=made.root).code == 0
    ran = mergeflow("schema", *([kind] if kind else []), cwd=made.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.encode() == (made.root / SCHEMAS / f"{kind or 'dags'}.json").read_bytes()
    assert json.loads(ran.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_check_tells_which_are_stale(repository: Make, mergeflow: Run) -> None:
    made = repository({})
    ran = mergeflow("schema", "--check", cwd=made.root)
    assert ran.code == 1
    every = ", ".join(f"{kind}.json" for kind in KINDS)
    assert ran.out.startswith(f"{every} in validators/schema/ are not up to date; ")
    assert mergeflow("schema", "-o", SCHEMAS, cwd=made.root).out.splitlines() == [
        f"wrote {SCHEMAS}/{kind}.json" for kind in KINDS
    ]
    ran = mergeflow("schema", "--check", cwd=made.root / "dags")
    assert (ran.code, ran.out) == (0, "validators/schema/ is up to date\n")
    made.write({f"{SCHEMAS}/suite.json": "{}"})
    ran = mergeflow("schema", "--check", cwd=made.root)
    hint = "`mergeflow schema -o validators/schema` writes them"
    assert (ran.code, ran.out) == (1, f"suite.json in validators/schema/ is not up to date; {hint}\n")
    assert (made.root / f"{SCHEMAS}/suite.json").read_text() == "{}"


def test_a_new_parameter_in_the_catalog_makes_the_schema_stale(repository: Make, mergeflow: Run) -> None:
    made = repository({})
    mergeflow("schema", "-o", SCHEMAS, cwd=made.root)
    catalog = made.root / "validators/catalog.json"
    catalog.write_text(catalog.read_text().replace('"append_env"', '"append_enw"'))
    ran = mergeflow("schema", "--check", cwd=made.root)
    assert ran.code == 1
    assert ran.out.startswith("dags.json in ")


def test_another_folder_is_possible(repository: Make, mergeflow: Run, tmp_path: Path) -> None:
    made = repository({})
    assert mergeflow("schema", "-o", "editor", cwd=made.root).code == 0
    assert mergeflow("schema", "-o", "editor", "--check", cwd=made.root).out == "editor/ is up to date\n"
    assert mergeflow("schema", "-o", "editor", "--check", cwd=tmp_path).code == 2
