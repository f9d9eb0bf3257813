"""Which tasks name which expectation suites."""

from collections.abc import Iterator

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Route

OPERATOR = "mergeflow.airflow.operators.expectations.ExpectationsOperator"
TYPE = "expectations"
OPERATORS = frozenset({OPERATOR, OPERATOR.rpartition(".")[2]})


def checks(dag: Dag) -> Iterator[Node]:
    """The tasks that hold data against a suite."""
    for task in dag.tasks.values():
        operator = task.config.get("operator")
        if operator is None:
            if task.config.get("type") == TYPE and "decorator" not in task.config:
                yield task
        elif isinstance(operator, str) and operator in OPERATORS:
            yield task


def named_suites(dag: Dag) -> Iterator[tuple[Node, Route, str]]:
    """Each task that holds data against suites, with the route to a suite's name and the name."""
    for task in checks(dag):
        found = [each for holder in ((), ("partial",)) for each in _texts(task, *holder)]
        found += [
            ((*route, i), name)
            for route, listed in _values(task, "expand")
            if isinstance(listed, list)
            for i, name in enumerate(listed)
            if isinstance(name, str)
        ]
        default = dag.config.get("default_args")
        if not found and isinstance(default, dict) and isinstance(default.get("suite"), str):
            found = [(("default_args", "suite"), default["suite"])]
        yield from ((task, route, name) for route, name in found)


def _texts(task: Node, *holder: str) -> Iterator[tuple[Route, str]]:
    return ((route, value) for route, value in _values(task, *holder) if isinstance(value, str))


def _values(task: Node, *holder: str) -> Iterator[tuple[Route, object]]:
    config: object = task.config
    for key in holder:
        config = config.get(key) if isinstance(config, dict) else None
    if isinstance(config, dict) and "suite" in config:
        yield (*task.route, *holder, "suite"), config["suite"]
