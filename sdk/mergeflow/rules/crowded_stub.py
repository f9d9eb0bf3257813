"""One stub loads so many DAGs that every merge waits for it.

*Why*: a merge of one config makes Airflow build and store all DAGs of its stub again, at one or two milliseconds each
on a machine that does nothing else: beyond 500, or `most_dags_per_stub` in the policy, that is the better part of a
second, and of each merge. A shard, a stub of one folder, keeps the others out of it.

*Bad*:

    # validators/policy.yaml
    most_dags_per_stub: 2
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # configs/team/sales/sales.yaml
    sales_${{ item }}:
      for_each: [north, south]
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    most_dags_per_stub: 2
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # configs/team/sales/sales.yaml
    sales_${{ item }}:
      for_each: [north, south]
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
    # dags/team/sales.py
    from mergeflow.airflow import load_dags

    load_dags(globals(), "team/sales")
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.files import CONFIGS
from mergeflow.paths import folders_of
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.shards import DAGS, stub_of

ID = "crowded-stub"
SEVERITY = Severity.WARNING

MOST = 500
"""DAGs of one stub, where the policy does not say: building, checking and comparing them takes close to a second."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the first file of each stub that loads more DAGs than the policy allows."""
    most = MOST if project.policy.most_dags_per_stub is None else project.policy.most_dags_per_stub
    if known.stubs is None or len(project.dags) <= most:
        return
    by_stub: dict[str, Counter[str]] = {}
    for path, number in Counter(dag.path for dag in project.dags).items():
        stub = stub_of(path, known.stubs)
        if stub is not None:
            by_stub.setdefault(stub, Counter())[path] = number
    for stub, numbers in by_stub.items():
        if numbers.total() > most:
            message = f"stub {DAGS}/{stub}.py loads {numbers.total():,} DAGs, all of them again when one changes"
            yield Problem(ID, message, Place(min(numbers)), _hint(stub, numbers, most))


def _hint(stub: str, numbers: Mapping[str, int], most: int) -> str:
    """The folder that takes the most DAGs away from the stub and is not too large itself, if there is one."""
    top, total = f"{CONFIGS}/{stub}", sum(numbers.values())
    folders: Counter[str] = Counter()
    for path, number in numbers.items():
        folders.update({folder: number for folder in folders_of(path) if folder.startswith(f"{top}/")})
    useful = [folder for folder in sorted(folders) if folders[folder] < total]
    if not useful:
        return f"move some into a folder {top}/<folder>/, then `mergeflow stubs {stub}/<folder>` gives it its own stub"
    best = max(useful, key=lambda folder: (folders[folder] <= most, min(folders[folder], most)))
    name = best.removeprefix(f"{CONFIGS}/")
    return f"`mergeflow stubs {name}` gives the {folders[best]:,} of {best}/ a stub of their own"
