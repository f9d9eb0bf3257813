"""What a config may name and which parameters that takes, known without Airflow from a generated file."""

from pathlib import Path

from mergeflow.catalog.entries import KINDS, UNSAID, Kind, Operator, Parameter
from mergeflow.catalog.index import CATALOG_PATH, Catalog, CatalogError, indexed, not_a_catalog

__all__ = [
    "CATALOG_PATH",
    "KINDS",
    "UNSAID",
    "Catalog",
    "CatalogError",
    "Kind",
    "Operator",
    "Parameter",
    "load_catalog",
    "parse_catalog",
]


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
        text = content.decode("ascii")
    except UnicodeDecodeError:
        raise not_a_catalog() from None
    return indexed(text.replace("\r\n", "\n"))  # as Git writes it on Windows
