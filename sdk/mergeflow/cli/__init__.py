"""The command line: one module per command, imported only when that command is called, and one edge for errors."""

import gc
import os
import sys
from io import TextIOWrapper

COMMANDS = (
    "catalog",
    "check",
    "compile",
    "new",
    "plan",
    "rules",
    "schema",
    "show",
    "status",
    "stubs",
    "sync",
    "test",
    "up",
)
"""Each is a module of this package, and in it a function of the same name."""

FINE, PROBLEMS, WRONG_USE, INTERNAL = range(4)
"""The exit codes of every command."""
INTERRUPTED, NOBODY_READS = 130, 141
"""What a shell expects of a command that Ctrl-C or the end of its reader has stopped: it has not finished, so not 0."""
MANY = 50_000
"""New objects between two looks for circles of them: a command makes many that live as long as it does."""
COMPLETING = "_MERGEFLOW_COMPLETE"
"""The variable by which a shell asks click to complete a line."""


def main() -> None:
    """Run a command; whatever goes wrong is one line and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows `?`, and no traceback
    gc.set_threshold(MANY)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command with these arguments and return its exit code."""
    try:
        if _is_plain_check(arguments):
            return _check(arguments[1:])
        from mergeflow.cli import commands

        return commands.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one edge: an internal fault is a line and a report
        _tell(f"internal error, {line(repr(error))}. {_report()}")
        return INTERNAL


def _is_plain_check(arguments: list[str]) -> bool:
    """Whether this is what a commit hook calls: a check of paths without an option, which needs no click."""
    is_check = arguments[:1] == ["check"] and COMPLETING not in os.environ
    return is_check and not any(each.startswith("-") for each in arguments)


def _check(paths: list[str]) -> int:
    """Check as the command does that click would call, with the same words and the same exit codes."""
    from pathlib import Path

    from mergeflow.cli.checking import Asked, answer, here
    from mergeflow.cli.edge import MENDABLE

    try:
        return answer(here(), Asked(tuple(map(Path, paths))))
    except MENDABLE as error:
        _tell(line(str(error)))
        return WRONG_USE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is written when Python ends
        return NOBODY_READS


def _tell(sentence: str) -> None:
    sys.stderr.write(f"mergeflow: {sentence}\n")
    sys.stderr.flush()


def line(text: str) -> str:
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
