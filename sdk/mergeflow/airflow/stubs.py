"""Which stubs read a changed file.

Pure, and free of Airflow: the bundle uses it in the dag-processor, `mergeflow up` to know what to wait for.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

CONFIG_ERRORS = "config_errors.py"
SHARED_CONFIGS = frozenset({"environments", "templates"})
TEAM_CODE = frozenset({"callables", "scripts"})


def stubs_to_touch(changed: Iterable[str], stubs: Collection[str]) -> set[str]:
    """Return the names of the stubs whose DAGs may differ once the `changed` paths have changed.

    `changed` are paths below the project's root with `/` between their parts, for a rename both of them.
    `stubs` are the file names directly under `dags/`, such as `payments.py`. A name that is not there is
    never returned, so a team without a stub costs a parse of the others, and nothing is ever missed.
    """
    wanted: set[str] = set()
    for path in changed:
        wanted |= _readers(PurePosixPath(path).parts, stubs)
    return wanted & set(stubs)


def _readers(parts: tuple[str, ...], stubs: Collection[str]) -> set[str]:
    match parts:
        case ("configs", team, _, *_) if _is_team(team, stubs):
            return {f"{team}.py", CONFIG_ERRORS}
        case ("configs" | "validators", _, *_):
            return set(stubs)
        case ("dags", kind, team, _, *_) if kind in TEAM_CODE and _is_team(team, stubs):
            return {f"{team}.py", CONFIG_ERRORS}
        case ("dags", name):
            return {name, CONFIG_ERRORS}
        case ("dags", _, _, *_):
            return set(stubs)
        case _:
            return set()


def _is_team(name: str, stubs: Collection[str]) -> bool:
    return name not in SHARED_CONFIGS and f"{name}.py" in stubs
