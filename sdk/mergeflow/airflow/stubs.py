"""Which stubs read a changed file.

Pure, and free of Airflow: the bundle uses it in the dag-processor, `mergeflow up` to know what to wait for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeflow.files import TABLE_SUFFIX, read
from mergeflow.paths import folders_of, is_defaults
from mergeflow.shards import CODE, SHARED, TEST_CALL, stub_of, stubs_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

CONFIG_ERRORS = "config_errors.py"

_NO_TESTS = ("configs/", "docs/", "validators/", ".")
"""What the paths begin with of which no test suite is made."""


def stubs_below(dags: Path) -> set[str]:
    """The stubs in a folder `dags/`, as paths below it: `payments.py`, and shards such as `payments/fx.py`."""
    return {f"{name}.py" for name in stubs_in(dags)}


def stubs_to_touch(changed: Iterable[str], stubs: Collection[str]) -> set[str]:
    """Return the stubs whose DAGs may differ once the `changed` paths have changed.

    `changed` are paths below the project's root with `/` between their parts, for a rename both of them.
    `stubs` are paths below `dags/`, such as `payments.py` and `payments/fx.py`. One that is not there is
    never returned, so a team without a stub costs a parse of the others, and nothing is ever missed.
    """
    names = frozenset(stub.removesuffix(".py") for stub in stubs)
    wanted: set[str] = set()
    for path in changed:
        wanted |= _readers(path, names)
    return {f"{name}.py" for name in wanted & names}


def stubs_of_tests(changed: Collection[str], dags: Path) -> set[str]:
    """Return the stubs that make a DAG of a test suite, when something has changed that one may be made of."""
    if all(path.startswith(_NO_TESTS) for path in changed):
        return set()
    texts = {file.name: read(dags, file.name) for file in dags.glob("*.py")}
    return {name for name, text in texts.items() if isinstance(text, bytes) and TEST_CALL.encode() in text}


def _readers(path: str, names: Collection[str]) -> set[str]:
    errors = CONFIG_ERRORS.removesuffix(".py")
    match path.split("/"):
        case ["configs", team, _, *_] if team not in SHARED and _stubs_of(team, names):
            return {errors, *_readers_of_config(path, names)}
        case ["dags", kind, team, _, *_] if kind in CODE and _stubs_of(team, names):
            return {errors, *_stubs_of(team, names)}
        case ["dags", name]:
            return {errors, name.removesuffix(".py")}
        case ["dags", *parts] if path.endswith(".py") and (shard := "/".join(parts)[:-3]) in names:
            above = stub_of(f"configs/{shard}", names)  # loads the folder, or leaves it to the shard
            return {errors, shard, *((above,) if above else ())}
        case ["configs" | "validators", _, *_] | ["dags", _, _, *_]:
            return set(names)
        case _:
            return set()


def _readers_of_config(path: str, names: Collection[str]) -> set[str]:
    """Those of a file in a team's folder: a table may also hold the items of a config above it."""
    owner, folder = stub_of(path, names), path.removeprefix("configs/").rpartition("/")[0]
    readers = {owner} if owner else set()
    if is_defaults(path):
        readers |= _stubs_of(folder, names)
    if path.endswith(TABLE_SUFFIX):
        readers |= {each.removeprefix("configs/") for each in folders_of(path)}
    return readers


def _stubs_of(folder: str, names: Collection[str]) -> set[str]:
    """The stub of a folder, and its shards."""
    return {name for name in names if name == folder or name.startswith(f"{folder}/")}
