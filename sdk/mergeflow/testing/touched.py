"""What a branch touches: the DAGs that it changes, by whatever way, those downstream of them, and samples."""

from collections.abc import Collection, Iterable, Iterator

from mergeflow.dag import Dag
from mergeflow.files import POLICY, changed_since, from_directory, from_revision, merge_base
from mergeflow.pipeline_tests import tests_of
from mergeflow.plan.comparing import diff
from mergeflow.plan.reach import Downstream
from mergeflow.plan.sides import Side
from mergeflow.planning import side
from mergeflow.testing.inventory import Inventory
from mergeflow.testing.wanted import Wanted
from mergeflow.workspace import known_at

FOR_ALL = (
    POLICY,
    "pyproject.toml",
    "requirements",
    "constraints",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "sdk/mergeflow/",
)
"""Files, and beginnings of paths, that may change what any test says: what is granted, and what is installed."""
_SEEN = ("configs/", "dags/", "validators/", *FOR_ALL)


def touched(inventory: Inventory, base: str) -> Wanted:
    """What to test of what differs from where this branch left `base`. Raises RevisionError and CatalogError."""
    parted = merge_base(inventory.root, base, "HEAD")
    named = inventory.named_files
    paths = [path for path in changed_since(inventory.root, parted) if path.startswith(_SEEN) or path in named]
    wanted = Wanted(inventory)
    if not paths:
        return wanted
    if any(path.startswith(FOR_ALL) for path in paths):
        return wanted.everything()
    before = _side_at(inventory, parted)
    after, _ = side(from_directory(inventory.root), inventory.known, inventory.environment)
    direct = _changed(before, after, paths, inventory) | inventory.running(paths)
    for path in paths:
        wanted.add_beside(path)
        direct |= named.get(path, set())
    direct |= wanted.dag_ids
    for dag_id in direct | _downstream(direct, before, after):
        wanted.add_dag(dag_id)
    return wanted


def _side_at(inventory: Inventory, revision: str) -> Side:
    files, known = from_revision(inventory.root, revision), known_at(inventory.root, revision)
    return side(files, known, inventory.environment, strict=False)[0]


def _changed(before: Side, after: Side, paths: Collection[str], inventory: Inventory) -> set[str]:
    """The DAGs that are built otherwise, or not any more, or whose tests say something else."""
    found = {dag_id for each in diff(before.compiled, after.compiled).changes for dag_id in (each.dag_id, each.was)}
    for dag_id, dag in after.dags.items():
        old = before.dags.get(dag_id)
        if old is None or tests_of(old) != tests_of(dag):
            found.add(dag_id)
    for path in paths:  # what is not built on either side is not compared
        found |= inventory.made_from(path) & after.out
    return {dag_id for dag_id in found if dag_id}


def _downstream(dag_ids: Iterable[str], before: Side, after: Side) -> set[str]:
    """Every DAG that waits for one of these, is triggered by it or takes its assets, however far down."""
    sides = [(each, Downstream(each.dags.values())) for each in (before, after)]
    seen = set(dag_ids)
    fresh = list(seen)
    while fresh:
        dag_id = fresh.pop()
        for each, downstream in sides:
            for reached in _reached(each.dags.get(dag_id), downstream):
                if reached not in seen:
                    seen.add(reached)
                    fresh.append(reached)
    return seen


def _reached(dag: Dag | None, downstream: Downstream) -> Iterator[str]:
    yield from (reach.dag_id for reach in downstream.of(dag)) if dag else ()
