"""Task types as JSON Schema: what may stand beside `type: script`."""

from mergeflow.render.schema_types import Schema, fields, ref
from mergeflow.render.task_types import page
from mergeflow.tasks import TASK_TYPES, model_of
from mergeflow.tasks.table import ENTRIES


def with_types(task: Schema) -> Schema:
    """The schema of a task that may have a type in the place of an operator; types of others are let be."""
    offered = [{"label": name, "description": page(name, model_of(name)).title, "body": name} for name in TASK_TYPES]
    chosen = [{"if": _has_type(name), "then": ref(f"type.{name}")} for name in TASK_TYPES]
    return {
        **task,
        "properties": {**task["properties"], "type": {"defaultSnippets": offered}},
        "allOf": [*task.get("allOf", ()), *chosen],
    }


def definitions(base: str) -> Schema:
    """A schema for each type, with its own keys and those of every task."""
    return {f"type.{name}": _of_type(name, base) for name in TASK_TYPES}


def _has_type(name: str) -> Schema:
    """Beside an operator or a decorator, `type` is a parameter of that. (An editor would list a `const`.)"""
    named = {"type": "string", "pattern": f"^{name}$"}
    return {"properties": {"type": named, "operator": False, "decorator": False}, "required": ["type"]}


def _of_type(name: str, base: str) -> Schema:
    model = model_of(name)
    about = {"title": name, "description": page(name, model).title}
    own = {
        key: {**field, "description": f"Required. {field['description']}"}
        if key in ENTRIES[name].shape.required
        else field
        for key, field in fields(model).items()
    }
    return {**about, **ref(base), "properties": {"type": about, **own}, "unevaluatedProperties": False}
