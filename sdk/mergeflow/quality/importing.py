"""Great Expectations is imported here and nowhere else: once, quietly, and without what only its rarest tests need."""

import importlib
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import Any

_RARELY_NEEDED = ("scipy", "scipy.stats", "altair")
"""What it imports for a few statistical tests and drawings: 60 MB and a second."""


class _Later(ModuleType):
    """Stands for a module until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


def import_great_expectations(*, arrow: bool = True) -> None:
    """Import all that holding a suite against data needs; it takes seconds, and the second call nothing.

    Without `arrow` pandas does not import pyarrow, which takes 35 MB: a database's data needs none. A Parquet file can
    be read all the same afterwards.
    """
    if "great_expectations.execution_engine" in sys.modules:
        return
    with quiet(), warnings.catch_warnings(), _later(), nullcontext() if arrow else _without("pyarrow"):
        warnings.simplefilter("ignore")
        importlib.import_module("great_expectations.execution_engine")
        importlib.import_module("great_expectations.expectations.core")
        importlib.import_module("great_expectations.validator.validator")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Great Expectations out of the task's log: no line per function, and no traceback per query that fails."""
    log = logging.getLogger("great_expectations")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let a module be one that cannot be imported, unless somebody has imported it."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as Python's own import system means it
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def _later() -> Iterator[None]:
    """Put stand-ins where nobody has imported the modules yet; whoever imports these afterwards gets the real ones."""
    stand_ins = {name: _Later(name) for name in _RARELY_NEEDED if name not in sys.modules}
    for name, stand_in in stand_ins.items():
        parent, _, child = name.rpartition(".")
        if parent in stand_ins:
            setattr(stand_ins[parent], child, stand_in)
        sys.modules[name] = stand_in
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
