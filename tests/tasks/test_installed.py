"""Task types of other distributions: found by their entry point, never able to break a check."""

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from mergeflow import tasks
from mergeflow.compiler import compile_project
from mergeflow.tasks import installed
from mergeflow.workspace import select
from tests.conftest import Repository

MODULE = '''\
"""Somebody's task type."""

from pydantic import Field

from mergeflow.tasks.task_type import TaskType


class Greet(TaskType):
    """Greet somebody.

    *Example*:

        greetings:
          tasks:
            greet: {type: greet, whom: Ada}
    """

    templates = ("whom",)

    whom: str = Field(description="Who is greeted.")
    times: int = Field(1, description="How often.")

    def compile(self):
        return {"operator": "greetings.GreetOperator", "text": f"hello {self.whom} " * self.times}


NOT_A_TYPE = dict
'''
POINTS = """\
[mergeflow.task_types]
greet = greetings:Greet
broken = greetings_that_raise:Greet
nothing = greetings:Nobody
other = greetings:NOT_A_TYPE
script = greetings:Greet
"""


@pytest.fixture(autouse=True)
def _distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution as an installer would have left it."""
    site = tmp_path / "site"
    about = site / "greetings-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: greetings\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    (site / "greetings.py").write_text(MODULE)
    (site / "greetings_that_raise.py").write_text("raise SystemError('no licence')\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "greetings", raising=False)  # the corpus has one too
    assert version("greetings") == "1.0"
    forget()
    yield
    sys.modules.pop("greetings", None)
    forget()


def forget() -> None:
    installed.installed.cache_clear()
    tasks._installed.cache_clear()


def found(made: Repository, tasks: str) -> list[tuple[str, str, str]]:
    made.write({"configs/team/a.yaml": f"orders:\n  schedule: null\n  tasks:\n    a: {tasks}\n"})
    return [(each.rule, each.message, each.hint) for each in made.check().diagnostics]


def test_a_type_is_checked_and_compiled_like_any(repository: Callable[..., Repository]) -> None:
    made = repository()
    assert found(made, "{type: greet, whom: Ada, times: 2, retries: 1}") == []
    (dag,) = compile_project(select(made.root, ()).project)
    task = {"operator": "greetings.GreetOperator", "text": "hello Ada hello Ada ", "retries": 1}
    assert dag.config["tasks"]["a"] == task


def test_what_is_wrong_is_told_at_its_key(repository: Callable[..., Repository]) -> None:
    made = repository()
    assert found(made, "{type: greet, whom: Ada, tmes: 2}") == [
        ("unknown-key", "unknown key `tmes` in task `a`", "did you mean `times`?")
    ]
    assert found(made, "{type: greet}") == [("missing-key", "task `a` has no `whom`", "add `whom: …`")]
    assert found(made, "{type: greet, whom: Ada, times: x}")[0][0] == "wrong-type"
    assert found(made, '{type: greet, whom: "{{ dss }}"}')[0][0] == "unknown-variable"


def test_its_name_is_a_hint(repository: Callable[..., Repository]) -> None:
    assert found(repository(), "{type: gret, whom: Ada}") == [
        ("unknown-task-type", "there is no task type `gret`", "did you mean `greet`?")
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("broken", "`greetings_that_raise:Greet` of greetings cannot be imported: SystemError: no licence"),
        ("nothing", "`greetings:Nobody` of greetings cannot be imported: AttributeError: "),
        ("other", "`greetings:NOT_A_TYPE` of greetings is no subclass of mergeflow.tasks.task_type.TaskType"),
    ],
)
def test_a_broken_distribution_is_told_and_breaks_no_check(
    name: str, why: str, repository: Callable[..., Repository]
) -> None:
    ((rule, message, _),) = found(repository(), f"{{type: {name}, whom: '{{{{ ds }}}}'}}")
    assert rule == "unknown-task-type"
    assert message.startswith(f"task type `{name}` is broken: {why}")


def test_nobody_takes_the_place_of_a_type_of_mergeflow(repository: Callable[..., Repository]) -> None:
    ((rule, _, _),) = found(repository(), "{type: script, whom: Ada}")[:1]
    assert rule in ("missing-key", "unknown-key")
    assert tasks.model_of("script").__module__ == "mergeflow.tasks.script"


def test_no_distribution_is_looked_at_for_types_of_mergeflow(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "mergeflow.tasks.installed")
    assert found(repository({"dags/scripts/a.sh": "echo\n"}), "{type: script, path: a.sh, env: {A: b}}") == []
    assert "mergeflow.tasks.installed" not in sys.modules
