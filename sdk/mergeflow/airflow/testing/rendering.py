"""Every template of a DAG, rendered as Airflow does it, with a sample of what a run gives to it."""

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jinja2
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from mergeflow.airflow.testing.context import Placeholder, context_of
from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Route, has

_WRONG_ANYWAY = (jinja2.TemplateSyntaxError, jinja2.TemplateNotFound, jinja2.exceptions.SecurityError)
_WRONG_WORDS = re.compile(r"'\w+' is undefined|No (?:filter|test) named")
"""What no value of a run can mend."""


class Unrendered(NamedTuple):
    """A template that is wrong, and the place of it."""

    place: Place
    message: str


class _Text(NamedTuple):
    """A text that Airflow renders: in which field, and the way to it within that."""

    field: str
    route: Route
    text: str


def unrendered(dag: DAG, config: Dag) -> Iterator[Unrendered]:
    """The templates of a DAG that no run can render; what would need a run to tell is taken to be right."""
    env = dag.get_template_env()
    for task in dag.tasks:
        texts = [each for each in _texts_of(task) if _is_template(each.text, task)]
        if not texts:
            continue
        node = _node(config, task.task_id)
        try:
            context = context_of(dag, task)
        except (ParamValidationError, ValueError):
            return  # a param that is given with each run, and of which no sample can be made up
        for each in texts:
            error = _error(env, each.text, task, context)
            if error is not None:
                place, written = _written(config, node, each)
                file = written if isinstance(written, str) and written.endswith(tuple(task.template_ext)) else ""
                reason = f"{_line_in(error, file)}{_told(error)}"
                yield Unrendered(place, f"`{each.field}` of task `{task.task_id}` cannot be rendered: {reason}")


def _error(env: jinja2.Environment, text: str, task: Any, context: Mapping[str, Any]) -> Exception | None:
    """Why a text cannot be rendered; none where it can, or where that is for a run to tell.

    Airflow has already put the contents of files into the place of their names; a name that is left is of no file.
    """
    Placeholder.used = False
    try:
        template = env.get_template(text) if text.endswith(tuple(task.template_ext)) else env.from_string(text)
        template.render(context)
    except Exception as error:  # noqa: BLE001 - a filter or a macro of somebody's may raise anything
        if isinstance(error, _WRONG_ANYWAY) or _WRONG_WORDS.search(str(error)):
            return error
        # A macro may ask Airflow for what only a deployment has, such as a connection.
        is_for_a_run = Placeholder.used or type(error).__module__.startswith("airflow.")
        return None if is_for_a_run else error
    return None


def _told(error: Exception) -> str:
    """An error in a line."""
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no file `{error.name}` in `dags/`"
    text = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, jinja2.TemplateError):
        return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line_in(error: Exception, file: str) -> str:
    """The line of a template's file that an error comes from: Jinja gives the lines of a template to its code."""
    if not file or isinstance(error, jinja2.TemplateNotFound):
        return ""
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename in ("<template>", "<unknown>")]
    line = error.lineno if isinstance(error, jinja2.TemplateSyntaxError) else lines[-1] if lines else None
    return f"{file}, line {line}: " if line else f"{file}: "


def _is_template(text: str, task: Any) -> bool:
    return "{{" in text or "{%" in text or "{#" in text or text.endswith(tuple(task.template_ext))


def _texts_of(task: Any) -> Iterator[_Text]:
    """The texts in the template fields of a task; of a mapped one also what is mapped over, where that is written."""
    holders: list[Mapping[str, Any]] = []
    if hasattr(task, "partial_kwargs"):
        expanded = getattr(task, "expand_input", None)
        holders = [
            task.partial_kwargs,
            *[each for each in (getattr(expanded, "value", None),) if isinstance(each, dict)],
        ]
    for field in task.template_fields:
        values = [each[field] for each in holders if field in each] if holders else [getattr(task, field, None)]
        for value in values:
            yield from (_Text(field, route, text) for route, text in _texts(value, (), 0))


_DEEPEST = 50


def _texts(value: Any, route: Route, depth: int) -> Iterator[tuple[Route, str]]:
    if isinstance(value, str):
        yield route, value
    elif depth < _DEEPEST and isinstance(value, dict | list | tuple):
        pairs: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs:
            yield from _texts(each, (*route, key), depth + 1)


def _node(config: Dag, task_id: str) -> Node | None:
    """The task as it is written: a group puts its name before the id, and a type may make several tasks of one."""
    last = task_id.rpartition(".")[2]
    names = (task_id, last, *(last[: found.start()] for found in re.finditer("__", last)))
    return next((config.tasks[name] for name in names if name in config.tasks), None)


def _written(config: Dag, node: Node | None, text: _Text) -> tuple[Place, Any]:
    """Where a text is written, and what stands there: its own key, or else where the task says something like it."""
    if node is None:
        return config.id_place, None
    forms = [(node.config.get(form), (*node.route, form)) for form in ("partial", "expand")]
    defaults = config.config.get("default_args")
    for holder, above in ((node.config, node.route), *forms, (defaults, ("default_args",))):
        if isinstance(holder, Mapping) and text.field in holder:
            route, value = _as_far_as(holder[text.field], text.route)
            return config.place(*above, text.field, *route), value
    for route, written in _texts(node.config, node.route, 0):
        if "{" in written and (written in text.text or text.text in written):
            return config.place(*route), written
    return config.place(*node.route), None


def _as_far_as(value: Any, route: Route) -> tuple[Route, Any]:
    """As much of a route as there is, and what it leads to."""
    found: list[str | int] = []
    for segment in route:
        if not has(value, segment):
            break
        found.append(segment)
        value = value[segment]
    return tuple(found), value
