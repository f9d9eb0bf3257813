"""Which stub loads a config: `dags/<team>.py` a team's folder, a shard `dags/<team>/<folder>.py` a folder below it.

A stub is named by the folder of `configs/` that it loads: `payments`, `payments/fx`. What a shard loads, no stub above
it does.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from mergeflow.files import CONFIGS, Unreadable, read
from mergeflow.paths import folders_of

DAGS = "dags"
SHARED = frozenset({"environments", "templates"})
"""Folders of configs/ that belong to no team."""
CODE = frozenset({"callables", "scripts"})
"""Folders of dags/ that hold what tasks run, and no stubs."""

CALL = "load_dags("
TEST_CALL = "load_test_dag("
"""What a file below dags/ calls to make a DAG of a test suite; configs have no say in it."""


def stub_of(path: str, stubs: Collection[str]) -> str | None:
    """The stub that loads a config file: that of the nearest folder above it that has one."""
    return next((name for folder in folders_of(path) if (name := folder.removeprefix(f"{CONFIGS}/")) in stubs), None)


def is_shard(path: str) -> bool:
    """Whether a file below dags/ may be a shard, as far as its path tells."""
    parts = path.split("/")
    return parts[0] == DAGS and len(parts) > 2 and parts[1] not in CODE and path.endswith(".py")


def name_of(path: str) -> str:
    """The name of the stub that a file is: `payments/fx` of `dags/payments/fx.py`."""
    return path.removeprefix(f"{DAGS}/").removesuffix(".py")


def loads(name: str, content: str) -> bool:
    """Whether a stub's text calls for this folder's DAGs, as far as a text tells."""
    if CALL not in content:
        return False
    from json import dumps  # as the stub is written; few files come this far

    return any(quoted in content for quoted in (dumps(name, ensure_ascii=False), f"'{name}'"))


def shards_in(python: Mapping[str, bytes | Unreadable]) -> Iterator[str]:
    """The shards among files below dags/: a module beside them that loads nothing is none, and takes no DAG away."""
    for path, content in python.items():
        if is_shard(path) and isinstance(content, bytes) and loads(name_of(path), content.decode("utf-8", "replace")):
            yield name_of(path)


def stubs_in(dags: Path) -> frozenset[str]:
    """The names of all stubs in the folder `dags/`, `config_errors` among them."""
    if not dags.is_dir():
        return frozenset()
    with os.scandir(dags) as entries:
        listed = [(entry.name, entry.is_dir()) for entry in entries]
    shards = (shards_of(dags.parent, name) for name, is_folder in listed if is_folder and name not in CODE)
    return frozenset(name.removesuffix(".py") for name, _ in listed if name.endswith(".py")).union(*shards)


def shards_of(root: Path, name: str) -> frozenset[str]:
    """The shards below a stub; of most stubs there are none, and no folder for them."""
    return frozenset(shards_in({path: read(root, path) for path in python_below(root, name)}))


def python_below(root: Path, name: str = "") -> Iterable[str]:
    """The paths of all Python files in the folder that would hold a stub's shards, or in all of dags/, sorted."""
    top, above = f"{root}/{DAGS}/{name}".rstrip("/"), len(f"{root}/")
    walked = ((folder[above:], names) for folder, _, names in os.walk(top))
    return sorted(f"{folder}/{each}" for folder, names in walked for each in names if each.endswith(".py"))
