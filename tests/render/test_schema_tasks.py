"""What an editor says of typed tasks: never more than check does."""

import pytest

from mergeflow.render.task_types import page
from mergeflow.tasks import TASK_TYPES, model_of
from tests import casefile
from tests.render.test_schema import refused


@pytest.mark.parametrize("name", TASK_TYPES)
def test_the_example_of_every_type_is_right(name: str) -> None:
    for path, text in casefile.split(page(name, model_of(name)).example).items():
        assert not path.startswith("configs/") or refused(text) == []


def of(task: str) -> list[str]:
    return refused(f"orders: {{tasks: {{a: {task}}}}}")


def test_a_misspelt_key_of_a_type_is_refused() -> None:
    assert of("{type: script, path: a.sh, argments: [a]}") == [
        "orders/tasks/a: Unevaluated properties are not allowed ('argments' was unexpected)"
    ]
    assert of("{type: script, path: a.sh, env: [a], retries: 2}") != []
    assert of("{type: http, conn_id: a, method: SEND}") != []


@pytest.mark.parametrize(
    "task",
    [
        "{type: script, path: a.sh, retries: 2, dependencies: [b], pool: p, execution_timeout: {__type__: a.b}}",
        "{type: script}",
        "{type: somebodys, whatever: 1}",
        "{operator: x.Y, type: script, whatever: 1}",
        "{decorator: x.y, type: wait, whatever: 1}",
        "{type: http, conn_id: a, json: {a: 1}}",
        "{type: http, conn_id: a, json: [1]}",
    ],
)
def test_what_a_template_may_complete_and_what_others_define_is_let_be(task: str) -> None:
    assert of(task) == []
