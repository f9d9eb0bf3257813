"""The policy: levels of rules, what teams may use, and waivers. What the texts in it mean is judged elsewhere."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from mergeflow.model.base import AtLeastZero, ConfigModel


class Policy(ConfigModel):
    """`validators/policy.yaml`."""

    rules: dict[str, Any] = Field(default_factory=dict)
    overrides: list[Any] = Field(default_factory=list)
    schedules: dict[str, Any] = Field(default_factory=dict)
    everyone: dict[str, Any] = Field(default_factory=dict)
    teams: dict[str, Any] = Field(default_factory=dict)
    waivers: list[Any] = Field(default_factory=list)
    most_dags_per_stub: AtLeastZero | None = None
    expand_environment: list[str] = Field(default_factory=list)


class Override(ConfigModel):
    """Levels for some files; of several that name a rule, the last counts."""

    paths: list[str]
    rules: dict[str, Any]


class Schedules(ConfigModel):
    """How often, and how much at once, a team may run its DAGs."""

    shortest: str | None = None
    most_catchup_runs: AtLeastZero | None = None


class Grants(ConfigModel):
    """What may stand in configs: patterns of names, and import prefixes."""

    connections: list[str] = Field(default_factory=list)
    pools: list[str] = Field(default_factory=list)
    queues: list[str] = Field(default_factory=list)
    imports: list[str] = Field(default_factory=list)


class Team(Grants):
    """What one team may use, who owns it, and how its DAGs are called."""

    owners: list[str] = Field(default_factory=list)
    dag_ids: list[str] = Field(default_factory=list)
    schedules: dict[str, Any] = Field(default_factory=dict)


class Waiver(ConfigModel):
    """One rule, waived for some files or DAGs until the end of a day."""

    rule: str
    paths: list[str] = Field(default_factory=list)
    dag_id: str | None = None
    owner: str
    reason: str
    until: date | datetime
