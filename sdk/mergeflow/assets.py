"""The assets that DAGs wait for and that their tasks produce, told from configs as dag-factory and Airflow read them.

Airflow 3.3 tells assets apart by name and URI together. A text stands for an asset that has it for both, and is an
asset only where dag-factory 1.1 makes one of it: in the list of a `schedule`, or in a task's own `outlets`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Route

Kind = Literal["asset", "alias", "name", "uri"]
"""What a text names: an asset, an alias of assets, or whichever asset has this name or this URI."""

_KINDS: Mapping[str, Kind] = {
    "Asset": "asset",
    "Dataset": "asset",
    "Model": "asset",
    "AssetAlias": "alias",
    "DatasetAlias": "alias",
    "AssetNameRef": "name",
    "AssetUriRef": "uri",
}
_TIMED = ("timetable",)
"""Keys of a schedule below which no asset stands."""


class Asset(NamedTuple):
    """An asset as Airflow knows it, or a reference to one; what it is not told by is empty."""

    kind: Kind
    name: str = ""
    uri: str = ""

    def __str__(self) -> str:
        return self.name or self.uri

    @property
    def provides(self) -> tuple["Asset", ...]:
        """Every way in which a DAG may wait for it."""
        if self.kind != "asset":
            return (self,)
        return self, Asset("name", name=self.name), Asset("uri", uri=self.uri)


class Use(NamedTuple):
    """An asset that a DAG waits for (then without a task), or that one of its tasks produces, with its route."""

    dag: Dag
    route: Route
    asset: Asset
    task: Node | None = None


def awaited(dag: Dag) -> list[Use]:
    """The assets that a DAG's schedule names."""
    schedule = dag.config.get("schedule")
    if not isinstance(schedule, dict | list):
        return []
    if isinstance(schedule, list):
        schedule = [each.strip() if isinstance(each, str) else each for each in schedule]
    return [Use(dag, route, asset) for route, asset in _assets(schedule, ("schedule",), texts=True)]


def produced(dag: Dag) -> Iterator[Use]:
    """The assets that the tasks of a DAG produce, by their own `outlets` or by a default's."""
    for task in dag.tasks.values():
        if "outlets" in task.config:
            found = _assets(task.config["outlets"], (*task.route, "outlets"), texts=True)
            yield from (Use(dag, route, asset, task) for route, asset in found)
        partial = task.config.get("partial")
        if isinstance(partial, dict) and "outlets" in partial:
            found = _assets(partial["outlets"], (*task.route, "partial", "outlets"))
            yield from (Use(dag, route, asset, task) for route, asset in found)
    for route, defaults in ((("default_args",), dag.config), *((group.route, group.config) for group in _groups(dag))):
        default_args = defaults.get("default_args")
        if isinstance(default_args, dict) and "outlets" in default_args:
            where = route if route == ("default_args",) else (*route, "default_args")
            yield from (Use(dag, at, asset) for at, asset in _assets(default_args["outlets"], (*where, "outlets")))


def _groups(dag: Dag) -> Iterator[Node]:
    return iter(dag.groups.values()) if dag.config.get("task_groups") else iter(())


def _assets(value: object, route: Route, *, texts: bool = False) -> Iterator[tuple[Route, Asset]]:
    """Every asset of a value, with its route; `texts` says whether a text is one."""
    if isinstance(value, list):
        for i, each in enumerate(value):
            yield from _assets(each, (*route, i), texts=texts)
    elif isinstance(value, dict) and "__join__" not in value:
        kind = _KINDS.get(str(value.get("__type__", "")).rpartition(".")[2])
        asset = _typed(kind, value) if kind else None
        if asset:
            yield route, asset
        elif not kind:
            for key, each in value.items():
                if key not in _TIMED:
                    listed = texts and key == "items" and value.get("__type__") == "builtins.list"
                    yield from _assets(each, (*route, key), texts=listed)
    elif texts and (text := _text(value)):
        yield route, Asset("asset", text, normal(text))


def _typed(kind: Kind, value: Mapping[Any, Any]) -> Asset | None:
    """What a mapping with `__type__` builds; none when it cannot be told."""
    args = value.get("__args__")
    given = [_text(each) for each in args] if isinstance(args, list) else []
    first, second = (*given, None, None)[:2]
    if kind == "uri":
        uri = _text(value.get("uri")) or first
        return Asset("uri", uri=normal(uri)) if uri else None
    name, uri = _text(value.get("name")) or first, _text(value.get("uri")) or second
    if kind != "asset":
        return Asset(kind, name=name) if name else None
    if value.get("uri") is not None and not uri:
        return None
    whole = name or uri
    return Asset("asset", whole, normal(uri or whole)) if whole else None


def _text(value: object) -> str | None:
    """A text that is surely what Airflow will see: joined, but neither a template nor empty."""
    if isinstance(value, dict) and isinstance(value.get("__join__"), list):
        parts = value["__join__"]
        value = "".join(parts) if all(isinstance(each, str) for each in parts) else None
    return value if isinstance(value, str) and value.strip() and "{{" not in value else None


def normal(uri: str) -> str:
    """A URI as Airflow stores it: scheme in lower case, no slash at the end, no fragment, the query sorted."""
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme.lower().startswith("x-"):
        return uri
    path, mark, query = rest.partition("#")[0].partition("?")
    return f"{scheme.lower()}://{path.rstrip('/')}{mark}{'&'.join(sorted(query.split('&')))}"
