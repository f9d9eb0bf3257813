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
            for route, what in _secrets(project.documents[path].data, (), ""):
                yield Problem(ID, f"{what} stands here in clear text", Place(path, route), _HINT)


def _secrets(value: Any, route: Route, key: str) -> Iterator[tuple[Route, str]]:
    """Each secret of a document, with what it is; `key` is what the value stands under."""
    from mergeflow.rules.secrets import secret_in, secret_under  # its patterns take as long as a whole check

    if isinstance(value, dict):
        for name, each in value.items():
            yield from _secrets(each, (*route, name), str(name))
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _secrets(each, (*route, i), key)
    elif isinstance(value, str | int):
        what = secret_under(key, value) or (secret_in(value) if isinstance(value, str) else "")
        if what:
            yield route, what
