"""The shape of a project's files, held against the models piece by piece."""

from collections.abc import Iterable, Iterator

from mergeflow.alerts import ALERTS, alert_problems
from mergeflow.dag import NODE_LISTS, NOT_DAGS, defines_dag, is_loose, unnested
from mergeflow.diagnostic import Place, Problem
from mergeflow.document import Document
from mergeflow.environments import too_many_patches
from mergeflow.model import SHAPES, kind_of, shape_problems
from mergeflow.pipeline_problems import test_problems
from mergeflow.pipeline_tests import TESTS
from mergeflow.project import Project
from mergeflow.suites import suite_problems
from mergeflow.tasks.problems import typed_problems
from mergeflow.templates import is_made


def shapes(project: Project) -> Iterator[Problem]:
    """Whatever has not the shape of its model."""
    for document in project.configs:
        yield from _file_shape(document, project.wanted)
    yield from (problem for problem in project.making if problem.rule == "invalid-value")
    for document in project.defaults:
        if document.data is not None:
            yield from _dag_shape(document.data, Place(document.path), "these defaults", "Defaults")
    for dag in project.dags:
        for layer in dag.layers.written if dag.layers.made else ():
            yield from _dag_shape(layer.data, dag.layers.place_in(layer), f"DAG `{dag.dag_id}`", "Dag")
        yield from typed_problems(dag)
    for document in project.suites.values():
        yield from suite_problems(document)
    for name, environment in project.environments.items():
        yield from _environment_shape(name, project.documents[environment.path])
    for name, document in project.templates.items():
        yield from shape_problems("Template", document.data, Place(document.path), f"template `{name}`")


def _file_shape(document: Document, wanted: str | None) -> Iterator[Problem]:
    data, path = document.data, document.path
    if not isinstance(data, dict):
        message = "the file is empty" if data is None else f"the file must map dag_ids to DAGs, not be {kind_of(data)}"
        yield Problem("wrong-type", message, Place(path), "write `<dag_id>:` and the DAG's keys, indented, below it")
        return
    if loose := unnested(data):
        dag_id = next((str(key) for key, value in data.items() if value is None), "")
        above = f"indent the DAG's keys below `{dag_id}:`"
        yield _loose(path, loose, above if dag_id else "write `<dag_id>:` above, and indent all below it")
        return
    for key, value in data.items():
        if not isinstance(key, str):
            message = f"this dag_id is read as {kind_of(key)}, not as text"
            yield Problem("wrong-type", message, Place(path, (key,), "key"), "put it in quotes")
        elif key == "default":
            yield from _dag_shape(value, Place(path, (key,)), "the `default` block", "Defaults")
        elif key not in NOT_DAGS and _is_part(key, value):
            yield _loose(path, key, "indent it below the dag_id that it belongs to")
        elif (
            wanted in (None, key)
            and defines_dag(key, value)
            and not (isinstance(value, dict) and is_made(document, value))
        ):
            yield from _dag_shape(value, Place(path, (key,)), f"DAG `{key}`", "Dag")


def _is_part(key: str, value: object) -> bool:
    """Whether a part of a DAG stands where dag_ids do."""
    return is_loose(key, value) if isinstance(value, dict) else value is not None and key in SHAPES["Dag"].keys


def _loose(path: str, key: str, hint: str) -> Problem:
    message = f"`{key}` is a key of a DAG, and stands where a dag_id should"
    return Problem("wrong-type", message, Place(path, (key,), "key"), hint)


def _environment_shape(name: str, document: Document) -> Iterator[Problem]:
    """An environment with its patches, each a set of defaults."""
    place, owner = Place(document.path), f"environment `{name}`"
    yield from shape_problems("Environment", document.data, place, owner)
    if too_many := too_many_patches(document):
        yield too_many
        return
    listed = document.data.get("patches") if isinstance(document.data, dict) else None
    for i, each in enumerate(listed if isinstance(listed, list) else ()):
        yield from shape_problems("Patch", each, place.at("patches", i), f"patch {i + 1} of {owner}")
        if isinstance(each, dict) and isinstance(each.get("set"), dict):
            yield from _dag_shape(each["set"], place.at("patches", i, "set"), f"patch {i + 1} of {owner}", "Defaults")


def _dag_shape(data: object, place: Place, owner: str, model: str) -> Iterator[Problem]:
    """A DAG or a set of defaults, with its `default_args`, tasks and task groups."""
    yield from shape_problems(model, data, place, owner)
    if not isinstance(data, dict):
        return
    if isinstance(data.get(ALERTS), dict):
        yield from alert_problems(data[ALERTS], place.at(ALERTS), owner)
    if model == "Dag" and isinstance(data.get(TESTS), dict):
        yield from test_problems(data[TESTS], place.at(TESTS), owner)
    default_args = data.get("default_args")
    if isinstance(default_args, dict):
        where = place.at("default_args")
        yield from shape_problems("DefaultArgs", default_args, where, f"default_args of {owner}")
    node_models = (("task", "Task"), ("task group", "TaskGroup"))
    for (key, name_key), (noun, node_model) in zip(NODE_LISTS, node_models, strict=True):
        loose = _loose_nodes(data.get(key), node_model)
        if loose:
            message = f"`{loose[0]}` is a key of a {noun}, and stands where a {noun}'s name should"
            hint = f"indent it below the name of the {noun} that it belongs to"
            yield Problem("wrong-type", message, place.at(key, loose[0], part="key"), hint)
        for segment, name, value in _entries(data.get(key), name_key):
            if loose and (value is None or name in loose):
                continue
            where = place.at(key, segment)
            nameless = isinstance(data[key], list) and not isinstance(name, str)
            label = f"entry {int(segment) + 1} of `{key}`" if nameless else f"{noun} `{name}`"
            yield from shape_problems(node_model, value, where, label)
            args = value.get("default_args") if key == "task_groups" and isinstance(value, dict) else None
            if isinstance(args, dict):
                inside = where.at("default_args")
                yield from shape_problems("GroupArgs", args, inside, f"default_args of {label}")


def _loose_nodes(listed: object, node_model: str) -> list[str]:
    """The keys of a task, or of a group, that stand in the mapping of all of them."""
    keys = SHAPES[node_model].keys
    named = listed.items() if isinstance(listed, dict) else ()
    return [name for name, value in named if name in keys and not isinstance(value, dict | None)]


def _entries(listed: object, name_key: str) -> Iterable[tuple[str | int, object, object]]:
    """The entries of a mapping or list of tasks or groups: route segment, name, value."""
    if isinstance(listed, dict):
        return [(name, name, value) for name, value in listed.items()]
    if isinstance(listed, list):
        return [(i, each.get(name_key) if isinstance(each, dict) else None, each) for i, each in enumerate(listed)]
    return ()
