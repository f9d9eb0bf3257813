"""`mergeflow new`: the files to start from."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.cli.new_suite import suite
from mergeflow.files import CONFIGS, POLICY, TEMPLATES, from_directory
from mergeflow.model import near
from mergeflow.project import load
from mergeflow.render.stubs import stub
from mergeflow.rules import HOUSE_RULES
from mergeflow.workspace import WrongUse, find_root

if TYPE_CHECKING:
    from mergeflow.diagnostic import Diagnostic

_BUILT_IN = "sdk/mergeflow/rules"
_OWNERS = ".github/CODEOWNERS"
_TEAM = re.compile(r"[a-z_][a-z0-9_]*")
_DAG_ID = re.compile(r"[\w.-]{1,250}", re.ASCII)
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@click.group()
def new() -> None:
    """Write the files to start something from; what is there already is never overwritten."""


new.add_command(suite)


@new.command()
@click.argument("name")
@wrong_use
def team(name: str) -> None:
    """Write a team's stub in dags/, and its defaults in configs/.

    NAME is the name of its folder: small letters, digits and underscores.
    """
    from mergeflow.render import starters

    root = find_root(Path.cwd())
    _refuse_name(name, _TEAM, "team", "payments")
    files = starters.team(name)
    _write(root, files, also_absent=f"{CONFIGS}/{name}")
    click.echo("\n".join(f"wrote {path}" for path in files))
    _tell_of_team(root, name)
    click.echo(f"`mergeflow new dag {name}/<dag_id>` writes its first DAG.")


@new.command()
@click.argument("name", metavar="TEAM/DAG_ID")
@click.option("--template", "template", help="Make it from this template of configs/templates/.")
@wrong_use
def dag(name: str, template: str | None) -> int:
    """Write a DAG that runs as it is: configs/TEAM/DAG_ID.yaml. A new team's stub is written, too.

    Exits 1 when `mergeflow check` finds something about the new file, such as a dag_id that is not the team's.
    """
    from mergeflow.checker import check
    from mergeflow.render import starters, text
    from mergeflow.workspace import known_around, select

    root = find_root(Path.cwd())
    owner, slash, dag_id = name.partition("/")
    if not slash:
        raise WrongUse(f"say whose DAG it is, `TEAM/DAG_ID`: for example `payments/{owner or 'fx_rates'}`")
    _refuse_name(owner, _TEAM, "team", "payments")
    _refuse_name(dag_id, _DAG_ID, "DAG", "fx_rates")
    known = known_around(root)
    bare = known.catalog.operator("BashOperator") is not None
    content = starters.dag(dag_id, "BashOperator" if bare else starters.BASH)
    if template is not None:
        templates = load(from_directory(root, TEMPLATES)).templates
        if template not in templates:
            hint = near(template, templates) or ", ".join(f"`{each}`" for each in templates) or "there is none yet"
            raise WrongUse(f"there is no template `{template}`: {hint}")
        declared = templates[template].data
        declared = declared.get("params") if isinstance(declared, dict) else None
        content = starters.made_dag(dag_id, template, declared if isinstance(declared, dict) else {})
    path = f"{CONFIGS}/{owner}/{dag_id}.yaml"
    files = {path: content}
    if owner not in (known.stubs or ()):
        files |= starters.team(owner) if not (root / CONFIGS / owner).exists() else {f"dags/{owner}.py": stub(owner)}
    _write(root, files, also_absent=path)
    click.echo("\n".join(f"wrote {each}" for each in files))
    if len(files) > 1:
        _tell_of_team(root, owner)
    if template is not None:
        click.echo("write a value for each TODO; until then a check may find something:")
    selection = select(root, [root / path])
    report = check(selection.project, known_around(root), selection.focus)
    click.echo(
        text.render(report) if report.diagnostics else "It is right as it is. Change it into the DAG that you want."
    )
    return 1 if report.errors else 0


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


def _tell_of_team(root: Path, name: str) -> None:
    """What a person must add for a new team where others have listed theirs."""
    from mergeflow.render import starters

    policy = load(from_directory(root, POLICY)).policy
    if policy.teams and name not in policy.teams:
        click.echo(f"{POLICY} lists the teams; add this below `teams:`:\n\n{starters.grants(name)}\n")
    if (root / _OWNERS).is_file():
        click.echo(f"{_OWNERS} says who reviews what; add: /{CONFIGS}/{name}/ @your-team")


def _refuse_name(name: str, pattern: re.Pattern[str], noun: str, example: str) -> None:
    """Raises WrongUse for a name that would be no module, no file or no id."""
    if not pattern.fullmatch(name) or name in ("config_errors", "environments", "templates"):
        proposed = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_").lstrip("0123456789")
        hint = f"try `{proposed}`" if pattern.fullmatch(proposed) and proposed != name else f"for example `{example}`"
        raise WrongUse(f"`{name}` cannot be a {noun}'s name; {hint}")


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
