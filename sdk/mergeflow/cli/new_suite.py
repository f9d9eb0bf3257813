"""`mergeflow new suite`: an expectation suite, proposed from a sample of the data."""

import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import click

from mergeflow.cli.edge import wrong_use
from mergeflow.cli.waiting import Waiting
from mergeflow.files import CONFIGS, SAMPLES, SUITES
from mergeflow.model import near
from mergeflow.plain_yaml import MAX_BYTES
from mergeflow.workspace import WrongUse, find_root

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_SUFFIXES = (".yaml", ".yml")
_TASK = """\
    check_{table}:
      type: expectations
      suite: {name}
      conn_id: …
      table: {table}"""


@click.command()
@click.argument("name", metavar="TEAM/SUITE")
@click.option(
    "--from",
    "sample",
    required=True,
    type=click.Path(path_type=Path),
    help="A sample of the data: a .csv, .jsonl or .parquet file.",
)
@click.option("--keep-sample", is_flag=True, help=f"Copy it to {SAMPLES}/, where `mergeflow test` finds it.")
@wrong_use
def suite(name: str, sample: Path, *, keep_sample: bool) -> int:
    """Propose a suite from a sample of the data: validators/expectations/TEAM/SUITE.yaml.

    Its columns, their types, keys, sets, ranges and forms, each with the reason. The sample holds against it; what the
    next batch must be, you know better.
    """
    root = find_root(Path.cwd())
    _refuse(root, name)
    path = f"{SUITES}/{name}.yaml"
    kept = f"{SAMPLES}/{name}{sample.suffix}"
    keep_sample = keep_sample and not _is_same(root / kept, sample)
    for each in (*(f"{SUITES}/{name}{suffix}" for suffix in _SUFFIXES), *([kept] if keep_sample else [])):
        if os.path.lexists(root / each):
            raise WrongUse(f"{each} exists already, and is not overwritten")
    if keep_sample:
        _refuse_large(sample)
    with Waiting(f"reading {sample.name}") as waiting:
        text, sensitive = _proposed(sample, name.rpartition("/")[2], waiting)
    files = {path: text.encode()} | ({kept: sample.read_bytes()} if keep_sample else {})
    _write(root, files)
    click.echo("\n".join(f"wrote {each}" for each in files))
    if keep_sample and sensitive:
        listed = ", ".join(f"`{each}`" for each in sensitive)
        click.echo(f"{kept}: make up the values of {listed} before you commit it: they look personal")
    elif not (root / kept).exists():
        click.echo(f"Keep rows that you make up as {kept}: `mergeflow test {name}` holds them against the suite.")
    return _tell(root, path, name)


def _refuse(root: Path, name: str) -> None:
    """Raises WrongUse for a name that no suite can have."""
    team, slash, own = name.partition("/")
    if not slash:
        raise WrongUse(f"say whose suite it is, `TEAM/SUITE`: for example `payments/{name or 'orders'}`")
    for each in (team, own):
        if not _NAME.fullmatch(each) or ".." in each:
            raise WrongUse(f"`{name}` cannot be a suite's name; for example `payments/orders`")
    if not (root / CONFIGS / team).is_dir():
        teams = sorted(each.name for each in (root / CONFIGS).iterdir() if each.is_dir())
        hint = near(team, teams) or f"`mergeflow new team {team}` makes it"
        raise WrongUse(f"there is no team `{team}` in {CONFIGS}/: {hint}")


def _proposed(sample: Path, dataset: str, waiting: Waiting) -> tuple[str, tuple[str, ...]]:
    """The suite's text, and the columns that look personal. Raises WrongUse for what is no table."""
    from mergeflow.quality.batch import BatchError
    from mergeflow.quality.frames import read_frame
    from mergeflow.quality.propose import propose
    from mergeflow.quality.sample import padded_columns, refuse_frame, refuse_unreadable

    try:
        refuse_unreadable(sample, str(sample))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas' about columns of mixed types: they are told in the suite
            frame = read_frame(sample, str(sample), [])
        refuse_frame(frame, str(sample))
        proposal = propose(frame, sample.name, dataset, padded_columns(sample), waiting.now)
    except BatchError as error:
        raise WrongUse(str(error)) from None
    except ImportError as error:
        raise WrongUse(f"{error}: what reads data comes with `mergeflow[quality]`") from None
    if len(proposal.text.encode()) > MAX_BYTES:
        raise WrongUse(f"a suite for the {len(frame.columns):,} columns of {sample} would be too large for a config")
    return proposal.text, proposal.sensitive


def _refuse_large(sample: Path) -> None:
    """Raises WrongUse for a sample that Git should not keep; what cannot be read is told by whoever reads it."""
    size = sample.stat().st_size if sample.is_file() else 0
    if size > MAX_BYTES:
        raise WrongUse(f"{sample} has {size / MAX_BYTES:.1f} MiB, too many to keep in Git: cut it to 1 MiB first")


def _is_same(kept: Path, sample: Path) -> bool:
    return kept.exists() and sample.exists() and kept.samefile(sample)


def _write(root: Path, files: Mapping[str, bytes]) -> None:
    """Nothing that has come into being meanwhile is overwritten, either."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("xb") as stream:
            stream.write(content)


def _tell(root: Path, path: str, name: str) -> int:
    """What a check finds, and what comes next: that no task uses the suite yet is no news."""
    from dataclasses import replace

    from mergeflow.checker import check
    from mergeflow.render import text
    from mergeflow.workspace import known_around, select

    selection = select(root, [root / path])
    report = check(selection.project, known_around(root), selection.focus)
    found = tuple(each for each in report.diagnostics if each.rule != "unused-suite")
    if found:
        click.echo(text.render(replace(report, diagnostics=found)))
    else:
        click.echo("Change what is chance, and write what one row is. Then a task holds data against it:\n")
        click.echo(_TASK.format(name=name, table=re.sub(r"\W", "_", name.rpartition("/")[2])))
    return 1 if report.errors else 0
