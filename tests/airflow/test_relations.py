"""What rules take for granted about Airflow: what tells assets apart, which starts it asks for, what operators name."""

import inspect
from datetime import timedelta
from importlib import import_module
from itertools import combinations

import pytest
from airflow.sdk import DAG, Asset
from airflow.sdk.definitions.asset import AssetUniqueKey

from mergeflow.assets import normal
from mergeflow.relations import NAMES_A_DAG, NAMES_A_PART

URIS = (
    "s3://bucket/key",
    "S3://bucket/key/",
    "s3://bucket/key#part",
    "s3://bucket",
    "s3://bucket/",
    "s3://bucket/key?b=1&a=2",
    "s3://bucket/key?a=2&b=1",
    "x-own://host/path/",
    "x-own://host/path",
    "a name",
    "a name/",
    "file:///tmp/x",
    "file:///tmp/x/",
)


@pytest.mark.parametrize(("one", "other"), list(combinations(URIS, 2)))
def test_uris_are_one_here_where_they_are_one_to_airflow(one: str, other: str) -> None:
    assert (normal(one) == normal(other)) == (Asset(name="x", uri=one).uri == Asset(name="x", uri=other).uri)


def test_assets_are_told_apart_by_name_and_uri() -> None:
    text, named = Asset("s3://bucket/key"), Asset(name="orders", uri="s3://bucket/key")
    assert AssetUniqueKey.from_asset(text) != AssetUniqueKey.from_asset(named)
    assert (text.name, text.uri) == ("s3://bucket/key", "s3://bucket/key")


@pytest.mark.parametrize("schedule", ["@daily", "@once", timedelta(hours=1), [Asset("s3://bucket/key")]])
def test_airflow_asks_for_a_start_only_to_catch_up(schedule: object) -> None:
    DAG("orders", schedule=schedule, catchup=False)
    with pytest.raises(ValueError, match="start_date is required when catchup=True"):
        DAG("orders", schedule=schedule, catchup=True)


def test_without_a_schedule_nothing_is_caught_up() -> None:
    DAG("orders", schedule=None, catchup=True)


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, (key, _) in NAMES_A_DAG.items()])
def test_operators_name_dags_by_these_parameters(name: str, key: str) -> None:
    place = "operators.trigger_dagrun" if name.startswith("Trigger") else "sensors.external_task"
    operator = getattr(import_module(f"airflow.providers.standard.{place}"), name)
    parameters = inspect.signature(operator.__init__).parameters
    assert key in parameters
    assert name != "ExternalTaskSensor" or parameters.keys() >= NAMES_A_PART.keys()
