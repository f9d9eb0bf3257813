"""Reads the installed Airflow's operators into the catalog, which lets `check` do without Airflow."""

import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from airflow import __version__ as airflow_version
from airflow.providers_manager import ProvidersManager
from airflow.sdk import BaseOperator

_NOT_GIVEN = {"self", "args", "kwargs", "task_id", "dag", "task_group", "default_args"}
"""Parameters that dag-factory sets itself, and Python's own."""


def catalog_text() -> str:
    """The catalog as committed: JSON, sorted, one line per operator, so that a diff of it can be reviewed."""
    common = json.dumps(sorted(_parameters(BaseOperator)))
    operators = ",\n".join(f"  {json.dumps(path)}: {json.dumps(entry)}" for path, entry in sorted(_operators().items()))
    return f'{{\n "airflow": "{airflow_version}",\n "common": {common},\n "operators": {{\n{operators}\n }}\n}}\n'


def _operators() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for module in sorted(_modules()):
        try:
            members = vars(import_module(module)).values()
        except ImportError:
            continue  # an operator whose client library is not installed cannot run here either
        for member in list(members):
            if inspect.isclass(member) and issubclass(member, BaseOperator) and member.__module__ == module:
                found[f"{module}.{member.__name__}"] = _entry(member)
    return found


def _modules() -> Iterator[str]:
    """Every module in which an installed provider declares operators or sensors."""
    for provider in ProvidersManager().providers.values():  # type: ignore[no-untyped-call]
        for kind in ("operators", "sensors", "transfers"):
            for each in provider.data.get(kind, ()):
                yield from each.get("python-modules", [each["python-module"]] if "python-module" in each else [])


def _entry(operator: type[BaseOperator]) -> dict[str, list[str]]:
    parameters = _parameters(operator)
    own = {name: parameter for name, parameter in parameters.items() if name not in _parameters(BaseOperator)}
    required = [name for name, parameter in own.items() if parameter.default is inspect.Parameter.empty]
    return {"parameters": sorted(own), **({"required": sorted(required)} if required else {})}


def _parameters(operator: type[Any]) -> dict[str, inspect.Parameter]:
    """What the constructor takes by name; what it hands on as `**kwargs`, its parents' constructors take."""
    found: dict[str, inspect.Parameter] = {}
    for kind in operator.__mro__:
        if "__init__" not in vars(kind):
            continue
        signature = inspect.signature(inspect.unwrap(vars(kind)["__init__"]))
        for name, parameter in signature.parameters.items():
            if name not in _NOT_GIVEN and not name.startswith("_") and parameter.kind is not parameter.VAR_POSITIONAL:
                found.setdefault(name, parameter)
        if not any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values()):
            break
    return {name: each for name, each in found.items() if each.kind is not each.VAR_KEYWORD}
