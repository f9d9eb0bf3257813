"""What a rule is: its protocol, and what it may know besides the configs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from mergeflow.catalog import Catalog, Operator
from mergeflow.code import Code
from mergeflow.diagnostic import Problem, Severity
from mergeflow.mentions import Mentions
from mergeflow.model import SHAPES
from mergeflow.project import Project
from mergeflow.samples import Samples

_CALLBACKS = ("execute", "success", "failure", "retry", "skipped")
_CALLBACK_KEYS = frozenset(f"on_{each}_callback_{part}" for each in _CALLBACKS for part in ("name", "file"))
_OF_OPERATORS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "response_check": (frozenset({"response_check", "poke_interval"}), frozenset({"name", "file", "lambda"})),
    "success_check": (frozenset({"success", "poke_interval"}), frozenset({"name", "file", "lambda"})),
    "failure_check": (frozenset({"failure", "poke_interval"}), frozenset({"name", "file", "lambda"})),
    "execution_date_fn": (frozenset({"execution_date_fn"}), frozenset({"name", "file"})),
}
"""What dag-factory looks for in HttpSensor, SqlSensor and ExternalTaskSensor, told by their parameters."""
BUILDER_KEYS = _CALLBACK_KEYS | {f"{key}_{part}" for key, (_, parts) in _OF_OPERATORS.items() for part in parts}
"""What dag-factory reads from a task and turns into an operator's parameter."""


def _builder_keys(operator: Operator) -> frozenset[str]:
    """Those that it reads from a task of this operator."""
    keys = (
        f"{key}_{part}"
        for key, (parameters, parts) in _OF_OPERATORS.items()
        if parameters <= operator.parameters.keys()
        for part in parts
    )
    return _CALLBACK_KEYS.union(keys)


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Known:
    """The surroundings of a project: the operators that exist; stubs, suites, code, samples (none: not known).

    `today` is the day of the check, in UTC, and the only way in which a report may depend on when it is made.
    `mentions` tells which names stand below `dags/`; where it is none, only a part of the repository is looked at, and
    nothing can be said of what one DAG wants of another. `house` are the slugs of the repository's own rules, as their
    files are called.
    """

    catalog: Catalog = field(default_factory=Catalog)
    stubs: frozenset[str] | None = None
    suites: frozenset[str] | None = None
    today: date = field(default_factory=_today)
    code: Code | None = None
    mentions: Mentions | None = None
    house: frozenset[str] | None = None
    samples: Samples | None = None

    _keys: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def keys_of(self, operator: Operator) -> frozenset[str]:
        """Every key that a task of this operator may have; a decorator's task also has its function's arguments."""
        if operator.path not in self._keys:
            every = self.catalog.common | SHAPES["Task"].keys.keys() | _builder_keys(operator)
            self._keys[operator.path] = every | operator.parameters.keys()
        return self._keys[operator.path]


class Rule(Protocol):
    """A module of this package, or a house rule; the slug in `ID` is its only identity.

    A module may also say `OPTIONAL = True`: it is off until the policy gives it a level. With `POLICY_ONLY = True` no
    comment in a config can ignore what it finds, only a waiver in the policy can. With `MERGE_ONLY = True` its errors
    stop a merge, but keep no DAG out of Airflow.
    """

    ID: str
    SEVERITY: Severity

    def check(self, project: Project, known: Known, /) -> Iterator[Problem]:
        """Every problem that this rule finds in a project."""
        ...
