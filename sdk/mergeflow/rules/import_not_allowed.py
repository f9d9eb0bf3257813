"""A config names Python code that it may not use.

*Why*: operators, decorators, callables, callbacks and what stands after `__type__` are imported, and some are called
while Airflow reads the DAGs: `os._exit` would end Airflow's dag-processor. Whatever reaches processes, files or the
Python interpreter is always refused. Where the policy lists a team's `imports`, only what begins like one of them is
allowed, such as `airflow.providers` or `callables.team`.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.python.PythonOperator
          python_callable: os.system

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.bash.BashOperator, bash_command: echo hello}
"""

from collections.abc import Callable, Collection, Iterator
from functools import cache
from itertools import chain

from mergeflow.catalog import Catalog
from mergeflow.dag import Dag
from mergeflow.diagnostic import Place, Problem, Severity
from mergeflow.files import POLICY
from mergeflow.paths import team_of
from mergeflow.policy import Granted
from mergeflow.project import Project
from mergeflow.rules.granted import listed, owner
from mergeflow.rules.known import Known
from mergeflow.rules.named_code import Named, named_in

ID = "import-not-allowed"
SEVERITY = Severity.ERROR
POLICY_ONLY = True

REFUSED = frozenset(
    {"os", "posix", "subprocess", "_posixsubprocess", "pty", "shutil", "sys", "signal", "resource", "multiprocessing"}
    | {"asyncio", "threading", "_thread", "atexit", "faulthandler", "builtins", "importlib", "imp", "runpy", "pkgutil"}
    | {"code", "codeop", "pydoc", "pdb", "timeit", "trace", "profile", "cProfile", "site", "pip", "ensurepip", "venv"}
    | {"ctypes", "_ctypes", "cffi", "pickle", "marshal", "shelve", "yaml", "io", "codecs", "socket", "socketserver"}
    | {"http.server", "http.client", "urllib.request", "ftplib", "smtplib", "xmlrpc", "webbrowser", "logging.config"}
)
"""Modules that start processes, end this one, run text as code, or open files and sockets: a guard against the obvious,
where a grant of imports is the fence."""

HARMLESS = frozenset(
    {"os.path", "os.getcwd", "sys.executable", "sys.version", "datetime", "dateutil.relativedelta", "pendulum"}
    | {
        f"builtins.{each}"
        for each in (
            "abs", "all", "any", "bool", "bytes", "dict", "divmod", "enumerate", "float", "frozenset", "int", "len",
            "list", "max", "min", "print", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum",
            "tuple", "zip",
        )
    }
)  # fmt: skip
"""What may always be named: it computes a value, and does nothing else."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each import path, or file of a function, that may not be named."""
    granted_to = cache(lambda team: project.policy.grants(team).imports)
    refused: dict[tuple[str | None, str, str | None], str] = {}
    for dag, named in chain(named_in(project), _installed(project, granted_to)):
        team = team_of(dag.path)
        granted = granted_to(team)
        key = (team, named.text, named.file)
        if key not in refused:
            paths = _imports(named, known.catalog)
            refused[key] = next((path for path in paths if not _is_allowed(path, granted)), "")
        if path := refused[key]:
            yield _problem(path, named.place(dag), granted, team)


def _installed(project: Project, granted_to: Callable[[str | None], Granted]) -> Iterator[tuple[Dag, Named]]:
    """The operators and decorators of Airflow, which `named_in` leaves out, where no grant allows them."""
    is_allowed = cache(_is_allowed)
    for dag in project.dags:
        granted = granted_to(team_of(dag.path))
        for task in dag.tasks.values() if granted is not None else ():
            for key in ("operator", "decorator"):
                text = task.config.get(key)
                if isinstance(text, str) and text.startswith("airflow.") and not is_allowed(text, granted):
                    yield dag, Named(key, text, (*task.route, key))


def _imports(named: Named, catalog: Catalog) -> tuple[str, ...]:
    """The import path that is meant; of a function in a file, the one that it has from `dags/` on."""
    if named.file is not None:
        _, inside, below = f"/{named.file}".rpartition("/dags/")
        module = (below if inside else named.file.rpartition("/")[2]).removesuffix(".py").replace("/", ".")
        return (f"{module}.{named.text}",)
    if named.key in ("operator", "decorator"):
        return catalog.resolve(named.text, "operators" if named.key == "operator" else "decorators")
    return (named.text,) if "." in named.text else ()


def _is_allowed(path: str, granted: Granted) -> bool:
    if "{{" in path or _lies_in(path, HARMLESS):
        return True
    return not _lies_in(path, REFUSED) if granted is None else _lies_in(path, granted)


def _lies_in(path: str, prefixes: Collection[str]) -> bool:
    """Whether a path is one of these, or lies below one."""
    return any(f"{path}.".startswith(f"{each.removesuffix('.*')}.") for each in prefixes)


def _problem(path: str, place: Place, granted: Granted, team: str | None) -> Problem:
    if granted is None:
        hint = f"call a function of your own, in dags/callables/{team or '<team>'}/, or use an operator"
        return Problem(ID, f"no config may name `{path}`", place, hint)
    whose = f"of `teams.{team}`" if team else "of `everyone`"
    hint = f"use one of {listed(granted)}, or have it added to the imports {whose} in {POLICY}"
    return Problem(ID, f"`{path}` is not among the imports of {owner(team)}", place, hint)
