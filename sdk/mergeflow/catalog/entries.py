"""An entry of the catalog: what a config may name, such as an operator, and the parameters that it takes."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, NamedTuple

Kind = Literal["operators", "decorators", "notifiers", "timetables", "expectations"]
KINDS: tuple[Kind, ...] = ("operators", "decorators", "notifiers", "timetables", "expectations")
"""The sections of a catalog that hold entries. Sensors and transfers are operators."""

UNSAID = "..."
"""A default that JSON cannot say, or that depends on Airflow's settings."""


class Parameter(NamedTuple):
    """A parameter of an entry: its type in the notation of `types`; its default as JSON, empty when there is none."""

    type: str
    default: str = ""
    template: bool = False
    description: str = ""

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return not self.default


class _Fields(NamedTuple):
    path: str
    parameters: Mapping[str, Parameter] = {}
    description: str = ""
    deprecated: str = ""
    called: str = ""
    also: tuple[str, ...] = ()


class Operator(_Fields):
    """An operator, or what else a config names: a decorator, a notifier, a timetable, an expectation.

    `parameters` are its own; those that every operator takes are the catalog's `common`. `deprecated` is what its
    authors say about that, and empty when it is not. `called` is a decorator's name in a DAG file, `task.bash`, and an
    expectation's in a suite. `also` names parameters that the file says once for many expectations; once it is read,
    they are among the others. (No dataclass, because making one takes a millisecond of every start.)
    """

    @property
    def name(self) -> str:
        """The bare name: the path's last segment."""
        return self.path.rpartition(".")[2]

    @cached_property
    def required(self) -> frozenset[str]:
        """The parameters that have no default."""
        return frozenset(name for name, parameter in self.parameters.items() if parameter.required)


def read_parameter(text: str) -> Parameter:
    """A parameter from its notation: `template str|None = null  # where the script runs`."""
    spec, _, description = text.partition("  # ")
    taken, _, default = spec.partition(" = ")
    template = taken.startswith("template ")
    return Parameter(taken.removeprefix("template "), default, template, description)


def write_parameter(parameter: Parameter) -> str:
    """The notation of a parameter, as the catalog file has it."""
    text = f"{'template ' if parameter.template else ''}{parameter.type}"
    text += f" = {parameter.default}" if parameter.default else ""
    return f"{text}  # {parameter.description}" if parameter.description else text
