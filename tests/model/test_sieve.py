"""The table that spares a check pydantic: what it lets through, the models let through too."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.diagnostic import Place
from mergeflow.model import SHAPES
from mergeflow.model.refusals import MODELS, refusals
from mergeflow.model.shape import is_surely

ROOT = Path(__file__).resolve().parents[2]
HERE = Place("a.yaml")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 0, 1, 2, 2**31 - 1, 2**31])
    | st.floats(allow_nan=False)
    | st.text()
    | st.integers(150, 700).map(lambda length: "x" * length)
    | st.dates()
    | st.sampled_from([date.max, datetime(2024, 1, 1, tzinfo=UTC)])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_the_table_lets_through_the_model_lets_through(name: str, data: st.DataObject) -> None:
    keys = st.sampled_from(sorted(SHAPES[name].keys)) | st.text(max_size=5)
    mapping: dict[str, Any] = data.draw(st.dictionaries(keys, VALUES, max_size=4))
    if is_surely(SHAPES[name], mapping):
        assert refusals(name, mapping, HERE, "it") == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Dag", {"catchup": "no"}),
        ("Dag", {"retires": 1}),
        ("Dag", {"tags": ["a", 1]}),
        ("Dag", {True: None}),
        ("Dag", {"dag_display_name": "x" * 501}),
        ("Task", {"retries": 0.5}),
        ("Task", {"retries": 2**31}),
        ("Task", {1: "own"}),
        ("TaskGroup", {"tooltip": []}),
    ],
)
def test_what_a_model_refuses_is_caught(name: str, data: dict[Any, Any]) -> None:
    assert not is_surely(SHAPES[name], data)
    assert refusals(name, data, HERE, "it")


def test_every_model_is_tabulated() -> None:
    assert SHAPES.keys() == MODELS.keys()


def test_a_right_config_is_checked_without_pydantic() -> None:
    code = (
        "import sys; from mergeflow.cli import run; assert run(['check', '-q']) == 0; "
        "assert 'pydantic' not in sys.modules and 'mergeflow.checker' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
