"""What a config says about alerts: its shape, and each alert with the way to it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mergeflow.diagnostic import Place, Problem, Route
from mergeflow.model import SHAPES, nearest, shape_problems
from mergeflow.model.shape import is_built

ALERTS = "alerts"
MOMENTS = ("on_failure", "on_retry", "on_success", "on_warning")
ON_WARNING = "on_warning"
"""Bad data that stops nothing. Where a config does not speak of it, whoever hears of failures hears of it."""
KINDS = ("email", "webhook", "log")
DEFAULT_CONNECTION = "smtp_default"
"""Of a mail's server."""

_OF_EMAIL = ("subject", "connection")
_EXAMPLE = "write a list of alerts: `[{email: team@example.org}]`"


def alert_problems(data: object, place: Place, owner: str) -> Iterator[Problem]:
    """What keeps a value from being the `alerts` of a DAG or of defaults, which `owner` names in messages."""
    for problem in shape_problems("Alerts", data, place, f"`{ALERTS}` of {owner}"):
        is_list = problem.rule == "wrong-type" and problem.place.route[-1:] != place.route[-1:]
        yield replace(problem, hint=_EXAMPLE) if is_list and problem.place.route[-1] in MOMENTS else problem
    yield from _built(data, place, f"`{ALERTS}` of {owner}")
    for moment in MOMENTS:
        listed = data.get(moment) if isinstance(data, dict) else None
        for i, alert in enumerate(listed if isinstance(listed, list) else ()):
            yield from _of_alert(alert, place.at(moment, i), f"alert {i + 1} of `{moment}`")


def alerts_of(config: Mapping[str, Any]) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    """Every alert of a DAG that is a mapping, with its route from the DAG."""
    found = config.get(ALERTS)
    alerts = found if isinstance(found, dict) else {}
    for moment in MOMENTS:
        listed = alerts.get(moment)
        for i, alert in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(alert, dict):
                yield (ALERTS, moment, i), alert


def addresses(alert: Mapping[str, Any]) -> list[tuple[Route, str]]:
    """The addresses of a mail, each with its route from the alert."""
    email = alert.get("email")
    if isinstance(email, str):
        return [(("email",), email)]
    listed = email if isinstance(email, list) else ()
    return [(("email", i), each) for i, each in enumerate(listed) if isinstance(each, str)]


def connection_of(alert: Mapping[str, Any]) -> tuple[Route, str] | None:
    """The connection by which an alert is sent, and the route to where that is said, also by saying nothing."""
    if "email" in alert:
        return (
            (("connection",), str(alert["connection"])) if "connection" in alert else (("email",), DEFAULT_CONNECTION)
        )
    webhook = alert.get("webhook")
    if isinstance(webhook, dict) and isinstance(webhook.get("connection"), str):
        return ("webhook", "connection"), webhook["connection"]
    return None


def _of_alert(alert: object, place: Place, owner: str) -> Iterator[Problem]:
    if isinstance(alert, str):
        hint = f"write `email: {alert}`" if "@" in alert else "write `email: …`, `webhook: …` or `log: {}`"
        yield Problem("wrong-type", f"{owner} must be a mapping, not text", place, hint)
        return
    yield from shape_problems("Alert", alert, place, owner)
    if not isinstance(alert, dict):
        return
    yield from _built({key: value for key, value in alert.items() if key not in ("webhook", "log")}, place, owner)
    if isinstance(alert.get("webhook"), dict):
        where, inside = place.at("webhook"), f"`webhook` of {owner}"
        yield from shape_problems("Webhook", alert["webhook"], where, inside)
        yield from _built(alert["webhook"], where, inside)
    for key in alert["log"] if isinstance(alert.get("log"), dict) else ():
        where = place.at("log", key, part="key")
        yield Problem(
            "unknown-key", f"unknown key `{key}` in `log` of {owner}", where, "remove it: `log` takes no keys"
        )
    kinds = [kind for kind in KINDS if kind in alert]
    strays = [key for key in alert if isinstance(key, str) and key not in SHAPES["Alert"].keys]
    if not kinds and not any(nearest(kind, strays) for kind in KINDS):
        message = f"{owner} has none of `email`, `webhook` and `log`"
        yield Problem("missing-key", message, place, "add `email: team@example.org`")
    for kind in kinds[1:]:
        hint = "write it as an entry of its own, after another `-`"
        yield Problem("invalid-value", f"{owner} has both `{kinds[0]}` and `{kind}`", place.at(kind, part="key"), hint)
    for key in _OF_EMAIL:
        if key in alert and kinds and "email" not in kinds:
            hint = "put it under `webhook`" if (key, *kinds[:1]) == ("connection", "webhook") else "remove it"
            message = f"`{key}` in {owner} has no effect without `email`"
            yield Problem("invalid-value", message, place.at(key, part="key"), hint)


def _built(data: object, place: Place, owner: str) -> Iterator[Problem]:
    """Values by `__type__`: dag-factory, which would build them, never sees alerts."""
    for key, value in data.items() if isinstance(data, dict) else ():
        if is_built(value):
            message = f"`{key}` in {owner} must be a plain value, not an object by `__type__`"
            yield Problem("wrong-type", message, place.at(key), "write the value itself")
