"""A script or query is to be read from a file that is not there.

*Why*: where a parameter of these operators ends like a file's name, Airflow reads that file, below `dags/`, and renders
it as a template. When there is none the task fails, also where the text was meant as a command.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: scripts/orders/extrct.sh
    # dags/scripts/orders/extract.sh
    echo "extract the orders of {{ ds }}"

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: scripts/orders/extract.sh
    # dags/scripts/orders/extract.sh
    echo "extract the orders of {{ ds }}"
"""

from collections.abc import Iterator, Mapping

from mergeflow.code import DAGS, Code
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Problem, Severity
from mergeflow.model import nearest
from mergeflow.project import Project
from mergeflow.rules.known import Known
from mergeflow.rules.templated import ENDS, NAMES_FILE, Rendered, end_of, rendered_in
from mergeflow.tasks import is_typed

ID = "missing-script"
SEVERITY = Severity.ERROR
MERGE_ONLY = True

_SHORT = 60
"""Characters of a text that a message shows."""
_COMMANDS = frozenset({"bash_command"})
_FOLDER = "scripts"
SCRIPTS = f"{DAGS}/{_FOLDER}"
_FILES_OF_TYPES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "script": ("path", (".sh", ".py")),
    "sql": ("file", (".sql",)),
}
"""Task types that name a file: by which key, and how its name ends."""


def check(project: Project, known: Known) -> Iterator[Problem]:
    """A problem at each text that Airflow takes for the name of a file that `dags/` does not have."""
    code = known.code
    if code is None:
        return
    for rendered in rendered_in(project, known, NAMES_FILE.search, lambda text: text.endswith(ENDS)):
        end = end_of(rendered, known)
        if end and _is_there(rendered.dag, code, rendered.text) is False:
            yield _problem(rendered, end, code)
    for dag in project.dags:
        for task in dag.tasks.values():
            if "type" in task.config and is_typed(task.config):
                yield from _of_type(dag, task, code)


def _is_there(dag: Dag, code: Code, name: str) -> bool | None:
    """Whether Airflow finds a file; none where it may look outside the repository."""
    found = code.has_file(name)
    if found is False and dag.config.get("template_searchpath"):
        return None
    return found


def _of_type(dag: Dag, task: Node, code: Code) -> Iterator[Problem]:
    """The file that a typed task names, below `dags/scripts/` and never outside."""
    name = task.config["type"]
    key, ends = _FILES_OF_TYPES.get(name, ("", ())) if isinstance(name, str) else ("", ())
    path, place = task.config.get(key), dag.place(*task.route, key)
    if not isinstance(path, str) or not path.strip():
        return
    if path.startswith("/") or ".." in path.split("/"):
        yield Problem(
            ID, f"`{path}` leads out of `{SCRIPTS}/`", place, f"write the path of a file below it: `team/load{ends[0]}`"
        )
        return
    if not path.endswith(ends):
        message = f"`{key}` in task `{task.name}` must end in {' or '.join(f'`{each}`' for each in ends)}"
        yield Problem(ID, message, place, _inside(path, code, ends) or f"name a file below `{SCRIPTS}/`")
    elif code.has_file(f"{_FOLDER}/{path}") is False:
        yield Problem(
            ID, f"there is no file `{SCRIPTS}/{path}`", place, _inside(path, code, ends) or "add it, or name one"
        )


def _inside(path: str, code: Code, ends: tuple[str, ...]) -> str:
    """A hint that names the file that was meant: the path may begin too early, or have a slip in its last part."""
    for start in (f"{SCRIPTS}/", f"{_FOLDER}/"):
        if path.startswith(start) and code.has_file(f"{_FOLDER}/{path.removeprefix(start)}"):
            return f"write `{path.removeprefix(start)}`"
    folder, _, name = path.rpartition("/")
    there = code.tree.names(f"{SCRIPTS}/{folder}".rstrip("/")) or ()
    near = nearest(name, sorted(each for each in there if each.endswith(ends)))
    return f"did you mean `{folder}/{near}`?".replace("`/", "`") if near else ""


def _problem(rendered: Rendered, end: str, code: Code) -> Problem:
    last = rendered.text.splitlines()[-1]
    shown = last if len(last) <= _SHORT else f"…{last[-_SHORT:]}"
    message = f"`{shown}` ends in `{end}`, so Airflow takes it for a file below `{DAGS}/`, and there is none"
    return Problem(ID, message, rendered.place, _hint(rendered, code))


def _hint(rendered: Rendered, code: Code) -> str:
    text = rendered.text
    inside = text.rpartition(f"{DAGS}/")[2]
    if inside != text and code.has_file(inside):
        return f"write `{inside}`"
    if not any(each.isspace() for each in text):
        folder, _, name = text.strip("/").rpartition("/")
        names = code.tree.names(f"{DAGS}/{folder}".rstrip("/")) or frozenset()
        if near := nearest(name, sorted(names)):
            return f"did you mean `{folder}/{near}`?" if folder else f"did you mean `{near}`?"
    if rendered.key in _COMMANDS and rendered.route[-1] == rendered.key:
        return "a command that ends like this needs a space behind it, in quotes"
    quoted = text if len(text) <= _SHORT and text.isprintable() and not set(text) & set("'{}\\") else "…"
    return f"write the path of a file below `{DAGS}/`; for the text itself, `{{{{ '{quoted}' }}}}`"
