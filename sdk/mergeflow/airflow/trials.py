"""Which DAGs cannot be built: told by the notes of the stubs, and tried for DAGs that no stub has built yet."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mergeflow.airflow.building import Attempts, Ready
from mergeflow.airflow.verdicts import FINE, Verdicts, team_of
from mergeflow.compiler import CompiledDag
from mergeflow.diagnostic import Diagnostic

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tried:
    """The DAGs that cannot be built."""

    errors: tuple[Diagnostic, ...]
    is_certain: bool
    """Whether the next parse finds the same where nothing has changed; an own attempt may end otherwise."""


def tried(ready: Ready, verdicts: Verdicts, noted: Mapping[str, str], attempts: Attempts) -> Tried:
    """Try the DAGs of which nothing is `noted`, as far as Airflow's time allows; the next parse goes on from there."""
    dags = {verdicts.key(each): each for each in ready.compiled}
    if not noted.keys() >= dags.keys():
        noted = verdicts.of(verdicts.around.stubs)  # stubs were parsed during the check, which takes its time
    errors = [ready.unbuildable(compiled, noted[key]) for key, compiled in dags.items() if noted.get(key, FINE)]
    failed, late = 0, 0
    for team, unknown in _by_team(dags, noted).items():
        for compiled, error in _try(team, unknown, verdicts, attempts):
            if error is None:
                late += 1
            else:
                failed += 1
                errors.append(ready.unbuildable(compiled, error))
    if late:
        log.warning("%s DAGs were not tried, for want of time; their stubs try them, and so does the next parse", late)
    return Tried(tuple(errors), not failed and not late)


def _by_team(dags: Mapping[str, CompiledDag], noted: Mapping[str, str]) -> dict[str, dict[str, CompiledDag]]:
    teams: dict[str, dict[str, CompiledDag]] = {}
    for key, compiled in dags.items():
        if key not in noted:
            teams.setdefault(team_of(compiled), {})[key] = compiled
    return teams


def _try(
    team: str, unknown: Mapping[str, CompiledDag], verdicts: Verdicts, attempts: Attempts
) -> Iterator[tuple[CompiledDag, str | None]]:
    """The DAGs of a team that cannot be built, each with its error; without one those for which there was no time.

    What went well is noted at the end, however that comes about: so a parse that is cut off was not in vain.
    """
    note = f"{team}, tried"
    fine = {key for key in verdicts.of([note]) if key in unknown}
    before = len(fine)
    try:
        for key, compiled in unknown.items():
            if key in fine:
                continue
            if attempts.alarm.is_near():
                yield compiled, None
            elif isinstance(made := attempts.build(compiled), str):
                yield compiled, made
            else:
                fine.add(key)
    finally:
        if len(fine) > before:
            verdicts.note(note, dict.fromkeys(fine, FINE))
