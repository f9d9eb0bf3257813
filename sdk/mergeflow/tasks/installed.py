"""Task types that other distributions offer, and the loading of a type's model."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from pydantic.fields import FieldInfo

from mergeflow.model.kinds import Shape
from mergeflow.tasks import GROUP, TaskTypeError
from mergeflow.tasks.entry import Entry
from mergeflow.tasks.task_type import TaskType


@cache
def installed() -> Mapping[str, EntryPoint]:
    """The entry points of all installed types by name."""
    return {each.name: each for each in entry_points(group=GROUP)}


def load(name: str) -> type[TaskType]:
    """The model of an installed type. Raises TaskTypeError: whatever goes wrong in somebody's package, no check fails.

    Only a distribution that somebody has installed decides what is imported here; a config only names a type of it.
    """
    point = installed()[name]
    owner = f"`{point.value}` of {point.dist.name if point.dist else 'a distribution'}"
    try:
        model = point.load()
    except Exception as error:
        raise TaskTypeError(f"{owner} cannot be imported: {type(error).__name__}: {error}") from error
    if not (isinstance(model, type) and issubclass(model, TaskType)):
        raise TaskTypeError(f"{owner} is no subclass of mergeflow.tasks.task_type.TaskType")
    return model


def load_own(path: str) -> type[TaskType]:
    """The model of one of Mergeflow's own types."""
    model: type[TaskType] = EntryPoint("", path, GROUP).load()
    return model


def fields_of(model: type[TaskType]) -> dict[str, FieldInfo]:
    """The fields of a model by the keys that a config has for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def untabulated(model: type[TaskType]) -> Entry:
    """The entry of a model that is in no generated table: it says which keys there are, and the model all else."""
    fields = fields_of(model)
    required = tuple(key for key, field in fields.items() if field.is_required())
    return entry(model, Shape(required, open=False, keys=dict.fromkeys(fields, ())))


def entry(model: type[TaskType], shape: Shape) -> Entry:
    """The entry of a model."""
    extras = ((key, field.json_schema_extra) for key, field in fields_of(model).items())
    enums = {key: extra["enum"] for key, extra in extras if isinstance(extra, dict) and "enum" in extra}
    choices = {key: tuple(map(str, texts)) for key, texts in enums.items() if isinstance(texts, list)}
    return Entry(shape, model.templates, model.one_of, model.only_with, choices)
