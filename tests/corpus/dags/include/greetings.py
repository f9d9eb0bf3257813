"""Functions for tasks: none of them does anything, they only have the right signatures."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial


def hello() -> str:
    """Greet the world."""
    return "hello"


def greet(name: str = "world", greeting: str = "hello") -> str:
    """Greet somebody."""
    return f"{greeting} {name}"


def greeter(greeting: str) -> Callable[..., str]:
    """A function that greets in one way."""
    return partial(greet, greeting=greeting)


def names() -> list[str]:
    """Whom to greet."""
    return ["Ada", "Grace"]


def numbers() -> list[int]:
    """Some numbers."""
    return [2, 4, 8]


def argument_lists() -> list[list[str]]:
    """The arguments of several calls."""
    return [["Ada"], ["Grace"]]


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


def multiply(a: int, b: int) -> int:
    """A product."""
    return a * b


def total(numbers: list[int]) -> int:
    """A sum."""
    return sum(numbers)


def store(processed_at: str, numbers: list[int], others: list[int]) -> str:
    """Say what would be stored."""
    return f"{processed_at}: {len(numbers) + len(others)}"


def split(number: float) -> dict[str, float]:
    """The whole and the rest."""
    return {"whole": number // 1, "rest": number % 1}


def command(folder: str) -> str:
    """A shell command."""
    return f"ls {folder}"


def choose() -> str:
    """The branch to take."""
    return "left"


def is_late() -> bool:
    """Whether it is late."""
    return False


def is_ready() -> bool:
    """Whether it is time."""
    return True


def day_before(moment: datetime) -> datetime:
    """The moment that another DAG ran for."""
    return moment - timedelta(days=1)
