"""An alert that nobody would get.

*Why*: a mail to what is no address is refused by the server, or lost, and it is noticed on the day on which a task has
failed and nobody was told.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      alerts:
        on_failure: [{email: "@team"}]
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-01-01
      alerts:
        on_failure: [{email: team@example.org}]
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mergeflow.alerts import ALERTS, addresses, alerts_of
from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Route, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "invalid-alert"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

_BARE = r"[A-Za-z0-9.!#$%&'*+/=?^_`|~-]+@(localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)"
_ADDRESS = re.compile(rf"\s*(?:{_BARE}|[^<>@,;\r\n]*<{_BARE}>)\s*")
"""`team@example.org` or `Our team <team@example.org>`; Airflow's mail hook would take a comma for two addresses."""

_SEVERAL = re.compile(r"[,;\s]+")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each address that is none, each webhook's path that is a whole URL, and what nobody reads."""
    del known
    for dag in project.dags:
        default_args = dag.config.get("default_args")
        if isinstance(default_args, dict) and ALERTS in default_args:
            place = dag.place("default_args", ALERTS, part="key")
            yield Problem(
                ID, f"`{ALERTS}` has no effect under `default_args`", place, "write it beside it, as a key of the DAG"
            )
        if ALERTS in dag.config:
            for route, alert in alerts_of(dag.config):
                yield from _mail(dag, route, alert)
                yield from _webhook(dag, route, alert)


def _mail(dag: Dag, route: Route, alert: Mapping[str, Any]) -> Iterator[Problem]:
    if alert.get("email") == []:
        place = dag.place(*route, "email")
        yield Problem(ID, "a mail to nobody", place, "add an address, or remove the alert")
    for inner, text in addresses(alert):
        if not _ADDRESS.fullmatch(text):
            parts = [each for each in _SEVERAL.split(text) if each]
            several = len(parts) > 1 and all(_ADDRESS.fullmatch(each) for each in parts)
            message = f"`{text}` is several addresses" if several else f"`{text}` is no address for mail"
            hint = f"write a list: [{', '.join(parts)}]" if several else _hint(text)
            yield Problem(ID, message, dag.place(*route, *inner), hint)


def _hint(text: str) -> str:
    if "{{" in text:
        return "write the address itself: Jinja is not rendered here"
    return "write it in ASCII, like `team@example.org`" if not text.isascii() else "write one like `team@example.org`"


def _webhook(dag: Dag, route: Route, alert: Mapping[str, Any]) -> Iterator[Problem]:
    webhook = alert.get("webhook")
    path = webhook.get("path") if isinstance(webhook, dict) else None
    if isinstance(path, str) and "://" in path:
        hint = "put scheme and host into the connection, and write here what follows them"
        yield Problem(ID, "the path of this webhook is a whole URL", dag.place(*route, "webhook", "path"), hint)
