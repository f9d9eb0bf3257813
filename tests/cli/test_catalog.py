"""`mergeflow catalog list` and `show` answer without Airflow, from the committed file."""

import json
from collections.abc import Callable

import pytest

from tests.conftest import Repository, Run

BASH = "airflow.providers.standard.operators.bash.BashOperator"
Make = Callable[..., Repository]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["show", "BashOperater"], "the catalog has no `BashOperater`; did you mean `BashOperator`?"),
        (["show", f"{BASH}s"], f"the catalog has no `{BASH}s`; did you mean `BashOperator`?"),
        (["show", "Xyzzy"], "the catalog has no `Xyzzy`; `mergeflow catalog list` shows what it has"),
        (["show", ""], "the catalog has no ``; `mergeflow catalog list` shows what it has"),
        (["show", "task.bsh"], "the catalog has no `task.bsh`; did you mean `task.bash`?"),
        (["list", "--kind", "hooks"], "Invalid value for '--kind'"),
    ],
)
def test_what_cannot_be_answered_is_wrong_use(
    arguments: list[str], line: str, repository: Make, mergeflow: Run
) -> None:
    ran = mergeflow("catalog", *arguments, cwd=repository().root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"mergeflow: {line}")


@pytest.mark.parametrize("command", [["list"], ["show", "BashOperator"]])
def test_without_a_catalog_it_says_how_to_get_one(command: list[str], repository: Make, mergeflow: Run) -> None:
    made = repository()
    (made.root / "validators/catalog.json").unlink()
    ran = mergeflow("catalog", *command, cwd=made.root)
    assert ran.code == 2
    assert ran.err == "mergeflow: there is no validators/catalog.json; `mergeflow catalog build` writes it\n"


@pytest.mark.parametrize("name", ["BashOperator", BASH, "airflow.operators.bash.BashOperator"])
def test_show_tells_parameters_with_type_and_default(name: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("catalog", "show", name, cwd=repository().root)
    assert ran.code == 0
    first, kind, *lines = ran.out.splitlines()
    assert (first, kind) == (BASH, "  operator")
    rows = [line.split() for line in lines]
    assert ["bash_command", "str", "required", "templated."] in [row[:4] for row in rows]
    assert ["append_env", "bool", "false"] in [row[:3] for row in rows]
    assert not any(line != line.rstrip() for line in ran.out.splitlines())


def test_show_has_every_entry_of_a_name(repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("catalog", "show", "CronTriggerTimetable", "--format", "json", cwd=repository().root)
    shown = json.loads(ran.out)
    assert [each["path"].split(".")[1] for each in shown] == ["sdk", "timetables"]
    assert shown[1]["parameters"]["cron"] == {
        "type": "str",
        "required": True,
        "default": "",
        "template": False,
        "description": "cron string that defines when to run",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [("task.bash", "decorators"), ("SmtpNotifier", "notifiers"), ("expect_column_to_exist", "expectations")],
)
def test_show_knows_every_kind(name: str, kind: str, repository: Make, mergeflow: Run) -> None:
    ran = mergeflow("catalog", "show", name, "--format", "json", cwd=repository().root)
    assert [each["kind"] for each in json.loads(ran.out)] == [kind]


def test_list_finds_by_path_and_description_in_any_case(repository: Make, mergeflow: Run) -> None:
    root = repository().root
    ran = mergeflow("catalog", "list", "Operators.BASH.", cwd=root)
    assert ran.out.split() == ["operator", "BashOperator", BASH]
    found = json.loads(mergeflow("catalog", "list", "a bash script", "--format", "json", cwd=root).out)
    assert [each["path"] for each in found] == [BASH]
    assert mergeflow("catalog", "list", "xyzzy", cwd=root).out == "nothing in the catalog has that\n"


def test_list_of_one_kind_is_its_section(repository: Make, mergeflow: Run) -> None:
    root = repository().root
    every = json.loads(mergeflow("catalog", "list", "--format", "json", cwd=root).out)
    only = json.loads(mergeflow("catalog", "list", "--kind", "decorators", "--format", "json", cwd=root).out)
    assert only == [each for each in every if each["kind"] == "decorators"]
    assert [each["path"] for each in only] == sorted(each["path"] for each in only)
