"""What the rules say of import paths is what the installed Airflow does with them."""

import inspect
import pkgutil
import warnings
from collections.abc import Iterator
from importlib import import_module

import pytest
from airflow.sdk import BaseOperator
from airflow.sdk.module_loading import import_string

from mergeflow.catalog import load_catalog
from mergeflow.checker import check
from mergeflow.project import load
from mergeflow.rules import Known
from mergeflow.rules.removed_operator import REMOVED
from mergeflow.rules.unknown_operator import KINDS
from tests.conftest import ROOT

KNOWN = Known(load_catalog(ROOT))
MOVED = {path: KNOWN.catalog.moved(path) for path in KNOWN.catalog.names("moved")}


@pytest.mark.parametrize("old", MOVED)
def test_a_moved_operator_is_redirected_with_a_warning_to_what_the_hint_says(old: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = import_string(old)
    assert any(issubclass(each.category, FutureWarning | DeprecationWarning) for each in caught)
    assert found is import_string(MOVED[old])


def test_no_operator_that_airflow_redirects_is_missing() -> None:
    for package in ("operators", "sensors"):
        tables = vars(import_module(f"airflow.{package}"))[f"__{'deprecated_classes'}"]
        for module, names in tables.items():
            for name, new in names.items():
                found = import_string(new)
                if inspect.isclass(found) and issubclass(found, BaseOperator):
                    assert MOVED[f"airflow.{package}.{module}.{name}"]


@pytest.mark.parametrize("old", REMOVED)
def test_a_removed_operator_is_gone_and_its_successor_is_there(old: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ImportError):
            import_string(old)
        assert not REMOVED[old] or issubclass(import_string(REMOVED[old]), BaseOperator)


def importable() -> Iterator[str]:
    """Every operator that the modules of the catalog's providers hold, their own and what they import."""
    packages = {
        path[: path.index(f".{kind}.")] + f".{kind}"
        for path in KNOWN.catalog.names("operators")
        for kind in KINDS
        if f".{kind}." in path
    }
    for package in sorted(packages):
        for each in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            for name, member in vars(import_module(each.name)).items():
                if inspect.isclass(member) and issubclass(member, BaseOperator):
                    yield f"{each.name}.{name}"


def test_no_operator_that_can_be_imported_is_called_unknown() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = sorted(set(importable()))
    tasks = "".join(f"    task_{i}: {{operator: {path}}}\n" for i, path in enumerate(paths))
    report = check(load({"configs/team/a.yaml": f"orders:\n  tasks:\n{tasks}".encode()}), KNOWN)
    assert len(paths) > 50
    assert [each.message for each in report.diagnostics if each.rule == "unknown-operator"] == []
