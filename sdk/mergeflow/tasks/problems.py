"""What keeps typed tasks from being what their types say: each problem at its key, told without a model if possible."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mergeflow.dag import Dag, Node
from mergeflow.diagnostic import Place, Problem
from mergeflow.model import near, nearest
from mergeflow.model.shape import is_built, is_surely
from mergeflow.tasks import COMMON, Entry, TaskTypeError, entry_of, is_typed, model_of

_HERE = Place("")


def typed_problems(dag: Dag) -> Iterator[Problem]:
    """What is wrong with the keys of a DAG's typed tasks, after all defaults; which types there are, a rule knows."""
    for task in dag.tasks.values():
        if is_typed(task.config):
            try:
                entry = entry_of(task.config["type"])
            except TaskTypeError:
                continue
            for problem in _of_task(task, entry) if entry else ():
                where = problem.place
                yield replace(problem, place=dag.place(*task.route, *where.route, part=where.part))


def _of_task(task: Node, entry: Entry) -> Iterator[Problem]:
    """The problems of one task, with routes from it."""
    own = {key: value for key, value in task.config.items() if isinstance(key, str) and key not in COMMON}
    built = [key for key, value in own.items() if key in entry.shape.keys and is_built(value)]
    for key in built:
        message = f"`{key}` in task `{task.name}` must be a plain value, not an object by `__type__`"
        yield Problem("wrong-type", message, _HERE.at(key), "write the value itself")
    if built:
        return
    if not is_surely(entry.shape, own):
        yield from _by_model(task, own, entry)
    for key in (*entry.shape.required, *entry.one_of):
        if isinstance(own.get(key), str) and not own[key].strip():
            yield Problem("invalid-value", f"`{key}` in task `{task.name}` is empty", _HERE.at(key), "give it a value")
    for key, texts in entry.choices.items():
        value = own.get(key)
        if isinstance(value, str) and value not in texts:
            same = next((each for each in texts if each.lower() == value.lower()), "")
            hint = f"did you mean `{same}`?" if same else near(value, texts) or f"write one of {_listed(texts)}"
            yield Problem("invalid-value", f"`{key}` in task `{task.name}` cannot be `{value}`", _HERE.at(key), hint)
    yield from _between(task, own, entry)


def _by_model(task: Node, own: Mapping[str, Any], entry: Entry) -> Iterator[Problem]:
    from mergeflow.model.refusals import refused

    taken = entry.shape.keys.keys() | COMMON
    for each in refused(model_of(task.config["type"]), own, _HERE, f"task `{task.name}`"):
        if each.rule == "unknown-key":
            hint = near(str(each.place.route[-1]), taken) or _takes(task.config["type"], entry)
            yield replace(each, hint=hint)
        elif each.rule == "missing-key":
            yield replace(each, place=each.place._replace(part="key"))
        else:
            yield each


def _between(task: Node, own: Mapping[str, Any], entry: Entry) -> Iterator[Problem]:
    """What its keys want of each other; a misspelt one is reported already."""
    there = [key for key in entry.one_of if key in own]
    strays = [key for key in own if key not in entry.shape.keys]
    if entry.one_of and not there and not any(nearest(each, strays) for each in entry.one_of):
        message = f"task `{task.name}` has none of {_listed(entry.one_of)}"
        yield Problem("missing-key", message, _HERE._replace(part="key"), f"add `{entry.one_of[0]}: …`")
    for key in there[1:]:
        message = f"task `{task.name}` has both `{there[0]}` and `{key}`"
        yield Problem("invalid-value", message, _HERE.at(key, part="key"), "remove one of them")
    for key, other in entry.only_with.items():
        if key in own and other not in own and not nearest(other, strays):
            message = f"`{key}` in task `{task.name}` has no effect without `{other}`"
            yield Problem("missing-key", message, _HERE.at(key, part="key"), f"add `{other}: …`, or remove it")


def _takes(name: str, entry: Entry) -> str:
    return f"`{name}` takes {_listed(tuple(entry.shape.keys))}" if entry.shape.keys else f"`{name}` takes no keys"


def _listed(texts: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in texts)
