"""What the catalog knows, as JSON Schema: by the value of one key, such as `operator`, which other keys may stand."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mergeflow.catalog import Catalog, Kind, Operator
from mergeflow.render.schema_types import Schema, parameters, ref


@dataclass(frozen=True, slots=True)
class Entries:
    """A section of the catalog, and the key whose value names one of its entries.

    `listed` has each with the names by which a config may call it, the usual one first. `closed` says that there are no
    keys but its own and those of the base; a decorator's task also has its function's arguments.
    """

    kind: Kind
    key: str
    listed: Sequence[tuple[Operator, Sequence[str]]]
    closed: bool = True

    @classmethod
    def of(cls, catalog: Catalog, kind: Kind, key: str, *, closed: bool = True) -> "Entries":
        """All that a catalog has of a kind."""
        return cls(kind, key, list(_known(catalog, kind)), closed)

    def definitions(self, base: str) -> Schema:
        """A schema for each entry, with its own parameters and those of its base.

        What several entries have alike, such as `conn_id`, stands once.
        """
        entries = {entry.path: self._definition(entry, base) for entry, _ in self.listed}
        alike = Counter(
            (name, as_json(each)) for entry in entries.values() for name, each in entry["properties"].items()
        )
        shared = {name: each for (name, each), count in reversed(alike.most_common()) if count > 2}
        for entry in entries.values():
            entry["properties"] = {
                name: ref(f"{self.kind}.{name}") if as_json(each) == shared.get(name) else each
                for name, each in entry["properties"].items()
            }
        return {f"{self.kind}.{name}": json.loads(shared[name]) for name in sorted(shared)} | entries

    def _definition(self, entry: Operator, base: str) -> Schema:
        about = {"title": entry.name} | ({"description": entry.description} if entry.description else {})
        deprecated = {"deprecated": True, "deprecationMessage": entry.deprecated} if entry.deprecated else {}
        listed = {self.key: about, **parameters(entry.parameters)}
        more = {"unevaluatedProperties": False} if self.closed else {}
        return {**about, **deprecated, **ref(base), "properties": listed, **more}


def choice(base: str, *sections: Entries) -> Schema:
    """An entry of a list that is what the catalog says of it, and may be anything where the catalog is silent.

    Its key has no description of its own: an editor shows that of the entry that was chosen.
    """
    chosen = [
        {"if": {"properties": {each.key: _one_of(names)}, "required": [each.key]}, "then": ref(entry.path)}
        for each in sections
        for entry, names in each.listed
    ]
    return {
        "type": "object",
        **ref(base),
        "properties": {each.key: {"type": ["string", "null"], "defaultSnippets": _offered(each)} for each in sections},
        **({"allOf": chosen} if chosen else {}),
    }


def as_json(value: object) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _offered(entries: Entries) -> list[Schema]:
    """What VS Code offers for the key, by short names. Other editors know nothing of this."""
    return [
        {"label": entry.called or entry.name, "description": entry.description, "body": names[0]}
        for entry, names in entries.listed
    ]


def _one_of(names: Sequence[str]) -> Schema:
    """One of these texts. An editor would list the values of an `enum`, of all entries, over each of them."""
    return {"type": "string", "pattern": f"^({'|'.join(map(re.escape, names))})$"}


def _known(catalog: Catalog, kind: Kind) -> Iterator[tuple[Operator, list[str]]]:
    """Every entry with its names; no bare name that several have."""
    for path in catalog.names(kind):
        entry = catalog.entry(kind, path)
        if entry is not None:
            names = dict.fromkeys(filter(None, (entry.called, path, entry.name)))
            yield entry, [name for name in names if name == path or catalog.resolve(name, kind) == (path,)]
