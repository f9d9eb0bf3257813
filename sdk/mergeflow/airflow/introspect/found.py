"""Where Airflow and its providers declare what a config may name."""

import inspect
import pkgutil
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from airflow.providers_manager import ProvidersManager
from airflow.sdk import BaseOperator
from airflow.sdk.bases.timetable import BaseTimetable
from airflow.sdk.module_loading import import_string  # type: ignore[attr-defined]
from airflow.timetables.base import Timetable

from mergeflow.airflow import operators as own_operators
from mergeflow.airflow.introspect.deprecation import deprecation
from mergeflow.airflow.introspect.docs import description
from mergeflow.airflow.introspect.signature import is_by_attrs, parameters_of, parameters_of_attrs
from mergeflow.catalog import Operator

_SET_BY_TASK = frozenset({"op_args", "op_kwargs", "kwargs_to_upstream"})
"""What Airflow gives a decorated operator itself."""


def operators() -> dict[str, Operator]:
    """Every operator and sensor that an installed provider declares, and Mergeflow's own."""
    modules = {*_modules("operators", "sensors", "transfers"), *_below(own_operators)}
    return {
        path: Operator(path, _but_common(member), description(member), deprecation(member))
        for path, member in _members(modules, BaseOperator)
    }


def decorators() -> dict[str, Operator]:
    """Every `@task.xxx`, by the function that dag-factory can import."""
    found: dict[str, Operator] = {}
    for provider in _providers():
        for each in provider.get("task-decorators", ()):
            path, name = each["class-name"], each["name"]
            decorate = import_string(path)
            kind = decorate(python_callable=_nothing).operator_class
            called = "task" if name == "python" else f"task.{name}"
            said = deprecation(decorate)
            found[path] = Operator(path, _but_common(kind, _SET_BY_TASK), description(decorate), said, called)
    return found


def notifiers() -> dict[str, Operator]:
    """Every notifier that an installed provider declares."""
    paths = [path for provider in _providers() for path in provider.get("notifications", ())]
    return {path: _other(path, import_string(path), frozenset({"context"})) for path in paths}


def timetables() -> dict[str, Operator]:
    """Every timetable of Airflow's, for DAG files (`airflow.sdk`) and of its core."""
    core, sdk = (_below(import_module(each)) for each in ("airflow.timetables", "airflow.sdk.definitions.timetables"))
    members = [*_members(core, Timetable), *_members(sdk, BaseTimetable)]
    return {path: _other(path, member) for path, member in members if not inspect.isabstract(member)}


def _other(path: str, kind: type[Any], without: frozenset[str] = frozenset()) -> Operator:
    parameters = parameters_of_attrs(kind) if is_by_attrs(kind) else parameters_of(kind, without)
    return Operator(path, parameters, description(kind), deprecation(kind))


def _but_common(kind: type[Any], without: frozenset[str] = frozenset()) -> dict[str, Any]:
    common = parameters_of(BaseOperator)
    return {name: each for name, each in parameters_of(kind, without).items() if name not in common}


def _members(names: Collection[str], base: type[Any]) -> Iterator[tuple[str, type[Any]]]:
    """The public classes of a base that modules define themselves, with their import paths."""
    for name in sorted(names):
        try:
            members = list(vars(import_module(name)).values())
        except ImportError:
            continue  # a class whose client library is not installed cannot be used here either
        for member in members:
            own = inspect.isclass(member) and member.__module__ == name and not member.__name__.startswith("_")
            if own and base in member.__mro__:
                yield f"{name}.{member.__name__}", member


def _below(package: ModuleType) -> list[str]:
    found = [each.name for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return [name for name in found if not name.rpartition(".")[2].startswith("_") and not name.endswith(".base")]


def _modules(*kinds: str) -> set[str]:
    """Every module in which an installed provider declares something of these kinds."""
    listed = [each for provider in _providers() for kind in kinds for each in provider.get(kind, ())]
    return {name for each in listed for name in each.get("python-modules", [each.get("python-module")]) if name}


def _providers() -> Iterator[Mapping[str, Any]]:
    return (each.data for each in ProvidersManager().providers.values())  # type: ignore[no-untyped-call]


def _nothing() -> None:
    """A function to decorate."""
