"""One item in the place of all that pytest has collected: it makes something of the tests, and sees their fixtures.

So pytest itself finds the suite's own `dag`, `dag_default_args` and `dag_report`, where they stand above all tests.
"""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from mergeflow.airflow.testing.dag_of_tests import reserved
from mergeflow.airflow.testing.dag_of_tests.suite import DAG_REPORT, RESERVED, Test

Use = Callable[[pytest.FixtureRequest, tuple[Test, ...]], None]
"""What the item does; it may ask for fixtures, and what it raises is reported as a test's failure."""


class Alone:
    """A plugin for a session that stays in its process."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, Any, Any]:
        """Share nothing out to other processes."""
        stay_alone(config)
        return (yield)


def stay_alone(config: pytest.Config) -> None:
    """Let pytest-xdist, where it is, start no processes."""
    if hasattr(config.option, "numprocesses"):
        config.option.numprocesses, config.option.dist, config.option.tx = None, "no", []


class Substitute(Alone):
    """A plugin for one session. `tests` are those that would have been run; None when none were collected."""

    def __init__(self, name: str, use: Use) -> None:
        self._name = name
        self._use = use
        self.tests: tuple[Test, ...] | None = None
        self._is_asking = False

    def has(self, request: pytest.FixtureRequest, name: str) -> bool:
        """Whether there is a fixture; neither it nor what it asks for is evaluated."""
        self._is_asking = True
        try:
            request.getfixturevalue(name)
        except _IsThere:
            return True
        except pytest.FixtureLookupError as error:
            return error.argname != name  # one that it asks for is missing
        finally:
            self._is_asking = False
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self) -> None:
        """A fixture is there, or one that it asks for."""
        if self._is_asking:
            raise _IsThere

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Put the one item in the place of the tests, after `-k`, `-m` and the project's own hooks."""
        yield
        if items:
            self.tests = tuple(map(_test, items))
            items[:] = [self._item(items)]

    def _item(self, items: Sequence[pytest.Item]) -> pytest.Item:
        def run(request: pytest.FixtureRequest) -> None:
            self._use(request, self.tests or ())

        item = pytest.Function.from_parent(_above_all(items), name=self._name, callobj=run)
        item.fixturenames[:] = ["request"]  # what every test gets without asking is for tests
        return item


class Probe(Substitute):
    """Sees which reserved fixtures a suite defines, and evaluates none."""

    def __init__(self) -> None:
        super().__init__("collected", self._probe)
        self.custom: frozenset[str] = frozenset()

    def _probe(self, request: pytest.FixtureRequest, _: tuple[Test, ...]) -> None:
        self.custom = frozenset(name for name in RESERVED if self.has(request, name))


class _IsThere(Exception):
    pass


class Context(Alone):
    """A plugin that gives fixtures what Airflow tells a task."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = context

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let `task_ctx` know it."""
        config.stash[reserved.CONTEXT] = self.context
        offer_reserved(config)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Give a `dag_report(**kwargs)`, as pytest-airflow had it, the context as its arguments."""
        if fixturedef.argname == DAG_REPORT and _takes_any(fixturedef.func):
            fixturedef.func = partial(fixturedef.func, **self.context)  # type: ignore[misc]
        return (yield)


def offer_reserved(config: pytest.Config) -> None:
    """Let a session have the reserved fixtures, unless it looks for the suite's own."""
    plugins = config.pluginmanager
    if not any(isinstance(each, Probe) for each in plugins.get_plugins()) and not plugins.is_registered(reserved):
        plugins.register(reserved)


def _takes_any(function: Callable[..., Any]) -> bool:
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(function).parameters.values())


def _test(item: pytest.Item) -> Test:
    doc = getattr(getattr(item, "obj", None), "__doc__", None)
    return Test(item.nodeid, inspect.cleandoc(doc) if isinstance(doc, str) else "")


def _above_all(items: Sequence[pytest.Item]) -> pytest.Collector:
    """The deepest module or folder that all items are in."""
    chains = [item.listchain() for item in items]
    shared: pytest.Collector = items[0].session
    for nodes in zip(*chains, strict=False):
        if any(node is not nodes[0] for node in nodes):
            break
        if isinstance(nodes[0], pytest.Session | pytest.Directory | pytest.Module):
            shared = nodes[0]
    return shared
