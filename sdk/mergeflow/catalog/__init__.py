"""What operators exist and which parameters they take, known without Airflow from a generated file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

CATALOG_PATH = "validators/catalog.json"


class CatalogError(Exception):
    """A catalog file that cannot be used; its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator's own parameters; those that every operator takes are the catalog's `common`."""

    parameters: frozenset[str]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Catalog:
    """The operators of the Airflow that runs the DAGs, by import path; an empty catalog knows nothing."""

    common: frozenset[str] = frozenset()
    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def operator(self, import_path: str) -> Operator | None:
        """The operator at an import path, or none when the catalog does not know it."""
        entry = self.entries.get(import_path)
        if entry is None:
            return None
        return Operator(frozenset(entry["parameters"]), frozenset(entry.get("required", ())))

    @cached_property
    def all_parameters(self) -> frozenset[str]:
        """Every parameter of any operator: what may stand in `default_args`."""
        return self.common.union(*(entry["parameters"] for entry in self.entries.values()))


def load_catalog(root: Path) -> Catalog:
    """The repository's catalog; an empty one when it has none. Raises CatalogError when it cannot be read."""
    try:
        return parse_catalog((root / CATALOG_PATH).read_bytes())
    except FileNotFoundError:
        return Catalog()
    except OSError as error:
        raise CatalogError(f"{CATALOG_PATH} cannot be read: {error.strerror}") from None


def parse_catalog(content: bytes) -> Catalog:
    """A catalog from its file's content. Raises CatalogError when it is none."""
    try:
        data = json.loads(content)
        catalog = Catalog(frozenset(data["common"]), dict(data["operators"]))
        for import_path in catalog.entries:
            catalog.operator(import_path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "`mergeflow catalog build` writes it anew"
        raise CatalogError(f"{CATALOG_PATH} cannot be read: it is not a catalog; {hint}") from None
    return catalog
