"""Items in the place of all that pytest has collected: they make something of the tests, and see their fixtures.

So pytest itself finds the suite's own `dag`, `dag_default_args` and `dag_report`, where they stand above all tests.
"""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from mergeflow.airflow.testing.dag_of_tests import reserved
from mergeflow.airflow.testing.dag_of_tests.suite import DAG_REPORT, RESERVED, Test

Use = Callable[[pytest.FixtureRequest, tuple[Test, ...]], object]
"""What an item does; it may ask for fixtures, and what it raises is reported as a test's failure."""


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

    def __init__(self, uses: Mapping[str, Use]) -> None:
        """`uses` are the items by their names."""
        self._uses = uses
        self.tests: tuple[Test, ...] | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Put the items in the place of the tests, after `-k`, `-m` and the project's own hooks."""
        yield
        if items:
            self.tests = tuple(map(_test, items))
            parent = _above_all(items)
            items[:] = [self._item(parent, name, use) for name, use in self._uses.items()]

    def _item(self, parent: pytest.Collector, name: str, use: Use) -> pytest.Item:
        def run(request: pytest.FixtureRequest) -> None:
            use(request, self.tests or ())

        item = pytest.Function.from_parent(parent, name=name, callobj=run)
        item.fixturenames[:] = ["request"]  # what every test gets without asking is for tests
        return item


class Probe(Substitute):
    """Sees which reserved fixtures a suite defines, and evaluates none: each has an item of its own."""

    def __init__(self) -> None:
        super().__init__({name: partial(self._probe, name) for name in RESERVED})
        self.custom: set[str] = set()
        self._seen: list[tuple[pytest.FixtureDef[Any], Any]] = []

    def _probe(self, name: str, request: pytest.FixtureRequest, _: tuple[Test, ...]) -> None:
        if has(request, name):
            self.custom.add(name)
        while self._seen:
            definition, of = self._seen.pop()
            definition.finish(of)  # the next item finds it as if nobody had asked

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: Any) -> Generator[None, Any, Any]:
        """Let a fixture be nothing."""
        function = fixturedef.func
        fixturedef.func = lambda **_: None  # type: ignore[misc]
        self._seen.append((fixturedef, request))
        try:
            return (yield)
        finally:
            fixturedef.func = function  # type: ignore[misc]


def has(request: pytest.FixtureRequest, name: str) -> bool:
    """Whether there is a fixture; it is evaluated."""
    try:
        request.getfixturevalue(name)
    except pytest.FixtureLookupError as error:
        return error.argname != name  # one that it asks for is missing
    return True


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
