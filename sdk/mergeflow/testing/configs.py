"""`pytest configs/`: what `mergeflow check` and `mergeflow test` say of each DAG, as items of pytest; a plugin.

`configs/shop/orders.yaml::orders::check`, `…::integrity`, and each pipeline test by its name. This process imports no
Airflow: Mergeflow's own worker does, below it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mergeflow.files import CONFIG_SUFFIXES, CONFIGS
from mergeflow.tested import Kind
from mergeflow.testing.verdicts import Bad, Key, Verdicts

VERDICTS: pytest.StashKey[Verdicts] = pytest.StashKey()

_TAKEN = ("check", "integrity")
"""Names of items; a pipeline test that is called so is `tests.check`."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ConfigFile | None":
    """Collect the YAML below configs/, and no other."""
    root = parent.config.rootpath
    if file_path.suffix not in CONFIG_SUFFIXES or not file_path.is_relative_to(root / CONFIGS):
        return None
    return ConfigFile.from_parent(parent, path=file_path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what still runs, as after `-x`."""
    if verdicts := config.stash.get(VERDICTS, None):
        verdicts.close()


class ConfigItem(pytest.Item):
    """One thing that can be right or wrong; `key` names what the worker does for it, None: nothing.

    `judge` raises, skips, or returns what there is to be said.
    """

    def __init__(self, *, line: int, judge: Callable[[], str], key: Key | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key = key
        self._line = line
        self._judge = judge

    def runtest(self) -> None:
        """Raises Bad with what is wrong."""
        if noted := self._judge():
            self.add_report_section("call", "notes", noted)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, in the words of `mergeflow check` or `mergeflow test`: no traceback helps to mend YAML."""
        if isinstance(excinfo.value, Bad):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is to be mended; pytest counts lines from 0."""
        return self.path, self._line - 1, self.name


class ConfigDag(pytest.Collector):
    """A DAG that a file, by its path from the root, defines at a line."""

    def __init__(self, *, below_root: str, line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._below_root = below_root
        self._line = line

    def collect(self) -> Iterator[pytest.Item]:
        """Its check, its integrity, and its pipeline tests."""
        verdicts = _verdicts(self.session)
        judge = partial(verdicts.check_dag, self._below_root, self.name)
        yield ConfigItem.from_parent(self, name="check", line=self._line, judge=judge)
        yield self._tested("integrity", (Kind.INTEGRITY, self.name), self._line)
        for name, line in verdicts.tests(self.name):
            shown = f"tests.{name}" if name in _TAKEN else name
            yield self._tested(shown, (Kind.PIPELINE, f"{self.name}::{name}"), line)

    def _tested(self, shown: str, key: Key, line: int) -> ConfigItem:
        judge = partial(_verdicts(self.session).run, key)
        return ConfigItem.from_parent(self, name=shown, line=line, judge=judge, key=key)


class ConfigFile(pytest.File):
    """A config file: an item for what is wrong outside its DAGs, and its DAGs."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Raises CollectError where the repository cannot be read at all."""
        verdicts = _verdicts(self.session)
        path = self.path.relative_to(self.config.rootpath).as_posix()
        yield ConfigItem.from_parent(self, name="check", line=1, judge=partial(verdicts.check_file, path))
        for dag_id, line in verdicts.dags(path).items():
            yield ConfigDag.from_parent(self, name=dag_id, below_root=path, line=line)


def _verdicts(session: pytest.Session) -> Verdicts:
    """What is known of the session's repository, read once."""
    config = session.config
    if VERDICTS not in config.stash:
        paths = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
        config.stash[VERDICTS] = Verdicts(config.rootpath, paths, lambda: _asked(session))
    return config.stash[VERDICTS]


def _asked(session: pytest.Session) -> set[Key]:
    """What the worker shall do at once: all that `-k` has left. Where pytest-xdist deals tests out, one at a time."""
    if hasattr(session.config, "workerinput"):
        return set()
    return {item.key for item in session.items if isinstance(item, ConfigItem) and item.key}
