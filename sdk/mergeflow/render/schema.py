"""JSON Schemas of everything that a repository declares, for editors: completion, hover and the first red lines.

Made from the models and the catalog. They are never stricter than `mergeflow check`, which knows much that no schema
says: a misspelt parameter of an operator that the catalog knows is refused, an operator that it does not know is free.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from mergeflow.catalog import Catalog, Kind, Operator
from mergeflow.model.dag import Dag, Defaults
from mergeflow.model.group import TaskGroup
from mergeflow.model.policy import Grants, Override, Policy, Schedules, Team, Waiver
from mergeflow.model.suite import Column, Expectation, Suite
from mergeflow.model.task import DefaultArgs, GroupArgs, Task
from mergeflow.project import NOT_DAGS
from mergeflow.render.schema_types import SHARED, Schema, fields, parameters, ref
from mergeflow.rules.known import BUILDER_KEYS

SCHEMAS = "validators/schema"
"""The folder of a repository that holds them."""
_HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$comment": f"Written by `mergeflow schema -o {SCHEMAS}` from Mergeflow's models and validators/catalog.json.",
}


def dags(catalog: Catalog) -> Schema:
    """A file that defines DAGs."""
    return {
        **_HEAD,
        "type": "object",
        "properties": {
            "default": ref("Defaults", description="What every DAG of this file starts from."),
            **{key: {} for key in NOT_DAGS if key != "default"},
        },
        "additionalProperties": ref("Dag", description="A DAG, by its dag_id."),
        "$defs": {
            **SHARED,
            "Dag": _closed(fields(Dag, **_NESTED)),
            "Defaults": _closed(fields(Defaults, **_NESTED)),
            "DefaultArgs": {"type": "object", "properties": fields(DefaultArgs)},
            "GroupArgs": {"type": "object", "properties": fields(GroupArgs)},
            "TaskGroup": _closed(fields(TaskGroup, default_args=ref("GroupArgs"))),
            "Task": _choice(catalog, "operators", "operator", "TaskKeys"),
            "TaskKeys": {"properties": _without("operator", _task_keys(catalog))},
            **_entries(catalog, "operators", "operator", "TaskKeys"),
        },
    }


def defaults(catalog: Catalog) -> Schema:
    """A `defaults.yml`: what the schema of DAGs has under `default`."""
    del catalog
    return {**_HEAD, "$ref": "dags.json#/$defs/Defaults"}


def suite(catalog: Catalog) -> Schema:
    """An expectation suite."""
    columns = {"type": ["object", "array", "null"], "additionalProperties": ref("Column"), "items": ref("Column")}
    expectations = {"type": "array", "items": ref("Expectation")}
    return {
        **_HEAD,
        **_closed(fields(Suite, columns=columns, expectations=expectations)),
        "required": ["expectations"],
        "$defs": {
            **SHARED,
            "Column": _closed(fields(Column)),
            "Expectation": _choice(catalog, "expectations", "expectation", "ExpectationKeys"),
            "ExpectationKeys": {"properties": _without("expectation", fields(Expectation))},
            **_entries(catalog, "expectations", "expectation", "ExpectationKeys"),
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


KINDS: Mapping[str, Callable[[Catalog], Schema]] = {
    "dags": dags,
    "defaults": defaults,
    "suite": suite,
    "policy": policy,
}
"""What there is a schema of, and how it is made; `<kind>.json` is its file."""


def render(schema: Schema) -> str:
    """The text of a schema's file, one line for each of its `$defs`, so that a diff of it can be reviewed."""
    lines = []
    for key, value in schema.items():
        if key == "$defs":
            inner = ",\n".join(f"  {_json(name)}: {_json(each)}" for name, each in value.items())
            lines.append(f' "$defs": {{\n{inner}\n }}')
        else:
            lines.append(f" {_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


_NESTED: Mapping[str, Schema] = {
    "default_args": ref("DefaultArgs"),
    "tasks": {"type": ["object", "array", "null"], "additionalProperties": ref("Task"), "items": ref("Task")},
    "task_groups": {
        "type": ["object", "array", "null"],
        "additionalProperties": ref("TaskGroup"),
        "items": ref("TaskGroup"),
    },
}
"""The keys of a DAG whose values have schemas of their own. What is under `tasks` may be a mapping or a list."""


def _task_keys(catalog: Catalog) -> Schema:
    """What every task may have: what dag-factory reads, and what Airflow's BaseOperator takes."""
    own = fields(Task)
    common = {name: each for name, each in catalog.common_parameters.items() if name not in own}
    built = {key: {"type": ["string", "null"]} for key in sorted(BUILDER_KEYS - own.keys() - common.keys())}
    return own | parameters(common) | built


def _choice(catalog: Catalog, kind: Kind, key: str, base: str) -> Schema:
    """An entry of a list: by the value of one key it is what the catalog says; anything where the catalog is silent.

    That key has no description of its own: an editor shows that of the entry that was chosen.
    """
    entries = list(_known(catalog, kind))
    offered = [{"label": entry.name, "description": entry.description, "body": called[0]} for entry, called in entries]
    chosen = [
        {"if": {"properties": {key: _one_of(called)}, "required": [key]}, "then": ref(entry.path)}
        for entry, called in entries
    ]
    return {
        "type": "object",
        **ref(base),
        "properties": {key: {"type": ["string", "null"], "defaultSnippets": offered}},
        **({"allOf": chosen} if chosen else {}),
    }


def _one_of(names: Iterable[str]) -> Schema:
    """One of these texts. An editor would list the values of an `enum`, of all entries, over each of them."""
    return {"type": "string", "pattern": f"^({'|'.join(map(re.escape, names))})$"}


def _entries(catalog: Catalog, kind: Kind, key: str, base: str) -> Schema:
    """A schema for each entry of the catalog, with its own parameters and those of its base, and no others.

    What several entries have alike, such as `conn_id`, stands once.
    """
    entries = {entry.path: _entry(entry, key, base) for entry, _ in _known(catalog, kind)}
    alike = Counter((name, _json(each)) for entry in entries.values() for name, each in entry["properties"].items())
    shared = {name: each for (name, each), count in reversed(alike.most_common()) if count > 2}
    for entry in entries.values():
        listed = entry["properties"]
        entry["properties"] = {
            name: ref(f"{kind}.{name}") if _json(each) == shared.get(name) else each for name, each in listed.items()
        }
    return {f"{kind}.{name}": json.loads(shared[name]) for name in sorted(shared)} | entries


def _entry(entry: Operator, key: str, base: str) -> Schema:
    about = {"title": entry.name} | ({"description": entry.description} if entry.description else {})
    deprecated = {"deprecated": True, "deprecationMessage": entry.deprecated} if entry.deprecated else {}
    return {
        **about,
        **deprecated,
        **ref(base),
        "properties": {key: about, **parameters(entry.parameters)},
        "unevaluatedProperties": False,
    }


def _known(catalog: Catalog, kind: Kind) -> Iterable[tuple[Operator, list[str]]]:
    """Every entry with the names by which a config may call it, the usual one first; no bare name that several have."""
    for path in catalog.names(kind):
        entry = catalog.entry(kind, path)
        if entry is not None:
            names = dict.fromkeys(filter(None, (entry.called, path, entry.name)))
            yield entry, [name for name in names if name == path or catalog.resolve(name, kind) == (path,)]


def _without(key: str, properties: Schema) -> Schema:
    return {name: each for name, each in properties.items() if name != key}


def _closed(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
