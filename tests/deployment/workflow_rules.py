"""What must hold for a GitHub workflow beyond the schema. Each rule yields one sentence per fault."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Workflow = dict[str, Any]

PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}")
CONTAINER = re.compile(r"[\w./-]+:[\w.$ {}-]+")


def problems(workflow: Workflow, root: Path) -> list[str]:
    """Every fault, sorted. `root` is the repository that the steps' scripts and make targets must be in."""
    rules = (_triggers, _permissions, _actions, _images, _expressions, _timeouts)
    return sorted([fault for rule in rules for fault in rule(workflow)] + list(_commands(workflow, root)))


def _jobs(workflow: Workflow) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from workflow["jobs"].items()


def _steps(workflow: Workflow) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in _jobs(workflow):
        yield from ((name, step) for step in job.get("steps", []))


def _triggers(workflow: Workflow) -> Iterator[str]:
    """`pull_request_target` and `workflow_run` run a stranger's code beside this repository's secrets."""
    triggers = workflow.get("on", workflow.get(True))  # YAML 1.1 reads the key `on` as a boolean
    for trigger in {"pull_request_target", "workflow_run"} & set(triggers):
        yield f"on: {trigger} gives strangers this repository's rights"


def _permissions(workflow: Workflow) -> Iterator[str]:
    if workflow.get("permissions") != {"contents": "read"}:
        yield "permissions: more than reading the contents"
    for name, job in _jobs(workflow):
        if "permissions" in job:
            yield f"{name}: permissions of its own"


def _actions(workflow: Workflow) -> Iterator[str]:
    called = [(name, job["uses"]) for name, job in _jobs(workflow) if "uses" in job]
    called += [(name, step["uses"]) for name, step in _steps(workflow) if "uses" in step]
    for name, action in called:
        if not action.startswith("./") and not PINNED.fullmatch(action):
            yield f"{name}: {action} is not pinned by its commit"


def _images(workflow: Workflow) -> Iterator[str]:
    for name, job in _jobs(workflow):
        image = job.get("container", "a:b")
        image = image["image"] if isinstance(image, dict) else image
        if not CONTAINER.fullmatch(image) or image.endswith(":latest"):
            yield f"{name}: image {image} has no version"
        if "latest" in str(job.get("runs-on", "")):
            yield f"{name}: runs on whatever is latest"


def _expressions(workflow: Workflow) -> Iterator[str]:
    """An expression in a script is pasted into it before the shell reads it: values go through `env`."""
    for name, step in _steps(workflow):
        if "${{" in step.get("run", ""):
            yield f"{name}: an expression stands in a script"


def _timeouts(workflow: Workflow) -> Iterator[str]:
    for name, job in _jobs(workflow):
        if "timeout-minutes" not in job:
            yield f"{name}: may run for hours"


def _commands(workflow: Workflow, root: Path) -> Iterator[str]:
    """A step does what a person can do at home: a make target or a script, or it is the checkout."""
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    for name, step in _steps(workflow):
        lines = [shlex.split(line) for line in step.get("run", "").splitlines() if line.strip()]
        if any(words[:2] == ["git", "checkout"] for words in lines):
            lines = [words for words in lines if words[0] not in {"git", "export"}]
        for command, *arguments in lines:
            at_home = (root / command).is_file() if "/" in command else command == "make"
            if not at_home or (command == "make" and not targets.issuperset(arguments)):
                yield f"{name}: {shlex.join([command, *arguments])} is no make target or script"
