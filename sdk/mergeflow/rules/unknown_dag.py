"""A task triggers or waits for a DAG that does not exist.

*Why*: the trigger fails when it runs, and the sensor waits in vain until it times out: days after the merge.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        report:
          operator: airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator
          trigger_dag_id: dayly_report
    daily_report:
      tasks:
        send: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        report:
          operator: airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator
          trigger_dag_id: daily_report
    daily_report:
      tasks:
        send: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

from collections.abc import Collection, Iterator

from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import MOST_HINTS, likely, near
from mergeflow.project import Project
from mergeflow.relations import references
from mergeflow.rules.known import Known

ID = "unknown-dag"
SEVERITY = Severity.ERROR
MERGE_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each mention of a DAG that neither a config nor a Python file below `dags/` knows."""
    if known.mentions is None:
        return  # only a part of the repository is looked at
    names = defined(project)
    found = 0
    for dag in project.asked:
        for each in references(dag):
            if each.kind == "DAG" and each.dag_id not in names and not known.mentions.word(each.dag_id):
                found += 1
                message = f"task `{each.task.name}` {each.verb} DAG `{each.dag_id}`, which does not exist"
                yield Problem(
                    ID, message, dag.place(*each.route), _hint(each.dag_id, names) if found <= MOST_HINTS else ""
                )


def defined(project: Project) -> set[str]:
    """Every name that may be a DAG's: also of files that cannot be read, or need not be for the question at hand."""
    keys = (document.data for document in project.configs if isinstance(document.data, dict))
    return {str(key) for data in keys for key in data} | {each.dag.dag_id for each in project.named} | project.elsewhere


def _hint(dag_id: str, names: Collection[str]) -> str:
    few = likely(dag_id, names)
    same = next((each for each in few if each.lower() == dag_id.lower()), "")
    return f"did you mean `{same}`?" if same else near(dag_id, few) or "define it, or name one that is defined"
