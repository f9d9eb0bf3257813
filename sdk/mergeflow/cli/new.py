"""`mergeflow new`: the files to start from."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.rules import HOUSE_RULES
from mergeflow.workspace import WrongUse, find_root

if TYPE_CHECKING:
    from mergeflow.diagnostic import Diagnostic

_BUILT_IN = "sdk/mergeflow/rules"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@click.group()
def new() -> None:
    """Write the files to start something from; what is there already is never overwritten."""


@new.command()
@click.argument("name")
@click.option("--built-in", is_flag=True, help="A rule of Mergeflow's own, in its repository.")
@wrong_use
def rule(name: str, *, built_in: bool) -> None:
    """Write a house rule, a module in validators/rules/, and its first case.

    NAME stands in brackets behind each message, and on the command line: small letters, with hyphens.
    """
    from mergeflow.render import house_rule

    root = find_root(Path.cwd())
    _refuse(name)
    module, case = _paths(root, name, built_in=built_in)
    expected = case.removesuffix(".yaml") + ".out"
    _write(root, {module: house_rule.module(name), case: house_rule.case()}, also_absent=expected)
    (root / expected).write_text(_printed(root, module, root / case), encoding="utf-8")
    click.echo("\n".join(f"wrote {path}" for path in (module, case, expected)))
    if built_in:
        click.echo(f"Change them into the rule that you want, and add it to the tuple in {_BUILT_IN}/__init__.py.")
    else:
        click.echo("Change them into the rule that you want; `mergeflow rules --check` tries its examples and cases.")


@new.command("task-type")
@click.argument("name")
@wrong_use
def task_type(name: str) -> None:
    """Write a task type, a small distribution in task_types/ that offers it to Mergeflow.

    NAME is what configs say, `type: NAME`: small letters, with hyphens.
    """
    from mergeflow.render import own_task_type
    from mergeflow.tasks import TASK_TYPES

    root = find_root(Path.cwd())
    _refuse_slug(name, "task type", "load-csv")
    if name in TASK_TYPES:
        raise WrongUse(f"`{name}` is a task type of Mergeflow's already; docs/task-types.md shows it")
    files = dict(own_task_type.files(name))
    _write(root, files, also_absent=next(iter(files)))
    click.echo("\n".join(f"wrote {path}" for path in files))
    folder = f"{own_task_type.FOLDER}/{name}"
    click.echo(f"Change them into the type that you want; it is known once `pip install -e {folder}` has been run.")


def _paths(root: Path, name: str, *, built_in: bool) -> tuple[str, str]:
    """The files of a rule's module and of its first case. Raises WrongUse."""
    stem = name.replace("-", "_")
    if not built_in:
        return f"{HOUSE_RULES}/{stem}.py", f"{HOUSE_RULES}/cases/{name}/bad.yaml"
    if not (root / _BUILT_IN / "__init__.py").is_file():
        raise WrongUse("this is not Mergeflow's own repository; without --built-in it is a rule of this one's")
    return f"{_BUILT_IN}/{stem}.py", f"tests/cases/rules/{stem}.yaml"


def _refuse(name: str) -> None:
    """Raises WrongUse for a name that a rule cannot have."""
    from mergeflow.rules.page import pages

    _refuse_slug(name, "rule", "no-weekend-runs")
    if any(page.slug == name for page in pages()):
        raise WrongUse(f"`{name}` is a rule of Mergeflow's already; `mergeflow rules {name}` shows it")


def _refuse_slug(name: str, noun: str, example: str) -> None:
    if not _SLUG.fullmatch(name):
        proposed = "-".join(re.findall(r"[a-z0-9]+", name.lower())).lstrip("0123456789-")[:100]
        hint = f"try `{proposed}`" if proposed else f"for example `{example}`"
        raise WrongUse(f"`{name}` cannot be a {noun}'s name: small letters and digits, with hyphens between; {hint}")


def _write(root: Path, files: dict[str, str], also_absent: str) -> None:
    """Write all files or, raising WrongUse, none."""
    for path in (*files, also_absent):
        if (root / path).exists():
            raise WrongUse(f"{path} exists already, and is not overwritten")
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")


def _printed(root: Path, module: str, case: Path) -> str:
    """What a check that knows the rule says about its case."""
    from mergeflow.examples import Trial, printed
    from mergeflow.rules import RULES
    from mergeflow.rules.house import load_rule

    failures: list[Diagnostic] = []
    found = load_rule(root, module, failures)
    return printed(case, Trial(root, (*RULES, *([found] if found else [])), failures))
