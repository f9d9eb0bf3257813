"""A project becomes what dag-factory builds, each DAG with its own text."""

from collections.abc import Callable

import pytest

from mergeflow.compiler import compile_project
from mergeflow.diagnostic import Report
from mergeflow.project import Project
from mergeflow.workspace import select
from tests.conftest import Repository

E = "airflow.providers.standard.operators.empty.EmptyOperator"
GOOD = f"  tasks: {{load: {{operator: {E}}}}}\n"
Make = Callable[..., Repository]


def checked(made: Repository) -> tuple[Project, Report]:
    return select(made.root, []).project, made.check()


def live(made: Repository) -> list[str]:
    project, report = checked(made)
    return [each.dag_id for each in compile_project(project, report.broken)]


def test_one_broken_dag_costs_no_other(repository: Make) -> None:
    broken = "bad: {retries: 1}\nworse: 5\n5: {}\n"
    made = repository(
        {
            "configs/team/a.yaml": f"good:\n{GOOD}{broken}",
            "configs/team/b.yaml": "x: {",
            "configs/team/c.yaml": f"fine:\n{GOOD}",
        }
    )
    assert live(made) == ["good", "fine"]


@pytest.mark.parametrize("defaults", ["catchup: maybe\n", "x: {\n", "- a\n", "a: \0"])
def test_a_broken_default_costs_what_is_below_it(defaults: str, repository: Make) -> None:
    made = repository({
        "configs/team/defaults.yml": defaults,
        "configs/team/deep/a.yaml": f"below:\n{GOOD}",
        "configs/teams.yaml": f"x:\n{GOOD}",
        "configs/other/a.yaml": f"beside:\n{GOOD}",
        "dags/other.py": "",
    })  # fmt: skip
    assert live(made) == ["beside"]


def test_a_broken_default_block_costs_its_file(repository: Make) -> None:
    made = repository(
        {"configs/team/a.yaml": f"default: {{catchup: maybe}}\na:\n{GOOD}", "configs/team/b.yaml": f"b:\n{GOOD}"}
    )
    assert live(made) == ["b"]


def test_of_two_dags_with_one_id_the_first_stays(repository: Make) -> None:
    made = repository({"configs/team/b.yaml": f"a:\n{GOOD}", "configs/team/a.yaml": f"a:\n{GOOD}"})
    project, report = checked(made)
    assert [each.path for each in compile_project(project, report.broken)] == ["configs/team/a.yaml"]


@pytest.mark.parametrize("name", ["orders", "'orders'", '"orders"'])
def test_a_dag_comes_with_its_own_lines(name: str, repository: Make) -> None:
    own = f"{name}:\n  # why\n\n{GOOD}"
    text = f"# all\nfirst:\n{GOOD}\n{own}last:\n{GOOD}"
    project, report = checked(repository({"configs/team/a.yaml": text}))
    assert [each.source for each in compile_project(project, report.broken)][1] == own


def test_where_the_lines_cannot_tell_the_whole_file_is_shown(repository: Make) -> None:
    text = f"{{orders: {{tasks: {{load: {{operator: {E}}}}}}}}}\n"
    project, report = checked(repository({"configs/team/a.yaml": text}))
    assert compile_project(project, report.broken)[0].source == text


def test_compiling_changes_no_document(repository: Make) -> None:
    files = {
        "configs/team/defaults.yml": "params: {a: 1}\n",
        "configs/team/a.yaml": f"default: {{params: {{b: 2}}}}\na:\n{GOOD}b:\n{GOOD}",
    }
    project, _ = checked(repository(files))
    before = repr({path: each.data for path, each in project.documents.items()})
    assert [each.config["params"] for each in compile_project(project)] == [{"a": 1, "b": 2}] * 2
    assert repr({path: each.data for path, each in project.documents.items()}) == before
