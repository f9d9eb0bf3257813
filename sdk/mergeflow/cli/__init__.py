"""The command line: one module per command, imported only when that command is called, and one edge for errors."""

import os
import sys
from importlib import import_module
from io import TextIOWrapper

import click

COMMANDS = ("catalog", "check", "new", "plan", "rules", "schema", "show", "stubs", "sync", "up")
"""Each is a module of this package, and in it a function of the same name."""

FINE, PROBLEMS, WRONG_USE, INTERNAL = range(4)
"""The exit codes of every command."""
INTERRUPTED, NOBODY_READS = 130, 141
"""What a shell expects of a command that Ctrl-C or the end of its reader has stopped: it has not finished, so not 0."""
_COMPLETING = "_MERGEFLOW_COMPLETE"
"""The variable by which a shell asks click to complete a line."""


class _Commands(click.Group):
    """Finds a command by importing its module: `check` never pays for what `up` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"mergeflow.cli.{cmd_name}"), cmd_name.replace("-", "_"))
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mergeflow", message="%(package)s %(version)s")
def mergeflow() -> None:
    """A Git repository of YAML becomes running Airflow DAGs: merging a pull request is the deployment."""


def main() -> None:
    """Run a command; whatever goes wrong is one line and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows `?`, and no traceback
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command with these arguments and return its exit code."""
    try:
        return mergeflow.main(args=arguments, prog_name="mergeflow", standalone_mode=False) or FINE
    except click.exceptions.NoArgsIsHelpError as help_:
        click.echo(help_.format_message())
        return WRONG_USE
    except click.ClickException as error:
        click.echo(f"mergeflow: {_line(error.format_message())}", err=True)
        return WRONG_USE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as ended:  # click ends by itself when its output breaks, and after completing a shell's line
        return int(ended.code or FINE) if _COMPLETING in os.environ else NOBODY_READS
    except Exception as error:  # noqa: BLE001 - the one edge: an internal fault is a line and a report
        click.echo(f"mergeflow: internal error, {_line(repr(error))}. {_report()}", err=True)
        return INTERNAL


def _line(text: str) -> str:
    """A text as one line that cannot move the cursor: what it quotes may come from a file's name."""
    return "".join(char if char.isprintable() else "·" for char in " ".join(text.split()))


def _report() -> str:
    import traceback
    from tempfile import NamedTemporaryFile

    try:
        with NamedTemporaryFile("w", prefix="mergeflow-report-", suffix=".txt", delete=False, errors="replace") as file:
            file.write(traceback.format_exc())
    except OSError as error:
        return f"A report cannot be written: {error.strerror}"
    return f"Please report it with {file.name}"
