"""JSON Schemas of everything that a repository declares, for editors: completion, hover and the first red lines.

Made from the models and the catalog. They are never stricter than `mergeflow check`, which knows much that no schema
says: a misspelt parameter of an operator that the catalog knows is refused, an operator that it does not know is free.
"""

from collections.abc import Callable, Mapping

from mergeflow.catalog import Catalog
from mergeflow.dag import FRAGMENT, NOT_DAGS
from mergeflow.model.alerts import Alert, Alerts, Webhook
from mergeflow.model.dag import Dag, Defaults
from mergeflow.model.environment import Environment, Patch
from mergeflow.model.group import TaskGroup
from mergeflow.model.pipeline_test import Expected, ExpectedData, PipelineTest
from mergeflow.model.policy import Grants, Override, Policy, Schedules, Team, Waiver
from mergeflow.model.suite import Column, Expectation, Suite
from mergeflow.model.task import DefaultArgs, GroupArgs, Task
from mergeflow.model.template import Template
from mergeflow.pipeline_tests import KINDS_OF_CONNECTION, RUN_STATES, TASK_STATES
from mergeflow.render.schema_entries import Entries, as_json, choice
from mergeflow.render.schema_tasks import definitions, with_types
from mergeflow.render.schema_types import SHARED, Schema, fields, of_types, parameters, ref
from mergeflow.rules.known import BUILDER_KEYS

SCHEMAS = "validators/schema"
"""The folder of a repository that holds them."""
_HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$comment": f"Written by `mergeflow schema -o {SCHEMAS}` from Mergeflow's models and validators/catalog.json.",
}


def dags(catalog: Catalog) -> Schema:
    """A file that defines DAGs, or lists the items of a `for_each`."""
    operators = Entries.of(catalog, "operators", "operator")
    decorators = Entries.of(catalog, "decorators", "decorator", closed=False)
    return {
        **_HEAD,
        "type": ["array", "object"],
        "properties": {
            "default": ref("Defaults", description="What every DAG of this file starts from."),
            **{key: {} for key in NOT_DAGS if key != "default"},
        },
        "patternProperties": {f"^{FRAGMENT}": {}},
        "additionalProperties": ref("Dag", description="A DAG, by its dag_id."),
        "$defs": {
            **SHARED,
            "Dag": _closed(fields(Dag, **_NESTED, **_MADE)),
            "Defaults": _closed(fields(Defaults, **_NESTED)),
            "Alerts": _closed(fields(Alerts, **dict.fromkeys(Alerts.model_fields, _LISTED_ALERTS))),
            "Alert": _closed(fields(Alert, webhook=ref("Webhook"), log=_NOTHING)),
            "Webhook": _closed(fields(Webhook), required=("connection",)),
            "PipelineTest": _closed(fields(PipelineTest, **_OF_TESTS)),
            "Expected": _closed(fields(Expected, **_OF_EXPECTED)),
            "ExpectedData": _closed(fields(ExpectedData), required=("conn_id",)),
            "DefaultArgs": {**of_types("object"), "properties": fields(DefaultArgs)},
            "GroupArgs": {**of_types("object"), "properties": fields(GroupArgs)},
            "TaskGroup": _closed(fields(TaskGroup, default_args=ref("GroupArgs"))),
            "Task": with_types(choice("TaskKeys", operators, decorators)),
            "TaskKeys": {"properties": _without(_task_keys(catalog), "operator", "decorator")},
            **operators.definitions("TaskKeys"),
            **decorators.definitions("TaskKeys"),
            **definitions("TaskKeys"),
        },
    }


def defaults(catalog: Catalog) -> Schema:
    """A `defaults.yml`: what the schema of DAGs has under `default`."""
    del catalog
    return {**_HEAD, "$ref": "dags.json#/$defs/Defaults"}


def suite(catalog: Catalog) -> Schema:
    """An expectation suite."""
    known = Entries.of(catalog, "expectations", "expectation")
    columns = {"type": ["object", "array", "null"], "additionalProperties": ref("Column"), "items": ref("Column")}
    expectations = {"type": "array", "items": ref("Expectation")}
    return {
        **_HEAD,
        **_closed(fields(Suite, columns=columns, expectations=expectations)),
        "required": ["expectations"],
        "$defs": {
            **SHARED,
            "Column": _closed(fields(Column)),
            "Expectation": choice("ExpectationKeys", known),
            "ExpectationKeys": {"properties": _without(fields(Expectation), "expectation")},
            **known.definitions("ExpectationKeys"),
        },
    }


def policy(catalog: Catalog) -> Schema:
    """The policy."""
    del catalog
    levels = {"type": "object", "additionalProperties": {"enum": ["error", "warning", "off", False]}}
    schedules = ref("Schedules")
    listed = {"type": "array"}
    return {
        **_HEAD,
        **_closed(
            fields(
                Policy,
                rules=levels,
                overrides={**listed, "items": ref("Override")},
                schedules=schedules,
                everyone=ref("Grants"),
                teams={"type": "object", "additionalProperties": ref("Team")},
                waivers={**listed, "items": ref("Waiver")},
            )
        ),
        "$defs": {
            **SHARED,
            "Override": _closed(fields(Override, rules=levels), required=("paths", "rules")),
            "Schedules": _closed(fields(Schedules)),
            "Grants": _closed(fields(Grants)),
            "Team": _closed(fields(Team, schedules=schedules)),
            "Waiver": _closed(fields(Waiver), required=("rule", "owner", "reason", "until")),
        },
    }


