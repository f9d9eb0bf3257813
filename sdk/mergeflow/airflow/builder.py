"""dag-factory's builder, with three stumbles of release 1.1 mended: what it documents and cannot build, builds here.

* A decorated task in a task group, or any task in a group without a prefix, has an id under which dag-factory does not
  find it again when it sets dependencies.
* `+task` is looked up among the tasks built so far, whose order it has no say in.
* `expand` over `task.output` does not find a task of a group, and not the result of a decorated one.

Whatever dag-factory does build is built by the same calls in the same order.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow.configuration import conf
from airflow.sdk import BaseOperator
from dagfactory import dagbuilder, settings, utils
from dagfactory.dagbuilder import DagBuilder

_RESULT = re.compile(r"(?P<before>.+?)\.output|.*XcomArg.*?\(+(?P<inside>.*?)\)", re.DOTALL)
"""How `expand` names another task's result: `task.output` or `XcomArg(task)`."""

_REFERENCE = re.compile(r"""\+(?P<task>\w+)(\[['"].*['"]\])?""")
"""How a decorated task names another's result, or one key of it."""

settings.enable_telemetry = False

dagbuilder.configuration = SimpleNamespace(
    conf=SimpleNamespace(get=cache(conf.get), getint=cache(conf.getint), getboolean=cache(conf.getboolean))
)
"""dag-factory asks for three of Airflow's settings for each DAG, which took as long as half a task: each is looked up
once. No process of Airflow reads its configuration again, either."""

read_function = utils.get_python_callable


@cache
def _function_of(name: str, file: str, _changed: int) -> Any:
    return read_function(name, file)


def _function(python_callable_name: str, python_callable_file: str) -> Any:
    """A function of a file, which is run once as it is now: dag-factory runs it anew for each task that names it."""
    file = Path(python_callable_file)
    changed = file.stat().st_mtime_ns if file.is_absolute() else 0  # of any other dag-factory says what is wrong
    return _function_of(python_callable_name, python_callable_file, changed)


utils.get_python_callable = _function


class Builder(DagBuilder):  # type: ignore[misc]
    """Builds one DAG; the overridden methods are those that the builder calls on itself.

    `config` is changed: dag-factory would copy it, and whoever gives it here has made it for this.
    """

    def __init__(self, dag_id: str, config: dict[str, Any], docs: str) -> None:
        super().__init__(dag_id, {}, {}, docs)
        self.dag_config = config

    @staticmethod
    def set_dependencies(
        tasks_config: Mapping[str, Any],
        operators_dict: Mapping[str, Any],
        task_groups_config: Mapping[str, Any],
        task_groups_dict: Mapping[str, Any],
    ) -> None:
        """Set what each task and group depends on, in the order of the config."""
        configs = {**tasks_config, **task_groups_config}
        instances = {**operators_dict, **task_groups_dict}

        def instance(name: str) -> Any:
            group = configs[name].get("task_group")
            built = group.child_id(name) if group else name
            return instances[built if built in instances else name]

        for name, config in configs.items():
            for dependency in config.get("dependencies") or ():
                instance(name).set_upstream(instance(dependency))

    @staticmethod
    def topological_sort_tasks(tasks_configs: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """The tasks in the order to build them in: dag-factory's own, unless a `+task` stands before its task."""
        ordered = DagBuilder.topological_sort_tasks(tasks_configs)
        built: set[str] = set()
        for name, config in ordered:
            if "decorator" in config and not built.issuperset(set(_references(config)) & tasks_configs.keys()):
                break
            built.add(name)
        else:
            return list(ordered)
        linked = {
            name: {"dependencies": [*(config.get("dependencies") or ()), *_references(config)]}
            for name, config in tasks_configs.items()
        }
        return [(name, tasks_configs[name]) for name, _ in DagBuilder.topological_sort_tasks(linked)]

    @staticmethod
    def replace_expand_values(task_conf: dict[str, Any], tasks_dict: Mapping[str, Any]) -> dict[str, Any]:
        """Put other tasks' results in the place of the texts that name them."""
        for key, value in task_conf["expand"].items():
            found = _RESULT.match(value) if isinstance(value, str) else None
            task = _task(found["before"] or found["inside"] or "", tasks_dict) if found else None
            if task is not None:
                task_conf["expand"][key] = task.output if isinstance(task, BaseOperator) else task
        return task_conf


def _references(config: Mapping[str, Any]) -> Iterator[str]:
    """The tasks whose results a decorated task takes."""
    for values in (config, config.get("expand") or {}, config.get("partial") or {}) if "decorator" in config else ():
        for value in values.values():
            if isinstance(value, str) and (found := _REFERENCE.fullmatch(value)):
                yield found["task"]


def _task(name: str, tasks: Mapping[str, Any]) -> Any:
    """A task by its id or by its name inside its group; none where there is no such task."""
    inside = (task for task_id, task in tasks.items() if task_id.endswith(f".{name}"))
    return tasks[name] if name in tasks else next(inside, None)
