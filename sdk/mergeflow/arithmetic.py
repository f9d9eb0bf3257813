"""What a formula may do with numbers: nothing here takes long, grows large, or gives anything but a real number."""

import math
import operator
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

Number = int | float
Step = Callable[..., Number]

LARGEST = 10**15
"""No number is farther from 0: up to here a float, and so a database, holds every whole number exactly."""
EXPONENT = 1000
"""No exponent is farther from 0."""
DIGITS = 15
"""`round` keeps no more decimals: Python's own would compute a power of ten of any size."""
ANY = 255
"""How many numbers `min` and `max` take at most: more than a formula has room for."""


class FormulaError(ValueError):
    """Why a text is no formula, or why a formula gives no number; one line, without a full stop."""


class Function(NamedTuple):
    """A function that formulas know: how few and how many numbers it takes, and what it does."""

    least: int
    most: int
    call: Step


def bounded(number: object, what: str = "a number") -> Number:
    """The number, if it is a real one of bearable size; a comparison's is 1 or 0. Raises `FormulaError`."""
    if isinstance(number, complex):
        raise FormulaError("a negative number has no such root")
    if not isinstance(number, int | float):
        raise FormulaError(f"{what} is no number")
    if not -LARGEST <= number <= LARGEST:  # nor is NaN
        raise FormulaError(too_large(what))
    return int(number) if isinstance(number, bool) else number


def too_large(what: str = "a number") -> str:
    """How a number beyond `LARGEST` is refused."""
    return f"{what} is too large: 1 with {len(str(LARGEST)) - 1} zeros is the most"


def _step(function: Callable[..., Any], *numbers: Number) -> Number:
    return bounded(function(*numbers))


def _power(base: Number, exponent: Number) -> Any:
    if abs(exponent) > EXPONENT:
        raise FormulaError(f"an exponent is too large: {EXPONENT} is the most")
    return base**exponent


def _sqrt(number: Number) -> float:
    if number < 0:
        raise FormulaError(f"a negative number, {number:.15g}, has no square root")
    return math.sqrt(number)


def _round(number: Number, digits: Number = 0) -> Number:
    if digits != int(digits) or not 0 <= digits <= DIGITS:
        raise FormulaError(f"`round` keeps 0 to {DIGITS} decimals, not {digits:.15g}")
    return round(number, int(digits)) if digits else round(number)


_PLAIN: dict[str, Callable[..., Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": _power,
    "USub": operator.neg,
    "UAdd": operator.pos,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Eq": operator.eq,
    "NotEq": operator.ne,
}
SIGNS: dict[str, Step] = {name: partial(_step, function) for name, function in _PLAIN.items()}
"""What each sign does, by its name in Python's syntax tree."""

FUNCTIONS = {
    "abs": Function(1, 1, abs),
    "min": Function(2, ANY, min),
    "max": Function(2, ANY, max),
    "round": Function(1, 2, _round),
    "sqrt": Function(1, 1, _sqrt),
    "floor": Function(1, 1, math.floor),
    "ceil": Function(1, 1, math.ceil),
}
"""None gives more than it was given."""