def template(catalog: Catalog) -> Schema:
    """A template of `configs/templates/`."""
    del catalog
    keywords = {
        "type": {
            "type": ["string", "array"],
            "description": "`string`, `integer`, `number`, `boolean`, `array`, `object`.",
        },
        "description": {"type": "string", "description": "What it is for; shown where it is missing."},
        "default": {"description": "Its value where none is given; without a default it must be given."},
    }
    params = {"type": "object", "additionalProperties": {"type": "object", "properties": keywords}}
    dag = {"$ref": "dags.json#/$defs/Dag"}
    return {**_HEAD, **_closed(fields(Template, params=params, dag=dag), required=("dag",)), "$defs": {**SHARED}}


def environment(catalog: Catalog) -> Schema:
    """An environment of `configs/environments/`."""
    del catalog
    patches = {"type": "array", "items": ref("Patch")}
    patch = _closed(fields(Patch, set={"$ref": "dags.json#/$defs/Defaults"}), required=("dags", "set"))
    return {**_HEAD, **_closed(fields(Environment, patches=patches)), "$defs": {**SHARED, "Patch": patch}}


KINDS: Mapping[str, Callable[[Catalog], Schema]] = {
    "dags": dags,
    "defaults": defaults,
    "template": template,
    "environment": environment,
    "suite": suite,
    "policy": policy,
}
"""What there is a schema of, and how it is made; `<kind>.json` is its file."""


def render(schema: Schema) -> str:
    """The text of a schema's file, one line for each of its `$defs`, so that a diff of it can be reviewed."""
    lines = []
    for key, value in schema.items():
        if key == "$defs":
            inner = ",\n".join(f"  {as_json(name)}: {as_json(each)}" for name, each in value.items())
            lines.append(f' "$defs": {{\n{inner}\n }}')
        else:
            lines.append(f" {as_json(key)}: {as_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


_LISTED_ALERTS: Schema = {"type": "array", "items": ref("Alert")}
_NOTHING: Schema = {"type": ["object", "null"], "additionalProperties": False}
_NESTED: Mapping[str, Schema] = {
    "alerts": ref("Alerts"),
    "default_args": ref("DefaultArgs"),
    "tasks": {**of_types("object", "array", "null"), "additionalProperties": ref("Task"), "items": ref("Task")},
    "task_groups": {
        **of_types("object", "array", "null"),
        "additionalProperties": ref("TaskGroup"),
        "items": ref("TaskGroup"),
    },
}
"""The keys of a DAG whose values have schemas of their own. What is under `tasks` may be a mapping or a list."""

_MADE: Mapping[str, Schema] = {
    "for_each": {
        "type": ["array", "object"],
        "properties": {
            "file": {"type": "string", "description": "A CSV or YAML file with the items, beside this one."}
        },
    },
    "environments": {"type": "object", "additionalProperties": ref("Defaults")},
    "tests": {"type": "object", "additionalProperties": {"anyOf": [{"type": "null"}, ref("PipelineTest")]}},
}
"""What a DAG has that defaults have not."""

_MADE_TEXT: Schema = {"type": "string", "pattern": r"\$\{\{"}
"""A text that a template fills in."""
_THROW_AWAY: Schema = {"anyOf": [{"enum": [*KINDS_OF_CONNECTION]}, _MADE_TEXT]}
_FILES: Schema = {"type": ["string", "array"], "items": {"type": "string"}}
_OF_TESTS: Mapping[str, Schema] = {
    "connections": {
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                _THROW_AWAY,
                {"type": "array", "items": _THROW_AWAY, "minItems": 1},
                {"type": "object", "required": ["conn_type"]},
            ]
        },
    },
    "given": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _FILES}},
    "expect": ref("Expected"),
}
_OF_EXPECTED: Mapping[str, Schema] = {
    "state": {"anyOf": [{"enum": [*RUN_STATES]}, _MADE_TEXT]},
    "tasks": {"type": "object", "additionalProperties": {"anyOf": [{"enum": [*TASK_STATES]}, _MADE_TEXT]}},
    "data": {"type": "array", "items": ref("ExpectedData")},
}


def _task_keys(catalog: Catalog) -> Schema:
    """What every task may have: what dag-factory reads, and what Airflow's BaseOperator takes."""
    own = fields(Task)
    common = {name: each for name, each in catalog.common_parameters.items() if name not in own}
    built = {key: _function(key) for key in sorted(BUILDER_KEYS - own.keys() - common.keys())}
    return own | parameters(common) | built


def _function(key: str) -> Schema:
    """A key such as `response_check_name`, from which dag-factory makes a function for `response_check`."""
    parameter, _, part = key.rpartition("_")
    words = {
        "name": "Function for",
        "file": "Absolute path of the file with the function for",
        "lambda": "A lambda for",
    }
    return {"type": ["string", "null"], "description": f"{words.get(part, 'What makes')} `{parameter}`."}


def _without(properties: Schema, *keys: str) -> Schema:
    return {name: each for name, each in properties.items() if name not in keys}


def _closed(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})
