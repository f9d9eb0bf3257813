"""What must hold for a GitHub workflow beyond the schema. Each rule yields one sentence per fault."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

Workflow = dict[str, Any]

PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}")
CONTAINER = re.compile(r"[\w./-]+:[\w.$ {}-]+")


def problems(workflow: Workflow, root: Path) -> list[str]:
    """Every fault, sorted. `root` is the repository that the steps' scripts and make targets must be in."""
    rules = (_triggers, _permissions, _writing, _tokens, _checkouts, _actions, _images, _expressions, _timeouts)
    return sorted([fault for rule in rules for fault in rule(workflow)] + list(_commands(workflow, root)))


def _jobs(workflow: Workflow) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from workflow["jobs"].items()


def _steps(workflow: Workflow) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in _jobs(workflow):
        yield from ((name, step) for step in job.get("steps", []))


def _triggers(workflow: Workflow) -> Iterator[str]:
    """Such a workflow has this repository's rights, and runs a stranger's code as soon as somebody checks that out."""
    if "pull_request_target" in _events(workflow):
        yield "on: pull_request_target gives strangers this repository's rights"


def _events(workflow: Workflow) -> Any:
    return workflow.get("on", workflow.get(True))  # YAML 1.1 reads the key `on` as a boolean


def _permissions(workflow: Workflow) -> Iterator[str]:
    """More than reading only after the run of another workflow, and in a job for one purpose."""
    if workflow.get("permissions") != {"contents": "read"}:
        yield "permissions: more than reading the contents"
    for name, job in _jobs(workflow):
        if "permissions" in job and [*_events(workflow)] != ["workflow_run"]:
            yield f"{name}: permissions of its own"
        if len(_writes(job)) > 1 or _writes(job) - {"pull-requests", "security-events"}:
            yield f"{name}: may write more than one thing"


def _writes(job: dict[str, Any]) -> set[str]:
    """What a job may write."""
    granted = job.get("permissions", {})
    if isinstance(granted, str):
        return {"everything"} if granted != "read-all" else set()
    return {what for what, how in granted.items() if how == "write"}


def _writing(workflow: Workflow) -> Iterator[str]:
    """Where a token may write, nothing is installed, and of our code only that runs which sends."""
    for name, job in _jobs(workflow):
        if _writes(job):
            if "container" in job or any("uses" in step for step in job.get("steps", [])):
                yield f"{name}: somebody else's image or action beside a token that may write"
            commands = [shlex.split(step.get("run", ""))[:1] for step in job["steps"] if not _is_checkout(step)]
            if commands != [[".ci/github"]]:
                yield f"{name}: does more than .ci/github with a token that may write"


def _tokens(workflow: Workflow) -> Iterator[str]:
    """A token is for the step that needs it, and a secret for none."""
    for name, step in _steps(workflow):
        has_token = "github.token" in str(step) or "GITHUB_TOKEN" in str(step)
        if has_token and not _is_checkout(step) and not step.get("run", "").startswith(".ci/github "):
            yield f"{name}: a token where none is needed"
    if "github.token" in str({key: value for key, value in workflow.items() if key != "jobs"}):
        yield "a token where none is needed"
    if "secrets." in str(workflow):
        yield "a secret is named"


def _is_checkout(step: dict[str, Any]) -> bool:
    return "git checkout" in step.get("run", "")


def _checkouts(workflow: Workflow) -> Iterator[str]:
    """Only the workflow's own commit is checked out: after another workflow's run that is main's."""
    for name, step in _steps(workflow):
        lines = step.get("run", "").splitlines()
        for before, line in pairwise(["", *lines]):
            if line.startswith("git checkout") and not (
                before.endswith('"$GITHUB_SHA"') and line.endswith(" FETCH_HEAD")
            ):
                yield f"{name}: checks out another commit than its own"


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
        if _is_checkout(step):
            lines = [words for words in lines if words[0] not in {"git", "export"}]
        for command, *arguments in lines:
            at_home = (root / command).is_file() if "/" in command else command == "make"
            if not at_home or (command == "make" and not targets.issuperset(arguments)):
                yield f"{name}: {shlex.join([command, *arguments])} is no make target or script"
