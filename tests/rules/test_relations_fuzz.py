"""Whatever stands where DAGs, tasks and assets are named: an answer, and never an exception."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.checker import check
from mergeflow.mentions import Mentions
from mergeflow.project import load
from mergeflow.rules import RULES, Known
from tests.conftest import Repository

WORDS = st.sampled_from(
    [
        "a",
        "b",
        "t",
        "g",
        "s3://x",
        "s3://y/",
        "@daily",
        "*/5 * * * *",
        "now",
        "1 days",
        "{{ x }}",
        "airflow.sdk.Asset",
        "",
    ]
)
KEYS = st.sampled_from([
    "__type__", "__args__", "__and__", "__or__", "__join__", "items", "name", "uri", "a", "t", "g", "assets",
    "cron", "timetable", "schedule", "outlets", "partial", "expand", "trigger_dag_id", "external_dag_id", "delta",
    "external_task_id", "external_task_ids", "external_task_group_id", "trigger_rule", "dependencies", "owner",
    "task_group_name", "parent_group_name", "default_args", "start_date", "tasks", "task_id",
])  # fmt: skip
PLAIN = WORDS | st.none() | st.booleans() | st.integers(-3, 40)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
TYPES = st.sampled_from(
    [
        "BashOperator",
        "x.TriggerDagRunOperator",
        "x.ExternalTaskSensor",
        "x.ExternalTaskMarker",
        "x.BranchPythonOperator",
    ]
)
PARAMETERS = (
    "outlets", "partial", "expand", "trigger_dag_id", "external_dag_id", "external_task_id", "external_task_ids",
    "trigger_rule", "dependencies", "task_group_name",
)  # fmt: skip
TASK = st.fixed_dictionaries({"operator": TYPES}, optional=dict.fromkeys(PARAMETERS, VALUES))
DAG = st.fixed_dictionaries(
    {"tasks": st.dictionaries(WORDS, TASK, max_size=4)},
    optional={
        "schedule": VALUES,
        "start_date": VALUES,
        "catchup": st.booleans(),
        "task_groups": st.dictionaries(WORDS, VALUES, max_size=3) | VALUES,
        "default_args": st.dictionaries(KEYS, VALUES, max_size=3) | VALUES,
    },
)
POLICY = b"rules: {missing-owner: warning, missing-retries: error}\nschedules: {shortest: 1 hour}\n"


@settings(max_examples=200, deadline=60_000)
@given(st.dictionaries(st.sampled_from(["a", "b", "default", "tasks", "${{ x }}"]), DAG | VALUES, max_size=3))
def test_a_file_of_relations(data: dict[str, Any]) -> None:
    files = {"configs/team/a.yaml": yaml.safe_dump(data).encode(), "validators/policy.yaml": POLICY}
    check(load(files), Known(mentions=Mentions(dict)), rules=RULES)


DAG_IDS, TASK_IDS = st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["t", "u", "g.t"])
ASSETS = st.lists(st.sampled_from(["s3://x", "s3://xy", "s3://x/y", "name"]), max_size=2, unique=True)
RELATED = st.fixed_dictionaries(
    {
        "schedule": ASSETS,
        "tasks": st.dictionaries(
            st.sampled_from(["t", "u"]),
            st.one_of(
                st.fixed_dictionaries({"operator": st.just("x.TriggerDagRunOperator"), "trigger_dag_id": DAG_IDS}),
                st.fixed_dictionaries(
                    {
                        "operator": st.just("x.ExternalTaskSensor"),
                        "external_dag_id": DAG_IDS,
                        "external_task_id": TASK_IDS,
                    }
                ),
                st.fixed_dictionaries({"operator": st.just("x.Load"), "outlets": ASSETS}),
            ),
            min_size=1,
        ),
    }
)
BETWEEN = ("unknown-dag", "unknown-external-task", "asset-without-producer")


@settings(max_examples=100, deadline=60_000)
@given(st.lists(st.dictionaries(DAG_IDS, RELATED, min_size=1, max_size=2), min_size=2, max_size=3))
def test_one_file_is_told_what_a_check_of_everything_tells_of_it(data: list[dict[str, Any]]) -> None:
    path = "configs/team/0.yaml"
    with TemporaryDirectory() as folder:
        made = Repository(Path(folder).resolve())
        made.write({f"configs/team/{i}.yaml": yaml.safe_dump(each) for i, each in enumerate(data)})
        made.write({"dags/team.py": ""})
        alone, whole = (
            [
                (each.location, each.message)
                for each in made.check(*paths).diagnostics
                if each.rule in BETWEEN and each.location.path == path
            ]
            for paths in ((path,), ())
        )
    assert alone == whole
