"""A DAG waits for an asset that no task produces.

*Why*: such a DAG never runs, unless somebody outside Airflow reports the asset's updates. Airflow tells assets apart by
name and URI together: an asset that was given a name is another one than the same URI written alone.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: ["s3://shop/orders.parquet"]
    report:
      schedule: ["s3://shop/order.parquet"]
      tasks:
        send: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        load:
          operator: airflow.providers.standard.operators.empty.EmptyOperator
          outlets: ["s3://shop/orders.parquet"]
    report:
      schedule: ["s3://shop/orders.parquet"]
      tasks:
        send: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Iterator, Mapping

from mergeflow.assets import Asset, Use, awaited, produced
from mergeflow.diagnostic import Problem, Related, Severity
from mergeflow.model import MOST_HINTS, likely, near
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "asset-without-producer"
SEVERITY = Severity.WARNING

_OUTSIDE = "add it to the `outlets` of a task, or ignore this where the asset is updated from outside"


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each asset of a schedule that no task's outlets, and no file below `dags/`, names."""
    waits = [use for dag in project.asked for use in awaited(dag)]
    if not waits or known.mentions is None:
        return
    makes: dict[Asset, Use] = {}
    for use in (use for dag in project.dags for use in produced(dag)):
        for asset in use.asset.provides:
            makes.setdefault(asset, use)
    found = 0
    for use in waits:
        if use.asset not in makes and not known.mentions.text(use.asset.uri or use.asset.name):
            found += 1
            what = "asset alias" if use.asset.kind == "alias" else "asset"
            message = f"DAG `{use.dag.dag_id}` waits for the {what} `{use.asset}`, which no task produces"
            other = makes.get(Asset("uri", uri=use.asset.uri))
            hint = _hint(use.asset, other, makes) if found <= MOST_HINTS else ""
            related = (Related(other.dag.place(*other.route), "here"),) if other else ()
            yield Problem(ID, message, use.dag.place(*use.route), hint, related=related)


def _hint(asset: Asset, other: Use | None, makes: Mapping[Asset, Use]) -> str:
    if other:
        return f"its URI is produced under the name `{other.asset.name}`, as another asset: write both alike"
    names = {str(each) for each in makes if each.kind == asset.kind}
    return near(str(asset), likely(str(asset), names)) or _OUTSIDE
