"""An operator that does not exist.

*Why*: dag-factory fails to import it, and none of the DAG appears. Packages that the catalog does not know are let be.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.bash.BashOperater, bash_command: echo hello}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.bash.BashOperator, bash_command: echo hello}
"""

from collections.abc import Iterator

from mergeflow.catalog import Catalog
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "unknown-operator"
SEVERITY = Severity.ERROR

KINDS = ("operators", "sensors", "transfers")
"""The subpackages of a provider that hold operators; the catalog has all of a provider's or none."""
REACHABLE = "airflow.providers.standard.sensors.external_task.EmptyOperator"
"""No operator of that module, but one that it imports, so it can be had from there."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each `operator` that an installed provider would have to have, and has not."""
    catalog, packages = known.catalog, frozenset[str]()
    fine: set[str] = set()  # a fleet has the same few operators in all of its tasks
    for dag in project.dags:
        for task in dag.tasks.values():
            path = task.config.get("operator")
            if not isinstance(path, str) or path in fine:
                continue
            if "{{" in path or catalog.operator(path):
                fine.add(path)
                continue
            packages = packages or frozenset(map(_package, catalog.names("operators")))
            if not _is_missing(path, packages):
                fine.add(path)
            else:
                place = dag.place(*task.route, "operator")
                yield Problem(ID, _message(path, task.name, catalog), place, _hint(path, catalog))


def _is_missing(path: str, packages: frozenset[str]) -> bool:
    name = path.rpartition(".")[2]
    if "." not in path or _subpackage_is_misspelt(path, packages):
        return True
    return _package(path) in packages - {""} and not name.startswith(("Base", "_")) and path != REACHABLE


def _subpackage_is_misspelt(path: str, packages: frozenset[str]) -> bool:
    """Whether `airflow.providers.standard.operator.bash` is what was written, for `….operators.bash`."""
    for package in packages - {""}:
        provider, _, _ = package.rpartition(".")
        if path.startswith(f"{provider}."):
            here = path.removeprefix(f"{provider}.").split(".")[0]
            return here not in KINDS and nearest(here, KINDS) != "" and path.count(".") > provider.count(".") + 1
    return False


def _package(path: str) -> str:
    """`airflow.providers.standard.operators` of an import path below it; nothing for one that is no provider's."""
    segments = path.split(".")
    last = max((i for i, each in enumerate(segments[:-1]) if each in KINDS), default=-1)
    return ".".join(segments[: last + 1]) if path.startswith(("airflow.providers.", "mergeflow.airflow.")) else ""


def _message(path: str, task: str, catalog: Catalog) -> str:
    if not path:
        return f"the operator of task `{task}` is empty"
    if "." in path:
        return f"there is no operator `{path}`"
    many = catalog.resolve(path)
    return f"`{path}` is the name of {len(many)} operators" if many else f"there is no operator `{path}`"


def _hint(path: str, catalog: Catalog) -> str:
    """The path of the operator whose name is nearest: from the same module if there is one, else from any."""
    module, _, name = path.rpartition(".")
    if not catalog:
        return "write the import path, `package.module.Class`: without a catalog a bare name is not known"
    if "." not in path and (many := catalog.resolve(path)):
        return f"write one of {', '.join(f'`{each}`' for each in many)}"
    public = catalog.names("operators")
    here = [each for each in public if each.rpartition(".")[0] == module]
    by_name = {each.rpartition(".")[2]: each for each in (*public, *here)}
    near = nearest(name, {each.rpartition(".")[2] for each in here}) or nearest(name, by_name)
    if near:
        bare = not module and len(catalog.resolve(near)) == 1
        return f"did you mean `{near if bare else by_name[near]}`?"
    listed = ", ".join(f"`{each.rpartition('.')[2]}`" for each in here[:6])
    return f"this module has {listed}" if here else "write the import path of an operator, `package.module.Class`"
