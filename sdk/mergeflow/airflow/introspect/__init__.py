"""Reads the installed Airflow and its providers into the catalog, which lets `check` do without Airflow.

Annotations, defaults and deprecations are read from the sources, not from the objects: there a default is what its
author wrote, not what this machine's settings made of it, and a type reads the same under every Python.
"""

import warnings
from collections.abc import Mapping
from importlib.metadata import version

from airflow.providers_manager import ProvidersManager
from airflow.sdk import BaseOperator

from mergeflow.airflow.introspect.found import decorators, notifiers, operators, timetables
from mergeflow.airflow.introspect.redirected import elsewhere, moved
from mergeflow.airflow.introspect.signature import parameters_of
from mergeflow.catalog.write import Section

_CORE = frozenset({"apache-airflow-core", "apache-airflow-task-sdk"})


def airflow_sections() -> Mapping[str, Section]:
    """Everything of the catalog that Airflow and its providers have a say in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own, about Airflow's own
        return _sections()


def _sections() -> Mapping[str, Section]:
    kinds = {
        "operators": operators(),
        "decorators": decorators(),
        "notifiers": notifiers(),
        "timetables": timetables(),
    }
    packages = (*_CORE, *ProvidersManager().providers)  # type: ignore[no-untyped-call]
    return {
        "packages": {name: version(name) for name in packages},
        "common": parameters_of(BaseOperator),
        "moved": moved(),
        "elsewhere": elsewhere({path: entry for entries in kinds.values() for path, entry in entries.items()}),
        **kinds,
    }
