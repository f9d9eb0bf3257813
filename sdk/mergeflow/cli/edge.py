"""How commands end when they cannot do what they were asked: one line and an exit code, never a traceback."""

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from mergeflow.catalog import CatalogError
from mergeflow.files import RevisionError
from mergeflow.workspace import WrongUse

P = ParamSpec("P")
R = TypeVar("R")

MENDABLE = (WrongUse, CatalogError, RevisionError)
"""Errors that the caller can mend; each says how, in one sentence."""


def wrong_use(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors that a caller can mend into click's, which the edge prints as one line."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except MENDABLE as error:
            import click

            raise click.ClickException(str(error)) from None

    return guarded


def wants_color() -> bool:
    """Whether standard output is a terminal whose user has not asked for no colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
