"""What a value may be, as JSON Schema: from the models' fields, and from the catalog's types.

Each value is one flat schema with a list of types, not a choice of schemas: editors then complete inside it, say what
is expected, and show its description. That works because `pattern` binds only texts and `items` only lists.
"""

from collections.abc import Mapping
from typing import Any

from mergeflow.catalog import UNSAID, Parameter
from mergeflow.catalog.types import BUILT
from mergeflow.model.base import ConfigModel

Schema = dict[str, Any]

_PLAIN = {
    "str": ["string"],
    "int": ["integer"],
    "float": ["number"],
    "bool": ["boolean"],
    "list": ["array"],
    "dict": ["object"],
    "None": ["null"],
}
_BUILT: Schema = {"anyOf": [{"type": "object", "required": [key]} for key in BUILT]}
"""A mapping that dag-factory turns into a value of another type."""
_MADE: Schema = {
    "pattern": r"\{[{%]|^\+[A-Za-z_]",
    "patternErrorMessage": "Text may stand here only as an expression, a Jinja template or a reference: +extract.",
}
"""A text that becomes a value of another type."""

SHARED: Mapping[str, Schema] = {
    "built": {"if": {"type": "object"}, "then": _BUILT},
    "made": _MADE,
    "either": {"if": {"type": "object"}, "then": _BUILT, **_MADE},
}
"""What these schemas refer to, and what must stand under `$defs` beside them.

Of mappings only those that are built, of texts only those that become something else, or both; nothing of other values.
"""


def ref(name: str, **more: Any) -> Schema:
    """A reference to one of the `$defs`."""
    return {"$ref": f"#/$defs/{name}", **more}


def fields(model: type[ConfigModel], **instead: Schema) -> Schema:
    """The schemas of a model's fields by name; those given by name replace the model's own, but for its words."""
    own = model.model_json_schema()["properties"]
    return {name: {**_words(each), **instead[name]} if name in instead else _field(each) for name, each in own.items()}


def parameters(listed: Mapping[str, Parameter]) -> Schema:
    """The schemas of an entry's parameters by name."""
    return {name: parameter(each) for name, each in sorted(listed.items())}


def parameter(parameter: Parameter) -> Schema:
    """What may be given for a parameter: at least all that `catalog.types.fits` lets through."""
    said = " ".join(filter(None, ("Required." if parameter.required else "", parameter.description)))
    words: Schema = {"description": said} if said else {}
    if parameter.default not in ("", UNSAID, "null"):
        words["default"] = _value(parameter.default)
    return {**words, **_typed(parameter)}


def of_types(*types: str) -> Schema:
    """A value of one of these types, one that dag-factory builds, or a text that becomes one."""
    bound = {(): "either", ("string",): "built", ("object",): "made"}
    name = bound.get(tuple(each for each in ("object", "string") if each in types))
    return {"type": sorted({*types, "object", "string"}), **(ref(name) if name else {})}


def _typed(parameter: Parameter) -> Schema:
    alternatives = parameter.type.split("|")
    texts = [each.strip("'") for each in alternatives if each.startswith("'")]
    if any(each not in _PLAIN and not each.startswith("'") for each in alternatives):
        return {}
    types = [name for each in alternatives for name in _PLAIN.get(each, ())]
    if not parameter.required:
        types.append("null")
    if texts and "string" not in types:
        return {"anyOf": [{"enum": texts}, of_types(*types)]}
    return of_types(*types)


def _field(field: Schema) -> Schema:
    """A model's field with its alternatives in one schema, and with what dag-factory builds."""
    words, alternatives = _words(field), field.get("anyOf", [field])
    types = {each["type"] for each in alternatives if "type" in each}
    if not types:
        return words
    merged: Schema = {}
    for each in alternatives:
        merged |= {key: value for key, value in each.items() if key not in ("type", "title", "default", "format")}
    merged.pop("required", None)  # what is missing here may stand in the defaults
    if merged.pop("additionalProperties", True) is False:
        merged |= {"if": _BUILT, "else": {"properties": merged.pop("properties"), "additionalProperties": False}}
    return {**words, **merged, **of_types(*types)}


def _words(field: Schema) -> Schema:
    """What an editor shows of a field."""
    said = {"description": field["description"]} if "description" in field else {}
    return said | ({"default": field["default"]} if field.get("default") not in (None, "", [], {}) else {})


def _value(text: str) -> Any:
    import json

    return json.loads(text)
