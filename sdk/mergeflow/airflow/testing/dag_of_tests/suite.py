"""The tests of a suite as values, and the task ids that they have."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath

SOURCE = "__pytest_source"
SINK = "__pytest_sink"
"""What the tasks before and after the tests are called unless somebody says otherwise; as pytest-airflow had it."""

DAG_REPORT = "dag_report"
RESERVED = ("dag", "dag_default_args", DAG_REPORT)
"""Fixtures that a suite may define for its DAG."""

_LONGEST = 200
"""Of a task id, in characters; Airflow takes 250."""

_PLAIN = re.compile(r"(?P<path>(?:\w+/)*\w+)\.py(?P<names>(?:::\w+)+)(?:\[(?P<values>[\w.-]+)\])?", re.ASCII)
"""A node id of which the task id keeps everything."""

_ODD = re.compile(r"[^A-Za-z0-9_.]+")


class SuiteError(Exception):
    """A suite of which no DAG can be made; the text is for the user, pytest's own where it said why."""


@dataclass(frozen=True, slots=True)
class Test:
    """One test: its node id, relative to the root, and its docstring."""

    __test__ = False  # for pytest, which collects classes of this name

    node: str
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """What pytest has collected; `custom` are those of the reserved fixtures that the suite defines itself."""

    tests: tuple[Test, ...]
    custom: frozenset[str] = frozenset()


def task_ids(tests: Iterable[Test], folder: str) -> Mapping[str, Test]:
    """The tests by the ids of their tasks. Raises SuiteError where two are the same."""
    found: dict[str, Test] = {}
    for test in tests:
        task_id = task_id_of(test.node, folder)
        if task_id in found:
            raise SuiteError(f"two tests would be the task `{task_id}`: {found[task_id].node} and {test.node}")
        found[task_id] = test
    return found


def task_id_of(node: str, folder: str) -> str:
    """The id of a test's task, which depends on its node id alone, below the suite's folder.

    `tests/smoke/test_a.py::TestRefund::test_total[eur]` in `tests/smoke` is `test_a-TestRefund-test_total--eur`.
    What a task id cannot hold becomes `_`, and then a digest at its end keeps two of them apart.
    """
    short = node.removeprefix(f"{folder}/") if folder else node
    if found := _PLAIN.fullmatch(short):
        names = f"{found['path'].replace('/', '.')}{found['names'].replace('::', '-')}"
        task_id = f"{names}--{found['values']}" if found["values"] else names
        if len(task_id) <= _LONGEST:
            return task_id
    readable = short.replace(".py::", "-").replace("::", "-").replace("[", "--").replace("/", ".").removesuffix("]")
    readable = "-".join(_ODD.sub("_", part).strip("_") for part in readable.split("-"))
    return f"{readable[:_LONGEST].strip('-') or 'test'}-{blake2b(node.encode(), digest_size=4).hexdigest()}"


def folder_of(paths: Sequence[str]) -> str:
    """The folder that all paths of a suite share, which task ids leave out; empty for the root.

    A path may be a folder, a file or a test of one. Only what is asked for decides: no test changes another's id.
    """
    folders = [_folder(path) for path in paths] or [PurePosixPath()]
    shared = folders[0]
    while not all(folder.is_relative_to(shared) for folder in folders):
        shared = shared.parent
    return "" if str(shared) == "." else str(shared)


def _folder(path: str) -> PurePosixPath:
    found = PurePosixPath(path.partition("::")[0])
    return found.parent if found.suffix else found
