"""A task joins the ways of a branch, and is skipped with whichever of them is not taken.

*Why*: a branch skips the tasks that it does not choose, and by default a task is skipped when one of those before it
is. So a task that follows several ways of a branch runs only when all of them are taken.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        choose:
          decorator: task.branch
          python_callable: callables.team.orders.choose
        full: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [choose]}
        delta: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [choose]}
        load: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [full, delta]}
    # dags/callables/team/orders.py
    def choose(): ...

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        choose:
          decorator: task.branch
          python_callable: callables.team.orders.choose
        full: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [choose]}
        delta: {operator: airflow.providers.standard.operators.empty.EmptyOperator, dependencies: [choose]}
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          dependencies: [full, delta]
          trigger_rule: none_failed_min_one_success
    # dags/callables/team/orders.py
    def choose(): ...
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Problem, Related, Route, Severity
from mergeflow.project import Project
from mergeflow.relations import given
from mergeflow.rules.known import Known
from mergeflow.rules.upstream import Upstream, first_of, upstream_of

ID = "branch-trigger-rule"
SEVERITY = Severity.WARNING

MOST_STEPS = 100_000
"""A DAG's branches are looked at one by one; of a large DAG only so many that they take no more steps than this."""

Ways = frozenset[str]
"""Ways of a branch by whose skipping a task is skipped; two are enough to know of."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each task that follows two ways of one branch and is skipped with either; not at those behind it.

    A short circuit has no ways to choose from: what follows it is meant to be skipped.
    """
    del known
    for dag in project.dags:
        branches = [task for task in dag.tasks.values() if _is_branch(task)][: MOST_STEPS // (len(dag.tasks) or 1)]
        upstream = upstream_of(dag) if branches else {}
        try:
            order = list(TopologicalSorter(upstream).static_order())
        except CycleError:
            continue  # that is the problem
        found: set[str] = set()
        for branch in branches:
            skipped_with = _skipped_with(dag, _ways(dag, branch), upstream, order)
            for name in order:
                both = len(skipped_with[name]) > 1
                if both and name not in found and all(len(skipped_with[each]) < 2 for each in upstream[name]):
                    found.add(name)
                    yield _problem(dag, dag.tasks[name], branch, skipped_with[name])


def _is_branch(task: Node) -> bool:
    """Whether a task chooses which of those after it run, told from the names that Airflow and its providers have."""
    operator, decorator = task.config.get("operator"), task.config.get("decorator")
    if isinstance(operator, str):
        return "Branch" in operator.rpartition(".")[2]
    return isinstance(decorator, str) and decorator.rpartition(".")[2].startswith("branch")


def _ways(dag: Dag, branch: Node) -> Mapping[str, Ways]:
    """The tasks that a branch chooses from, each with its way: itself, or the group that it begins."""
    after = {
        task_name: frozenset((name,))
        for name, group in dag.groups.items()
        if any(before == branch.name for _, before in group.dependencies)
        for task_name in first_of(dag, name)
    }
    tasks = (task for task in dag.tasks.values() if any(before == branch.name for _, before in task.dependencies))
    return after | {task.name: frozenset((task.name,)) for task in tasks}


def _skipped_with(dag: Dag, ways: Mapping[str, Ways], upstream: Upstream, order: list[str]) -> dict[str, Ways]:
    found: dict[str, Ways] = {}
    for name in order:
        skipped = ways.get(name, frozenset())
        if len(ways) > 1 and _rule(dag, dag.tasks[name])[1] == "all_success":
            skipped = skipped.union(*(found[each] for each in upstream[name]))
        found[name] = frozenset(sorted(skipped)[:2])
    return found


def _rule(dag: Dag, task: Node) -> tuple[Route, object]:
    """The trigger rule of a task, and the route to it; to nothing where it is Airflow's default."""
    ends = str(task.config.get("decorator")).endswith("teardown")
    return given(dag, task, "trigger_rule") or ((), "all_done_setup_success" if ends else "all_success")


def _problem(dag: Dag, task: Node, branch: Node, ways: Ways) -> Problem:
    route, _ = _rule(dag, task)
    one, other = sorted(ways)
    message = f"task `{task.name}` is skipped unless branch `{branch.name}` takes both `{one}` and `{other}`"
    hint = "write `trigger_rule: none_failed_min_one_success`"
    place = dag.place(*route) if route else _name(dag, task)
    return Problem(ID, message, place, hint, related=(Related(_name(dag, branch), "the branch"),))


def _name(dag: Dag, task: Node) -> Place:
    """A task's name: its key in a mapping, its `task_id` in a list."""
    in_mapping = isinstance(task.route[-1], str)
    return dag.place(*task.route, part="key") if in_mapping else dag.place(*task.route, "task_id")
