"""A waiver of the policy has expired.

*Why*: it was given until a day that has passed, so what it waived is reported again. What Airflow runs does not depend
on the calendar: there the waiver still holds.

*Bad*:

    # validators/policy.yaml
    waivers:
      - rule: unknown-operator
        paths: [configs/team/**]
        owner: platform
        reason: the provider is installed on Friday
        until: 2020-01-31
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    waivers:
      - rule: unknown-operator
        paths: [configs/team/**]
        owner: platform
        reason: the provider is installed on Friday
        until: 9999-12-31
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptierOperator}
"""

from collections.abc import Iterator

from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.files import POLICY
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "expired-waiver"
SEVERITY = Severity.WARNING
POLICY_ONLY = True


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at the `until` of each waiver that has expired."""
    for waiver in project.policy.waivers:
        if waiver.has_expired(known.today):
            message = f"the waiver of `{waiver.rule}` has expired"
            hint = f"mend what it waives and remove it, or ask {waiver.owner or 'its owner'} for more time"
            yield Problem(ID, message, Place(POLICY, ("waivers", waiver.number, "until")), hint)
