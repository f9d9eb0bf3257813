"""Under which other paths an entry can be imported: those of Airflow 2, and the short ones of `airflow.sdk`."""

import functools
import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from sys import modules
from types import ModuleType
from typing import Any

from airflow import sdk
from airflow.sdk import BaseNotifier, BaseOperator
from airflow.sdk.bases.timetable import BaseTimetable
from airflow.sdk.module_loading import import_string  # type: ignore[attr-defined]

from mergeflow.catalog import Operator

_REDIRECTING = tuple(
    f"airflow.{each}"
    for each in ("operators", "sensors", "decorators", "notifications", "timetables", "models.baseoperator")
)
"""The modules of Airflow 2 that pass on, with a warning, what is asked of them."""
_TASK = ("airflow.sdk.task", "airflow.sdk.definitions.decorators.task")
"""From where `@task` is imported."""


def moved() -> dict[str, str]:
    """The paths of Airflow 2 that still work, and where they lead."""
    found: dict[str, str] = {}
    for module, names in _redirects():
        for name, new in names.items():
            if name != "*" and _may_be_named(import_string(new)):
                found[f"{module}.{name}"] = new
    return found


def elsewhere(entries: Mapping[str, Operator]) -> dict[str, str]:
    """Other paths of today, and the entries that they lead to."""
    task = next(path for path, entry in entries.items() if entry.called == "task")
    found = dict.fromkeys(_TASK, task)
    for name in sdk.__all__:
        target = getattr(sdk, name, None)
        path = f"{getattr(target, '__module__', '')}.{getattr(target, '__name__', '')}"
        if path in entries:
            found[f"airflow.sdk.{name}"] = path
    return found | _other_names(entries)


def _other_names(entries: Mapping[str, Operator]) -> dict[str, str]:
    """The names that a class has in its own module besides its own, such as `send_smtp_notification`."""
    found: dict[str, str] = {}
    for path in entries:
        module, _, name = path.rpartition(".")
        members = vars(import_module(module))
        for other, member in members.items():
            if member is members[name] and other != name and not other.startswith("_"):
                found[f"{module}.{other}"] = path
    return found


def _may_be_named(target: Any) -> bool:
    """Whether a config may name it: as an operator, decorator, notifier or timetable."""
    if inspect.isclass(target):
        return issubclass(target, BaseOperator | BaseNotifier | BaseTimetable)
    return target in (sdk.task, sdk.setup, sdk.teardown)


def _redirects() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each module that Airflow redirects, and its table from names to import paths."""
    for each in _REDIRECTING:
        import_module(each)
    for name, module in sorted(modules.items()):
        ask = vars(module).get("__getattr__") if isinstance(module, ModuleType) else None
        if name.startswith(_REDIRECTING) and isinstance(ask, functools.partial) and isinstance(ask.args[0], Mapping):
            yield name, ask.args[0]
