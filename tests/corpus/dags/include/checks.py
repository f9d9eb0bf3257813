"""Checks of what a sensor has seen."""

from typing import Any


def has_rows(count: int) -> bool:
    """Whether a query found something."""
    return count > 0


def is_broken(count: int) -> bool:
    """Whether a query can never find anything."""
    return count < 0


def is_ok(response: Any) -> bool:
    """Whether a service answers."""
    return bool(response.ok)
