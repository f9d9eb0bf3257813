"""`mergeflow stubs`: the files in `dags/` by which Airflow finds the teams' configs."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.files import CONFIGS, config_paths, read
from mergeflow.model import near
from mergeflow.paths import folders_of, is_defaults, team_of
from mergeflow.render.stubs import does_its_work, loaded, stub
from mergeflow.shards import CALL, CODE, DAGS, SHARED, is_shard, loads, name_of, python_below, stub_of
from mergeflow.workspace import WrongUse, find_root


@click.command()
@click.argument("names", nargs=-1, metavar="[TEAM/FOLDER]...")
@click.option("--check", is_flag=True, help="Write nothing; only say what is missing.")
@wrong_use
def stubs(names: Sequence[str], *, check: bool) -> int:
    """Write the missing files in dags/: one for each team, and config_errors.py.

    TEAM/FOLDER names a folder of a large team's that shall have a stub of its own, a shard. A file that is there is
    never overwritten. Exits 1 when one was missing, so that a commit stops and can include it.
    """
    root = find_root(Path.cwd())
    paths = [path for path in config_paths(root, CONFIGS) if not is_defaults(path) and team_of(path) not in SHARED]
    asked = {_asked(name, paths) for name in names}
    python = {path: read(root, path) for path in python_below(root) if is_shard(path)}
    calling = {path: text.decode("utf-8", "replace") for path, text in python.items() if isinstance(text, bytes)}
    shards = {name_of(path) for path, text in calling.items() if loads(name_of(path), text)}
    wanted = {found for path in paths if (found := stub_of(path, shards | asked) or team_of(path))} | asked
    said = [line for name in ("config_errors", *sorted(wanted)) if (line := _done(root, name, check=check))]
    said += _astray({name_of(path): text for path, text in calling.items() if CALL in text}, wanted, paths)
    said += _twice(root, wanted)
    click.echo("\n".join(said) or f"{DAGS}/ has its {len(wanted)} stub{'s' * (len(wanted) != 1)} and config_errors.py")
    return 1 if said else 0


def _asked(name: str, paths: Collection[str]) -> str:
    """The name of the stub that somebody asks for. Raises WrongUse where there is nothing for it to load."""
    name = name.removeprefix(f"{CONFIGS}/").strip("/")
    folders = {folder.removeprefix(f"{CONFIGS}/") for path in paths for folder in folders_of(path)} - {CONFIGS}
    if name not in folders:
        raise WrongUse(
            f"there are no DAGs in {CONFIGS}/{name}/; {near(name, folders) or 'name a folder that has some'}"
        )
    if "/" in name and name.partition("/")[0] in CODE:
        raise WrongUse(
            f"{DAGS}/{name.partition('/')[0]}/ holds what tasks run, and no stubs; rename this team's folder"
        )
    return name


def _astray(calling: dict[str, str], wanted: Collection[str], paths: Collection[str]) -> Iterator[str]:
    """A line about each file in a team's folder of dags/ that is meant as a shard, and loads nothing or the wrong."""
    for name, text in calling.items():
        if not any(path.startswith(f"{CONFIGS}/{name}/") for path in paths):
            yield f"{DAGS}/{name}.py has no DAGs to load in {CONFIGS}/{name}/; remove it, or let both have one name"
        elif name not in wanted and not loads(name, text):
            yield f"{DAGS}/{name}.py does not load its DAGs; it should hold:\n\n{stub(name)}"


def _twice(root: Path, wanted: Collection[str]) -> Iterator[str]:
    """A line about each file in dags/ that loads what another is there for: Airflow would move DAGs to and fro."""
    for file in sorted((root / DAGS).glob("*.py")):
        text = read(root, f"{DAGS}/{file.name}")
        names = loaded(text.decode("utf-8", "replace")) if isinstance(text, bytes) else ()
        for name in sorted(set(names).intersection(wanted) - {file.stem}):
            yield f"{DAGS}/{file.name} loads what {DAGS}/{name}.py does; remove that call"


def _done(root: Path, name: str, *, check: bool) -> str:
    """Write one file, unless it is there or nothing shall be written; a line about it, or nothing."""
    path = f"{DAGS}/{name}.py"
    file = root / path
    if file.is_symlink() or file.exists():
        try:
            content = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}"
        return "" if does_its_work(name, content) else f"{path} does not load its DAGs; it should hold:\n\n{stub(name)}"
    if check:
        return f"{path} is missing; `mergeflow stubs{f' {name}' * ('/' in name)}` writes it"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(stub(name), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from None
    return f"wrote {path}"
