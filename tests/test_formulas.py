"""A formula is refused in plain words, or gives a finite number; nothing that it says is ever executed."""

import math
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeflow.arithmetic import FUNCTIONS, LARGEST, FormulaError
from mergeflow.formulas import LONGEST, SAMPLES, Formula, fault_in

REFUSED = {
    "": "empty",
    "   ": "empty",
    "value +": "not complete",
    "(value + 2": "parentheses do not match",
    "(" * 200: "not complete",
    "value + 2\n": "no place",
    "value\n+ 2": "one line",
    "value\x00": "U+0000",
    "value # two": "`#` has no place",
    "value + 2 😀": "`😀` has no place",
    "valeur + 2": "does not know `valeur`",
    "Value + 2": "does not know `Value`",
    "2value": "a sign is missing between `2` and `value`",
    "value 2": "a sign is missing between `value` and `2`",
    "1.2.3": "a sign is missing between `1.2` and `.3`",
    "2(value)": "a sign is missing in front of a parenthesis",
    "value(2)": "a sign is missing in front of a parenthesis",
    "(value)(2)": "a sign is missing in front of a parenthesis",
    "value ^ 2": "write `**`",
    "value = 2": "write `==`",
    "value \u00d7 2": "write `*`",
    "value := 2": "`:` has no place",
    "007": "begins with a zero too many",
    "1,5 * value": "decimals have a point",
    "min(value, *2)": "nothing to its left",
    "__import__('os').system('true')": "does not know `__import__`",
    "open(value)": "does not know `open`",
    "eval(value)": "does not know `eval`",
    "lambda: value": "does not know `lambda`",
    "value if value else 2": "does not know `if`",
    "value and 2": "does not know `and`",
    "[value for value in 2]": "`[` has no place",
    "value.real": "`.` has no place",
    "value.__class__": "`.` has no place",
    "1.real": "does not know `real`",
    "value[0]": "`[` has no place",
    "'a' * 9": "`'` has no place",
    'f"{value}"': "does not know `f`",
    "{value}": "`{` has no place",
    "`value`": "U+0060",
    "abs": "`abs` takes its numbers in parentheses",
    "(abs)(value)": "`abs` takes its numbers in parentheses",
    "abs()": "takes one number, and is given 0",
    "abs(value, 1)": "takes one number, and is given 2",
    "min(value)": "takes 2 or more numbers, and is given 1",
    "round(value, 1, 2)": "takes 1 or 2 numbers, and is given 3",
    "round(value=1)": "write `==`",
    "9**9**9": "an exponent is too large",
    "2 ** 1001": "an exponent is too large",
    "9**99**-9**9": "an exponent is too large",
    "value * 0 + 10 ** 999": "too large",
    "9.5 ** 999": "too large",
    "1" + "0" * 16: "too large",
    "1e999": "too large",
    "value / 0": "divides by zero when `value` is 1",
    "value % 0": "divides by zero",
    "value // (value - value)": "divides by zero",
    "0 ** -1": "divides by zero",
    "sqrt(-1)": "-1, has no square root",
    "(-8) ** 0.5": "a negative number has no such root",
    "round(value, -900000000)": "keeps 0 to 15 decimals",
    "round(value, 0.5)": "keeps 0 to 15 decimals",
    "-" * 60 + "1": "more than 50 steps",
    "+".join("1" * 60): "more than 50 steps",
    "value + " + "0" * LONGEST: "at most 255 characters, and this one has 263",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=lambda text: repr(text[:30]))
def test_what_is_no_formula_is_refused_in_plain_words(text: str, why: str) -> None:
    fault = fault_in(text)
    assert why in fault
    assert fault.isprintable()
    assert not fault.endswith(".")


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("value + 2", 40, 42),
        ("value ** 2", -3, 9),
        ("-value ** 2", -3, -9),
        ("  value*2 ", 1.5, 3.0),
        ("7 // 2 + 7 % 4 - 1 / 4", 0, 5.75),
        ("2 ** 0.5", 0, math.sqrt(2)),
        ("2 ** -1000", 0, 2**-1000),
        ("value > 50", 51, 1),
        ("(0 < value <= 50) * value", 51, 0),
        ("(value != 3) + (value == 3)", 3, 1),
        ("abs(value) + sqrt(16)", -3, 7),
        ("min(value, 2, 3) + max(value, 2)", 9, 11),
        ("round(value / 3, 2) + round(value / 3)", 10, 6.33),
        ("ceil(value / 3) - floor(value / 3)", 10, 1),
        (".5 + 1. + 1e3", 0, 1001.5),
        ("1000000000000000", 0, LARGEST),
        ("+".join("1" * 50), 0, 50),
    ],
)
def test_a_formula_is_arithmetic_as_on_paper(text: str, value: float, result: float) -> None:
    assert fault_in(text) == ""
    assert Formula(text).of(value) == result


def test_a_comparison_gives_a_number() -> None:
    assert type(Formula("value > 1").of(2)) is int


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("1 / (value - 50)", 50, "the formula divides by zero when `value` is 50"),
        ("sqrt(value)", -4.5, "a negative number, -4.5, has no square root"),
        ("value * value", LARGEST, "a number is too large: 1 with 15 zeros is the most"),
        ("value", 10**400, "`value` is too large: 1 with 15 zeros is the most"),
        ("value", math.nan, "`value` is too large: 1 with 15 zeros is the most"),
        ("value", "4", "`value` is no number"),
        ("value", None, "`value` is no number"),
    ],
)
def test_a_good_formula_says_why_it_gives_no_number_for_a_value(text: str, value: float, why: str) -> None:
    assert fault_in(text) == ""
    with pytest.raises(FormulaError) as refused:
        Formula(text).of(value)
    assert str(refused.value) == why


def test_a_formula_that_fails_only_somewhere_may_be_kept() -> None:
    assert fault_in("1 / (value - 1)") == ""


def test_a_formula_is_calculated_in_many_threads_at_once() -> None:
    formula, results = Formula("value + value - value"), {}

    def calculate(value: int) -> None:
        results[value] = {formula.of(value) for _ in range(50)}

    threads = [threading.Thread(target=calculate, args=(value,)) for value in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert results == {value: {value} for value in range(8)}


WORDS = st.sampled_from(
    ["value", *FUNCTIONS, *"+-*/%()<>,. =!", "**", "//", "0", "1", "9", "-3", "0.5", "1e9", "255", "if", "'", "[", "_"]
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=40), st.sampled_from(SAMPLES) | st.floats())
def test_any_text_is_refused_or_gives_a_finite_number(text: str, value: float) -> None:
    fault = fault_in(text)
    assert fault.isprintable()
    try:
        result = Formula(text).of(value)
    except FormulaError:
        return
    assert type(result) in (int, float)
    assert abs(result) <= LARGEST


NUMBERS = st.integers(1, 9).map(str) | st.just("value")
FORMULAS = st.recursive(
    NUMBERS,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "<", "**"]), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(FORMULAS, st.integers(1, 100))
def test_a_result_is_what_python_says(text: str, value: int) -> None:
    try:
        result = Formula(text).of(value)
    except FormulaError:
        return
    assert result == eval(text, {"__builtins__": {}}, {"value": value})  # noqa: S307 - arithmetic made here


def test_reading_the_module_imports_nothing_heavy() -> None:
    code = "import sys, mergeflow.formulas; print([each for each in ('ast', 'simpleeval') if each in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "[]\n"
