"""Regular expressions of templates: searched as Python searches, but never without an end."""

import re

import pytest

from mergeflow.patterns import MOST_STEPS, Unsearchable, searched

PATTERNS = [
    "^[a-z]+(_[a-z]+)*$", "a", "", "^a|b$", "(ab|a)(c|bcd)", "a{2,3}", "^a{0,2}$", "^(a|b)*c?$", "[^a]", "^.$", "^a+?b",
    r"^\d{2}-\w+$", "(a*)*", "^(?:ab){2}$", "a$", "(a|)b", "^[0-9]{4}$", "(?:a?){3}b", "^(a{1,2}){2}$",
]  # fmt: skip
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "aab",
    "aaa",
    "aaaa",
    "abc",
    "a_b",
    "_a",
    "abcd",
    "12-x",
    "2024",
    "a\n",
    "\n",
    "ababab",
    "abab",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_found_where_python_finds_it(pattern: str) -> None:
    found = [searched(pattern, text) for text in TEXTS]
    assert found == [re.search(pattern, text) is not None for text in TEXTS]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(a*)*$", "a*" * 30 + "$"])
def test_what_has_many_ways_to_fail_fails(pattern: str) -> None:
    assert not searched(f"{pattern}b", "a" * 200 + "!")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("[", "is no regular expression: unterminated character set at position 0"),
        ("(?i)a", "sets flags, which JSON Schema does not know"),
        (r"(a)\1", "looks around, back, or for the edge of a word, which has no bound here"),
        (f"a{{{MOST_STEPS + 1}}}", f"has over {MOST_STEPS} steps once its repeats are written out"),
        ("((a{99}){99}){99}", f"has over {MOST_STEPS} steps once its repeats are written out"),
        ("a?" * (MOST_STEPS + 1), f"has over {MOST_STEPS} steps once its repeats are written out"),
    ],
)
def test_what_has_no_bound_is_refused(pattern: str, says: str) -> None:
    with pytest.raises(Unsearchable) as refused:
        searched(pattern, "a")
    assert str(refused.value) == says
