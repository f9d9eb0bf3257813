"""A date or a time zone that nobody can read.

*Why*: dag-factory fails on it, and none of the DAG appears. It takes dates as YAML has them, texts such as
`2024-01-01T06:00`, and `2 days`, which means two days before today.

*Bad*:

    orders:
      schedule: "@daily"
      start_date: 2024-02-30T00:00
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      start_date: 2024-02-29T00:00
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
"""

import re
from collections.abc import Iterator

from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules.dates import ANY_DAY, Dates, blocks_of, parse, zone_of
from mergeflow.rules.known import Known

ID = "invalid-date"
SEVERITY = Severity.ERROR

_FORM = "write a date such as `2024-01-31`, or a time before today such as `2 days`"
_WEEKS = re.compile(r"(\d{1,4})\s+weeks?", re.IGNORECASE)
_PARTS = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_BACKWARDS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4})")


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each date, of a DAG or its `default_args`, and at each time zone of theirs."""
    del known
    for dag in project.dags:
        for block in blocks_of(dag):
            if given := block.given():
                yield from _zone(dag, block)
            for key, value in given.items():
                if isinstance(value, str) and "{{" not in value and parse(value, ANY_DAY) is None:
                    message = f"`{key}` of DAG `{dag.dag_id}` is " + (f"no date: `{value}`" if value else "empty")
                    yield Problem(ID, message, dag.place(*block.route, key), _date_hint(value))


def _zone(dag: Dag, block: Dates) -> Iterator[Problem]:
    """dag-factory looks at the time zone only where it has a date to put into it."""
    name = block.data.get("timezone")
    if isinstance(name, str) and "{{" not in name and zone_of(name) is None:
        from zoneinfo import available_timezones

        same = next((each for each in sorted(available_timezones()) if each.lower() == name.strip().lower()), "")
        zones = [each for each in sorted(available_timezones()) if each[:1].lower() == name.strip()[:1].lower()]
        hint = f"write `{same}`" if same else near(name, zones) or "write a name such as `UTC` or `Europe/Paris`"
        message = f"there is no time zone `{name}`"
        yield Problem(ID, message, dag.place(*block.route, "timezone"), hint)


def _date_hint(value: str) -> str:
    if weeks := _WEEKS.fullmatch(value.strip()):
        return f"write `{int(weeks[1]) * 7} days`"
    if found := _PARTS.fullmatch(value.strip()):
        usual = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
        if parse(usual, ANY_DAY):
            return f"write `{usual}`"
    if found := _BACKWARDS.fullmatch(value.strip()):
        return f"write the year first, then month and day: `{found[1]}-…-…`"
    return _FORM
