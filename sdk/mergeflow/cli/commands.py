"""The commands as click knows them: each is imported only when it is called."""

import os
from importlib import import_module

import click

from mergeflow.cli import COMMANDS, COMPLETING, FINE, INTERRUPTED, NOBODY_READS, WRONG_USE, line


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


def run(arguments: list[str]) -> int:
    """Run a command with these arguments and return its exit code; only internal errors are raised."""
    try:
        return mergeflow.main(args=arguments, prog_name="mergeflow", standalone_mode=False) or FINE
    except click.exceptions.NoArgsIsHelpError as help_:
        click.echo(help_.format_message())
        return WRONG_USE
    except click.ClickException as error:
        click.echo(f"mergeflow: {line(error.format_message())}", err=True)
        return WRONG_USE
    except click.Abort:
        return INTERRUPTED
    except SystemExit as ended:  # click ends by itself when its output breaks, and after completing a shell's line
        return int(ended.code or FINE) if COMPLETING in os.environ else NOBODY_READS
