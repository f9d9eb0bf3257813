"""Files become DAGs, each with its defaults."""

import pytest

from mergeflow.files import Unreadable
from mergeflow.paths import defaults_above, team_of
from mergeflow.project import load

A = "configs/team/a.yaml"


def test_what_cannot_be_read_is_a_diagnostic_and_the_rest_is_there() -> None:
    project = load({A: b"orders: {}", "configs/b.yaml": Unreadable("why"), "configs/c.yaml": b"x: {"})
    assert [each.rule for each in project.refused] == ["unreadable-file", "invalid-yaml"]
    assert [each.dag_id for each in project.dags] == ["orders"]


def test_of_two_defaults_in_one_folder_dag_factory_reads_only_the_first() -> None:
    files = {"configs/defaults.yaml": b"catchup: true", "configs/defaults.yml": b"schedule: x", A: b"orders: {}"}
    for each in (files, dict(reversed(files.items()))):
        (dag,) = load(each).dags
        assert dag.config == {"schedule": "x", "default_args": {}}


def test_defaults_reach_what_is_below_them_and_nothing_else() -> None:
    files = {
        "configs/defaults.yml": b"description: all",
        "configs/team/defaults.yml": b"catchup: true",
        A: b"orders: {}",
        "configs/teams/b.yaml": b"payments: {}",
    }
    project = load(files)
    assert ["catchup" in dag.config for dag in project.dags] == [True, False]
    assert all(dag.config["description"] == "all" for dag in project.dags)
    assert list(project.below("configs/team/defaults.yml")) == ["configs/team/defaults.yml", A]
    assert list(project.below(A)) == [A]


def test_what_is_no_dag_is_taken_for_none() -> None:
    assert load({A: b"default: {}\ntask_groups: {}\n5: {}\na: 1\nb: []\nc:\n"}).dags == ()


def test_what_is_there_for_its_anchors_is_no_dag_unless_it_has_tasks() -> None:
    project = load({A: b"x-a: {schedule: '@daily'}\nx-b: [c]\nx-c: {tasks: {}}\nxd: {}\n"})
    assert [dag.dag_id for dag in project.dags] == ["x-c", "xd"]


@pytest.mark.parametrize("tasks", ["{b: {}, a: {}}", "[{task_id: b}, {task_id: a}, {task_id: b, retries: 1}, {}, 5]"])
def test_tasks_are_the_same_in_either_form(tasks: str) -> None:
    (dag,) = load({A: f"orders: {{tasks: {tasks}}}".encode()}).dags
    assert list(dag.tasks) == ["b", "a"]
    assert dag.names("tasks") == {"a", "b"}


@pytest.mark.parametrize(
    ("path", "team"),
    [(A, "team"), ("configs/team/deep/er/a.yaml", "team"), ("configs/a.yaml", None), ("other/team/a.yaml", None)],
)
def test_the_team_is_the_folder_below_configs(path: str, team: str | None) -> None:
    assert team_of(path) == team


def test_defaults_above_a_file_are_those_of_its_folders() -> None:
    folders = ("configs/team", "configs")
    assert set(defaults_above(A)) == {f"{folder}/defaults.{end}" for folder in folders for end in ("yml", "yaml")}
