"""What a platform asks of its teams: `validators/policy.yaml`, read leniently.

What is wrong with the file is told elsewhere (`policy_problems`); here a piece of the wrong shape counts as not
written. So a slip in the policy never takes a DAG down.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from mergeflow.diagnostic import Severity
from mergeflow.globs import matches

Level = Severity | Literal["off"]
"""What a rule's problems count as."""

LEVELS: Mapping[object, Level] = {"error": Severity.ERROR, "warning": Severity.WARNING, "off": "off", False: "off"}
"""The levels as they are written; YAML reads `off` as false."""

Granted = tuple[str, ...] | None
"""What a team may use, as patterns or prefixes; none: whatever it likes."""

_SPAN = r"(\d{1,6}) ?(second|minute|hour|day|week)s?"


class Grants(NamedTuple):
    """What may stand in a team's configs."""

    connections: Granted = None
    pools: Granted = None
    queues: Granted = None
    imports: Granted = None

    def or_those_of(self, others: "Grants") -> "Grants":
        """What one of the two grants; what neither restricts is open."""
        return Grants(
            _united(self.connections, others.connections),
            _united(self.pools, others.pools),
            _united(self.queues, others.queues),
            _united(self.imports, others.imports),
        )


class Team(NamedTuple):
    """What the policy says of one team."""

    owners: tuple[str, ...] = ()
    grants: Grants = Grants()
    dag_ids: Granted = None
    shortest_interval: timedelta | None = None


NO_TEAM = Team()


class Override(NamedTuple):
    """Levels for the files that a pattern matches."""

    paths: tuple[str, ...]
    levels: Mapping[str, Level]


class Waiver(NamedTuple):
    """One rule's problems, waived for some files or DAGs until the end of a day; `number` is its index in the list."""

    number: int
    rule: str
    paths: tuple[str, ...] = ()
    dag_id: str = ""
    owner: str = ""
    until: date | None = None

    def covers(self, rule: str, path: str, dag_id: str) -> bool:
        """Whether it is about a problem of this rule, in this file and DAG; what names neither is about nothing."""
        if rule != self.rule or not (self.paths or self.dag_id):
            return False
        in_path = not self.paths or any(matches(path, pattern) for pattern in self.paths)
        return in_path and (not self.dag_id or matches(dag_id, self.dag_id))

    def has_expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today


class Policy(NamedTuple):
    """A repository's policy; without a file, nothing is asked and nothing is restricted."""

    levels: Mapping[str, Level]
    overrides: tuple[Override, ...]
    teams: Mapping[str, Team]
    everyone: Grants
    waivers: tuple[Waiver, ...]
    expand_environment: tuple[str, ...]
    shortest_interval: timedelta | None
    most_catchup_runs: int | None
    most_dags_per_stub: int | None

    def level(self, rule: str, path: str, default: Level) -> Level:
        """What problems of a rule count as in a file: of all that is said about it, the last."""
        level = self.levels.get(rule, default)
        for override in self.overrides:
            if rule in override.levels and any(matches(path, pattern) for pattern in override.paths):
                level = override.levels[rule]
        return level

    def may_run(self, rule: str, default: Level) -> bool:
        """Whether a rule counts for anything in any file."""
        levels = (self.levels.get(rule, default), *(each.levels.get(rule, "off") for each in self.overrides))
        return any(level != "off" for level in levels)

    def team(self, name: str | None) -> Team:
        """What is said of a team; of one that is not listed, or of no team at all, nothing."""
        return self.teams.get(name or "", NO_TEAM)

    def grants(self, team: str | None) -> Grants:
        """What a team may use: what everyone may, and what is its own."""
        return self.team(team).grants.or_those_of(self.everyone)

    def shortest_interval_of(self, team: str | None) -> timedelta | None:
        """The shortest time between two runs that a team may schedule, if there is a limit."""
        own = self.team(team).shortest_interval
        return self.shortest_interval if own is None else own


def read_policy(data: object) -> Policy:
    """The policy that a document's data hold."""
    policy = _mapping(data)
    schedules = _mapping(policy.get("schedules"))
    runs, dags = schedules.get("most_catchup_runs"), policy.get("most_dags_per_stub")
    return Policy(
        _levels(policy.get("rules")),
        tuple(
            Override(_texts(each.get("paths")) or (), _levels(each.get("rules")))
            for each in _mappings(policy, "overrides")
        ),
        {name: _team(_mapping(each)) for name, each in _mapping(policy.get("teams")).items() if isinstance(name, str)},
        _grants(_mapping(policy.get("everyone"))),
        tuple(_waivers(policy.get("waivers"))),
        _texts(policy.get("expand_environment")) or (),
        span_of_time(schedules.get("shortest")),
        runs if type(runs) is int else None,
        dags if type(dags) is int else None,
    )


def span_of_time(text: object) -> timedelta | None:
    """A time span as people write it, `5 minutes` or `1 hour`; none when it is not one."""
    found = re.fullmatch(_SPAN, text) if isinstance(text, str) else None
    return timedelta(**{f"{found[2]}s": int(found[1])}) if found else None


def _team(data: Mapping[Any, Any]) -> Team:
    return Team(
        _texts(data.get("owners")) or (),
        _grants(data),
        _texts(data.get("dag_ids")),
        span_of_time(_mapping(data.get("schedules")).get("shortest")),
    )


def _grants(data: Mapping[Any, Any]) -> Grants:
    return Grants(*(_texts(data.get(key)) for key in ("connections", "pools", "queues", "imports")))


def _waivers(listed: object) -> Iterable[Waiver]:
    for number, each in enumerate(listed if isinstance(listed, list) else ()):
        data, until = _mapping(each), _mapping(each).get("until")
        yield Waiver(
            number,
            _text(data.get("rule")),
            _texts(data.get("paths")) or (),
            _text(data.get("dag_id")),
            _text(data.get("owner")),
            until.date() if isinstance(until, datetime) else until if isinstance(until, date) else None,
        )


def _levels(data: object) -> dict[str, Level]:
    return {
        rule: LEVELS[level]
        for rule, level in _mapping(data).items()
        if isinstance(rule, str) and isinstance(level, str | bool) and level in LEVELS
    }


def _united(some: Granted, others: Granted) -> Granted:
    return None if some is None and others is None else (some or ()) + (others or ())


def _mappings(data: Mapping[Any, Any], key: str) -> list[Mapping[Any, Any]]:
    listed = data.get(key)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...] | None:
    """A list of texts, or the one text that stands for it; none when it is neither."""
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
