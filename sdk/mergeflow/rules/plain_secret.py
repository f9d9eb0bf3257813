"""A secret in clear text.

*Why*: whoever can read the repository has it, for ever: Git keeps what was committed. Passwords belong into Airflow's
connections and variables. What is found is never printed; a merged DAG is still built, for the harm is done.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: psql -c 'select 1'
          env: {PGPASSWORD: hunter2}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: psql -c 'select 1'
          env: {PGPASSWORD: "{{ conn.shop.password }}"}
"""

from collections.abc import Iterator
from typing import Any

from mergeflow.diagnostic import Place, Problem, Route, Severity
from mergeflow.project import Project
from mergeflow.rules.known import Known

ID = "plain-secret"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

_MARKS = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "-----begin",
    "akia",
    "asia",
    "eyj",
    "xox",
    "ghp_",
    "glpat-",
    "sk_live",
    "sg.",
)
"""Text of a file, in lower case, without any of which nothing in it is looked at; nor without credentials in a URL."""
MOST = 300
"""So many suspicious texts of a file are given to the detectors: each takes about a millisecond."""
_HINT = (
    "use an Airflow connection or variable, such as `{{ conn.<id>.password }}`; and change this secret: Git keeps it"
)


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each value that is a secret by its key or by its form."""
    del known
    texts = {path: document.text.lower() for path, document in project.documents.items()}
    every = "\n".join(texts.values())
    marks = [mark for mark in _MARKS if mark in every]
    for path, text in texts.items():
        if any(mark in text for mark in marks) or ("@" in text and "://" in text):
            for route, what in _secrets(project.documents[path].data):
                yield Problem(ID, f"{what} stands here in clear text", Place(path, route), _HINT)


def _secrets(data: Any) -> Iterator[tuple[Route, str]]:
    """Each secret of a document, with what it is."""
    from mergeflow.rules.secrets import may_hold_one, secret_in, secret_under  # its patterns take as long as a check

    looked_at = 0
    for route, key, value in _values(data, (), ""):
        what = secret_under(key, value)
        if not what and isinstance(value, str) and looked_at < MOST and may_hold_one(value):
            looked_at += 1
            what = secret_in(value)
        if what:
            yield route, what


def _values(value: Any, route: Route, key: str) -> Iterator[tuple[Route, str, str | int]]:
    """Each text and number of a document, with the key that it stands under."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _values(each, (*route, name), str(name))
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _values(each, (*route, i), key)
    elif isinstance(value, str | int):
        yield route, key, value
