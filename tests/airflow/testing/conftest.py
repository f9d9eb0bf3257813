"""What these tests have alone: code of a repository's own, as it is in a process that has seen no other."""

import sys
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def no_callables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget the `callables` of another repository, before and afterwards: a process has one, these tests have many."""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(ROOT / "dags")])
    for name in _callables():
        monkeypatch.delitem(sys.modules, name)
    yield
    for name in _callables():
        del sys.modules[name]


def _callables() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "callables"]
