"""The catalog as an index over the text of its file: an entry is decoded when somebody asks for it.

The file has one entry per line, so that finding one is a search for its line. That is quicker than decoding the whole,
of which a check needs a few entries, and a task's start none.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from mergeflow.catalog.entries import KINDS, Kind, Operator, Parameter, read_parameter

CATALOG_PATH = "validators/catalog.json"
HEAD = '{\n "catalog": 2,\n'
SECTIONS = (
    "packages", "common", "operators", "decorators", "notifiers", "timetables", "moved", "elsewhere",
    "common_of_expectations", "shared_by_expectations", "expectations",
)  # fmt: skip
"""In the order of the file."""


class CatalogError(Exception):
    """A catalog file that cannot be used; its text is one sentence for the user."""


class Catalog:
    """What the Airflow that runs the DAGs has, by import path; an empty catalog knows nothing.

    `bounds` says where in the text each section's lines begin and end.
    """

    def __init__(self, text: str = "", bounds: Mapping[str, tuple[int, int]] | None = None) -> None:
        self.text = text
        self.bounds = bounds or {}
        self._found: dict[Kind, dict[str, Operator | None]] = {kind: {} for kind in KINDS}
        self._moved: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Whether there is a catalog at all."""
        return bool(self.text)

    def operator(self, name: str) -> Operator | None:
        """The operator at an import path, also an old one, or of a bare name that only one has."""
        return self.entry("operators", name)

    def decorator(self, name: str) -> Operator | None:
        """The decorator at an import path, or `task.bash`."""
        return self.entry("decorators", name)

    def notifier(self, name: str) -> Operator | None:
        """The notifier at an import path, or of a bare name."""
        return self.entry("notifiers", name)

    def timetable(self, name: str) -> Operator | None:
        """The timetable at an import path, or of a bare name."""
        return self.entry("timetables", name)

    def expectation(self, name: str) -> Operator | None:
        """The expectation of a type, `expect_column_to_exist`, or of a class name, `ExpectColumnToExist`."""
        return self.entry("expectations", name)

    def resolve(self, name: str, kind: Kind = "operators") -> tuple[str, ...]:
        """The import paths that a bare name may mean; of an import path itself."""
        if kind == "decorators" and (path := self._called(kind, name)):
            return (path,)
        if "." in name:
            return (name,)
        if kind == "expectations" and (path := self._called(kind, name)):
            return (path,)
        return tuple(path for path in self._ending(kind, name))

    def names(self, section: Kind | Literal["moved", "elsewhere"]) -> tuple[str, ...]:
        """The import paths of a section, sorted; nothing is decoded."""
        return self._names.get(section, ())

    def moved(self, path: str) -> str:
        """Where Airflow has moved what an old path named; empty for a path that has not moved."""
        if path not in self._moved:
            self._moved[path] = self._value("moved", path)
        return self._moved[path]

    @cached_property
    def common(self) -> frozenset[str]:
        """The parameters that every operator takes."""
        return frozenset(self._keys("common"))

    @cached_property
    def common_parameters(self) -> Mapping[str, Parameter]:
        """The parameters that every operator takes, with their types."""
        return self._parameters("common")

    def has_parameter(self, name: str) -> bool:
        """Whether any operator or decorator takes a parameter of this name: it may stand in `default_args`."""
        if name in self.common:
            return True
        ranges = (self.bounds.get(section, (0, 0)) for section in ("operators", "decorators"))
        return _is_name(name) and any(self.text.find(f'"{name}": "', *each) >= 0 for each in ranges)

    def entry(self, kind: Kind, name: str) -> Operator | None:
        """The entry of a section at an import path, or of a bare name that only one has."""
        found = self._found[kind]
        if name not in found:
            found[name] = self._find(kind, name)
        return found[name]

    def _find(self, kind: Kind, name: str) -> Operator | None:
        paths = self.resolve(name, kind)
        if len(paths) != 1:
            return None
        (path,) = paths
        line = self._line(kind, path)
        if not line:
            path = self._value("moved", path) or path
            path = self._value("elsewhere", path) or path
            line = self._line(kind, path)
        if not line:
            return None
        return _decode(path, line, *self._of_expectations) if kind == "expectations" else _decode(path, line)

    def _line(self, section: str, name: str) -> str:
        """What stands after a key, to the end of its line; empty when the section has no such key."""
        start, end = self.bounds.get(section, (0, 0))
        if not _is_name(name):
            return ""
        key = f'\n  "{name}": '
        at = self.text.find(key, start - 1, end) if end else -1
        return self.text[at + len(key) : self.text.find("\n", at + 1)].removesuffix(",") if at >= 0 else ""

    def _value(self, section: str, name: str) -> str:
        return _json(self._line(section, name), str) or ""

    def _ending(self, kind: Kind, bare: str) -> Iterator[str]:
        if not _is_name(bare):
            return
        start, end = self.bounds.get(kind, (0, 0))
        tail = f'.{bare}": '
        at = self.text.find(tail, start, end)
        while at >= 0:
            line = self.text.rfind("\n", 0, at) + 1
            if self.text.startswith('  "', line) and '"' not in self.text[line + 3 : at]:
                yield self.text[line + 3 : at + len(tail) - 3]
            at = self.text.find(tail, at + 1, end)

    def _keys(self, section: str) -> list[str]:
        start, end = self.bounds.get(section, (0, 0))
        return [line[3 : line.find('"', 3)] for line in self.text[start:end].split("\n") if line.startswith('  "')]

    def _parameters(self, section: str) -> dict[str, Parameter]:
        return {name: read_parameter(self._value(section, name)) for name in self._keys(section)}

    @cached_property
    def _of_expectations(self) -> tuple[dict[str, Parameter], dict[str, Parameter]]:
        """What all expectations take, and what several do."""
        return self._parameters("common_of_expectations"), self._parameters("shared_by_expectations")

    def _called(self, kind: Kind, name: str) -> str:
        """The path of the entry with this name in Python's or Great Expectations' own spelling."""
        if not _is_name(name):
            return ""
        at = self.text.find(f'{{"called": "{name}"', *self.bounds.get(kind, (0, 0)))
        line = self.text.rfind("\n", 0, at) + 1
        return self.text[line + 3 : self.text.find('"', line + 3)] if at >= 0 else ""

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        return {section: tuple(self._keys(section)) for section in self.bounds}


