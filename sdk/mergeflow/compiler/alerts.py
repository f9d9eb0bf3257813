"""Alerts in one form, the shortest: what means the same is the same, and a plan shows no change.

dag-factory knows no alerts and takes only one callback where Airflow takes several, so they stay beside what it builds.
`mergeflow.airflow.dagfactory` adds a notifier to every task that it has built, after the callbacks that are there.
"""

from collections.abc import Mapping
from typing import Any

from mergeflow.alerts import ALERTS, DEFAULT_CONNECTION, MOMENTS, ON_WARNING, addresses, alerts_of


def with_alerts(config: dict[str, Any]) -> dict[str, Any]:
    """The config of a DAG with its alerts in one form, and without the key where there are none."""
    if ALERTS not in config:
        return config
    by_moment: dict[str, list[dict[str, Any]]] = {}
    for (_, moment, _), alert in alerts_of(config):
        by_moment.setdefault(str(moment), []).append(_shortest(alert))
    if "on_failure" in by_moment and config[ALERTS].get(ON_WARNING) == []:
        by_moment[ON_WARNING] = []  # which means something: without it, it would be as on_failure
    alerts = {moment: by_moment[moment] for moment in MOMENTS if moment in by_moment}
    others = {key: value for key, value in config.items() if key != ALERTS}
    return {**others, ALERTS: alerts} if alerts else others


def _shortest(alert: Mapping[str, Any]) -> dict[str, Any]:
    if "email" in alert:
        given = list(dict.fromkeys(address.strip() for _, address in addresses(alert)))
        mail: dict[str, Any] = {"email": given[0] if len(given) == 1 else given}
        if alert.get("subject"):
            mail["subject"] = alert["subject"]
        if alert.get("connection", DEFAULT_CONNECTION) != DEFAULT_CONNECTION:
            mail["connection"] = alert["connection"]
        return mail
    if "webhook" in alert:
        return {"webhook": {key: value for key, value in alert["webhook"].items() if value}}
    return {"log": {}}
