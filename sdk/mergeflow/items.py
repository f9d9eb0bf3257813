"""The items of a `for_each`: listed in the config, or in a CSV or YAML file beside it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mergeflow.diagnostic import Place, Problem
from mergeflow.document import Document
from mergeflow.model import kind_of, near
from mergeflow.tables import MOST_ROWS, Table, TableError

RULE = "wrong-items"


class Item(NamedTuple):
    """What `${{ item }}` stands for, where it is written, and what is wrong with it."""

    value: Any
    place: Place
    fault: Problem | None = None


class NoItems(Exception):
    """A `for_each` that makes no DAG at all."""

    def __init__(self, message: str, place: Place, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(RULE, message, place, hint)


def items_file(path: str, data: Mapping[str, Any]) -> str | None:
    """The path of the file whose items a DAG of the file `path` is made for, if it names one."""
    listed = data.get("for_each")
    name = listed.get("file") if isinstance(listed, dict) else None
    return f"{path.rpartition('/')[0]}/{name}" if isinstance(name, str) else None


def items_of(
    own: Place,
    data: Mapping[str, Any],
    documents: Mapping[str, Document],
    tables: Mapping[str, Table],
    holding: str | None = None,
) -> Iterator[Item] | None:
    """The items that the DAG at `own` is made for; none where it is made once. Raises NoItems, also later on.

    Of a table only the rows with a cell that is `holding`, where one is looked for.
    """
    if "for_each" not in data:
        return None
    listed, at = data["for_each"], own.at("for_each")
    path = items_file(own.path, data)
    if path is not None:
        if path in tables:
            return _in_table(tables[path], holding)
        return _in_document(path, at.at("file"), documents, tables)
    if not isinstance(listed, list):
        raise NoItems(f"`for_each` must be a list, not {kind_of(listed)}", at, "write a list, or `{file: items.csv}`")
    if not listed:
        raise NoItems("`for_each` has no items, so it makes no DAG", at, "add one")
    _refuse_too_many(listed, at)
    return (Item(value, at.at(i)) for i, value in enumerate(listed))


def _in_table(table: Table, holding: str | None) -> Iterator[Item]:
    try:
        for row in table.rows(holding):
            place = Place(table.path, (row.line,))
            hint = "quote a cell that holds a comma; leave none out"
            yield Item(row.cells, place, Problem(RULE, row.fault, place, hint) if row.fault else None)
    except TableError as error:
        raise NoItems(error.message, Place(table.path, (error.line,)), error.hint) from None


def _refuse_too_many(listed: list[Any], place: Place) -> None:
    if len(listed) > MOST_ROWS:
        message = f"these are {len(listed):,} items, and {MOST_ROWS:,} are the most"
        raise NoItems(message, place, "split them over several DAGs")


def _in_document(
    path: str, at: Place, documents: Mapping[str, Document], tables: Mapping[str, Table]
) -> Iterator[Item]:
    document = documents.get(path)
    if document is None:
        folder, _, name = path.rpartition("/")
        beside = [each.rpartition("/") for each in (*tables, *documents)]
        hint = near(name, [end for start, _, end in beside if start == folder])
        raise NoItems(f"there is no file `{path}` with items", at, hint or "the path starts at this config's folder")
    if not isinstance(document.data, list) or not document.data:
        message = f"the items must be a list, not {kind_of(document.data)}"
        raise NoItems(message, Place(path), "write one item per line, `- {id: 1}`")
    _refuse_too_many(document.data, Place(path))
    return (Item(value, Place(path, (i,))) for i, value in enumerate(document.data))
