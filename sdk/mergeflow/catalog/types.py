"""Whether a plain YAML value can be what a parameter's annotation asks for.

The notation is a union of names, `str|list|None`. Plain YAML has `str`, `int`, `float`, `bool`, `list`, `dict` and
`None`; `'poke'` is that very text. Any other name (`timedelta`, `Callable`) is a type that only Python can make:
Airflow or dag-factory may turn anything into it, so beside such a name every value fits. Nothing is guessed; only that
a time span which may also be a number of seconds is never made of a text.
"""

from functools import cache

from mergeflow.catalog.entries import Parameter

_PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "None": (type(None),),
}
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "timedelta": "a time span",
}
BUILT = ("__type__", "__and__", "__or__", "__join__")
"""Keys of a mapping that dag-factory turns into a value of another type."""


def fits(value: object, parameter: Parameter) -> bool:
    """Whether a value, as YAML has it, may be given for a parameter; in doubt it may."""
    accepted = _accepted(parameter.type)
    if accepted is None:
        return True
    types, texts = accepted
    if type(value) in types:
        return True
    if value is None:
        return not parameter.required
    if isinstance(value, str):
        return value in texts or _stands_for_another(value, template=parameter.template)
    return isinstance(value, dict) and any(key in value for key in BUILT)


def surely(parameter: Parameter) -> frozenset[type] | None:
    """The types of which every value fits, for a quick look; none where all values do."""
    accepted = _accepted(parameter.type)
    return accepted[0] if accepted else None


def spell(type_: str) -> str:
    """A type in the words of diagnostics: `text or a list`."""
    alternatives = list(dict.fromkeys(_WORDS.get(name) or f"`{name.strip(chr(39))}`" for name in names_of(type_)))
    if "a number" in alternatives and "a whole number" in alternatives:
        alternatives.remove("a whole number")
    *first, last = alternatives
    return f"{', '.join(first)} or {last}" if first else last


def names_of(type_: str) -> list[str]:
    """The alternatives of a type, without `None`."""
    return [name for name in type_.split("|") if name != "None"]


@cache
def _accepted(type_: str) -> tuple[frozenset[type], frozenset[str]] | None:
    """The exact types and the single texts that fit; none when anything may."""
    types: set[type] = set()
    texts: set[str] = set()
    for name in type_.split("|"):
        if name == "timedelta" and "float" in type_.split("|"):
            continue  # a number of seconds, or a mapping with `__type__`: nothing makes either of a text
        if name.startswith("'"):
            texts.add(name.strip("'"))
        elif name in _PLAIN:
            types.update(_PLAIN[name])
        else:
            return None
    return frozenset(types), frozenset(texts)


def _stands_for_another(text: str, *, template: bool) -> bool:
    """Whether a text becomes a value of another type: rendered by Jinja, or taken from another task (`+extract`)."""
    return (template and ("{{" in text or "{%" in text)) or (text.startswith("+") and text[1:2].isidentifier())