def indexed(text: str) -> Catalog:
    """The catalog in a text that `mergeflow catalog build` has written. Raises CatalogError for any other."""
    at = len(HEAD) - 1
    bounds: dict[str, tuple[int, int]] = {}
    if not text.startswith(HEAD) or not text.endswith("\n }\n}\n"):
        raise not_a_catalog()
    for section in SECTIONS:
        head = f'\n "{section}": {{\n'
        start = text.find(head, at) + len(head)
        at = text.find("\n }", start - 1)
        if start < len(head) or at < 0:
            raise not_a_catalog()
        bounds[section] = (start, at + 1)
    return Catalog(text, bounds)


def _is_name(text: str) -> bool:
    """Whether a text can be a key of the file as it stands: letters, digits, `_` and dots."""
    return text.isascii() and text.replace(".", "_").isidentifier()


def not_a_catalog() -> CatalogError:
    """What is raised for a file that has another form."""
    return CatalogError(f"{CATALOG_PATH} cannot be read: it is not a catalog; `mergeflow catalog build` writes it anew")


def _decode(
    path: str, line: str, common: Mapping[str, Parameter] | None = None, shared: Mapping[str, Parameter] | None = None
) -> Operator:
    data = _json(line, dict)
    try:
        own = {name: read_parameter(text) for name, text in data.get("parameters", {}).items()}
        about, deprecated, called, also = (_text(data, key) for key in ("about", "deprecated", "called", "also"))
        more = {name: (shared or {})[name] for name in also.split()}
    except (AttributeError, KeyError, TypeError):
        raise not_a_catalog() from None
    return Operator(path, {**(common or {}), **more, **own}, about, deprecated, called, tuple(more))


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _json(line: str, kind: type) -> Any:
    if not line:
        return None
    import json  # a task's start needs no entry

    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise not_a_catalog() from None
    if not isinstance(value, kind):
        raise not_a_catalog()
    return value
