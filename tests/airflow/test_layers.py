"""Defaults are merged as dag-factory merges them, held against dag-factory's own functions."""

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.layers import Layer, Layers

KEYS = st.sampled_from(["schedule", "catchup", "params", "tasks", "description", "task_groups", "start_date"])
PLAIN = st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
ARGS = st.dictionaries(st.sampled_from(["owner", "retries", "params"]), VALUES, max_size=3)


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """A DAG, a `default` block or a `defaults.yml` that dag-factory itself can merge."""
    config = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    if draw(st.booleans()):
        config["default_args"] = draw(ARGS)
    if draw(st.booleans()):
        config["tags"] = draw(st.lists(st.sampled_from(["red", "blue", "green"]), max_size=3))
    return dict(draw(st.permutations(list(config.items()))))


def by_dag_factory(own: dict[str, Any], block: dict[str, Any], files: list[dict[str, Any]]) -> dict[str, Any]:
    """What dag-factory builds from: the lines of its `build_dags` up to the builder; `files` has the nearest first."""
    from dagfactory.dagfactory import _DagFactory as Factory
    from dagfactory.utils import merge_configs

    own, block, files = deepcopy(own), deepcopy(block), deepcopy(files[::-1])
    shared = {
        "default_args": Factory._merge_default_args_from_list_configs(files),
        **Factory._merge_dag_args_from_list_configs(files),
    }
    block["default_args"] = Factory._merge_default_args_from_list_configs([shared, block])
    return merge_configs({**Factory._merge_dag_args_from_list_configs([shared]), **own}, block)


def layers(own: dict[str, Any], block: dict[str, Any], files: list[dict[str, Any]]) -> Layers:
    found = tuple(Layer(f"{i}/defaults.yml", (), each) for i, each in enumerate(files))
    return Layers(Layer("a.yaml", ("dag",), own), Layer("a.yaml", ("default",), block), found)


@settings(max_examples=150, deadline=None)
@given(configs(), configs(), st.lists(configs(), max_size=3))
def test_the_result_is_dag_factorys(own: dict[str, Any], block: dict[str, Any], files: list[dict[str, Any]]) -> None:
    before = deepcopy((own, block, files))
    merged = layers(own, block, files).merged()
    assert merged == by_dag_factory(own, block, files)
    assert list(merged) == list(by_dag_factory(own, block, files)), "Airflow's docs show the keys in this order"
    assert (own, block, files) == before, "merging must not change what others are merged from"


@settings(max_examples=150, deadline=None)
@given(configs(), configs(), st.lists(configs(), max_size=3))
def test_the_place_of_a_setting_holds_its_value(
    own: dict[str, Any], block: dict[str, Any], files: list[dict[str, Any]]
) -> None:
    made = layers(own, block, files)
    merged = made.merged()
    texts = {"a.yaml": {"dag": own, "default": block}} | {f"{i}/defaults.yml": each for i, each in enumerate(files)}
    routes = [(key,) for key in merged if key not in ("default_args", "tags")]
    routes += [("default_args", key) for key in merged["default_args"]]
    for route in routes:
        place = made.place(route)
        wanted, found = merged, texts[place.path]
        for segment in route:
            wanted = wanted[segment]
        for segment in place.route:
            found = found[segment]
        assert found == wanted or isinstance(wanted, dict)


def test_tags_that_are_no_list_do_no_harm() -> None:
    assert layers({}, {}, [{"tags": 5}, {"tags": "ab"}, {"tags": None}, {"tags": [{}, "x"]}]).merged()["tags"] == ["x"]
