"""A function or class that a config names is not there in `dags/`.

*Why*: Airflow cannot import it, and none of the DAG appears. Only what lies in this repository is looked at, and none
of it is run; packages that are installed with Airflow are let be.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.orders.extract_order
    # dags/callables/orders.py
    def extract_orders():
        ...

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: callables.orders.extract_orders
    # dags/callables/orders.py
    def extract_orders():
        ...
"""

import re
from collections.abc import Iterator

from mergeflow.code import DAGS, Code, Looked
from mergeflow.dag import Dag
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.named_code import IN_TASK, Named, named_in

ID = "missing-callable"
SEVERITY = Severity.ERROR

_NO_NAME = re.compile(r"\(.*\)$|\s")
"""What follows a function's name where it is called."""
BARE = ("operator", "decorator", "__type__")
"""Keys whose bare names mean something, or are another rule's affair."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each import path, or name and file, that leads to nothing in `dags/`."""
    if known.code is None:
        return
    for dag, named in named_in(project):
        if (problem := _form(dag, named, known.code)) is not None:
            yield problem
            continue
        found = named.look(known.code)
        if found.verdict == "missing":
            yield _missing(dag, named, found)
        elif found.verdict == "value" and named.must_be_callable:
            message = f"`{named.text}` is a value, and nothing that can be called"
            yield Problem(ID, message, named.place(dag), "name a function")


def _form(dag: Dag, named: Named, code: Code) -> Problem | None:
    """What is wrong with the way in which something is named, whatever it is."""
    text, file = named.text, named.file
    if file is not None and not file.startswith(("/", "$", "{{")) and ":" not in file[:3]:
        message = f"`{file}` is a relative path, and dag-factory takes only absolute ones here"
        return Problem(ID, message, named.place(dag), _by_path(named.key.removesuffix("_file"), file, text, code))
    if file is not None or named.key in BARE or not text or "{{" in text:
        return None
    if "." not in text or "/" in text or not text.rpartition(".")[2].isidentifier():
        path = _NO_NAME.sub("", text.replace(":", "."))
        right = path if code.find(path).verdict in ("function", "class") else "package.module.function"
        return Problem(ID, f"`{text}` is no import path", named.place(dag), f"write `{right}`")
    return None


def _by_path(key: str, file: str, name: str, code: Code) -> str:
    """How to name the function of a file without its path: some keys have no other form."""
    if key not in IN_TASK:
        return "write an absolute path"
    module = file.removeprefix("./").removeprefix(f"{DAGS}/").removesuffix(".py").replace("/", ".")
    path = f"{module}.{name}"
    return f"write `{key}: {path if code.find(path).verdict == 'function' else 'package.module.function'}` instead"


def _missing(dag: Dag, named: Named, found: Looked) -> Problem:
    near = nearest(found.name, found.near) if found.name else ""
    hint = f"did you mean `{near}`?" if near else ""
    if not hint and found.near:
        more = f" and {len(found.near) - 6} more" if len(found.near) > 6 else ""
        hint = "there is " + ", ".join(f"`{each}`" for each in found.near[:6]) + more
    return Problem(ID, found.message, named.place(dag), hint or "name a function at the top level of a module")
