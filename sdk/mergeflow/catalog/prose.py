"""Docstrings as single plain lines, as the catalog has them."""

import re

LONGEST, LONGEST_OF_PARAMETER = 120, 80
"""The most characters of what is said about an entry, and about a parameter."""

_ROLE = re.compile(r":[\w:]+:`~?([^`<]*?)(?:\s*<[^`>]*>)?`")
_MARKUP = re.compile(r"``([^`]*)``|\*\*([^*]+)\*\*|`([^`<]+?)(?:\s*<[^`>]*>)?`_{0,2}")
_SENTENCE = re.compile(r"^(.*?(?<!e\.g)(?<!i\.e)(?<!etc))\.(?=\s+[A-Z`(]|\s*$)", re.DOTALL)


def one_line(text: str, longest: int) -> str:
    """The first sentence of a text without its markup, cut at a word where it is too long."""
    plain = _MARKUP.sub(lambda found: next(each for each in found.groups() if each), _ROLE.sub(_last_name, text))
    line = " ".join(plain.split())
    sentence = _SENTENCE.match(line)
    line = (sentence[1] if sentence else line).rstrip(".:; ").removesuffix(", e.g")
    return line if len(line) <= longest else f"{line[: longest - 3].rpartition(' ')[0].rstrip(',;:')}..."


def _last_name(found: re.Match[str]) -> str:
    """`airflow.sdk.DAG` of a reference is what a reader calls DAG."""
    return found[1].rpartition(".")[2] if " " not in found[1] else found[1]
