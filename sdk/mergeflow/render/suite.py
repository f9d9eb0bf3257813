"""A suite as YAML that a person goes on with: each line with the reason why it is proposed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mergeflow.render.spelled import spelled

WIDEST = 120
"""Beyond this an expectation takes a line for each of its keys."""

_WORD = re.compile(r"[A-Za-z]\w{2,}", re.ASCII)
_NO_TEXT = ("yes", "off", "true", "false", "null")
"""The words of more than two letters that YAML takes for something else. A thousand columns are mostly words."""


class Said(NamedTuple):
    """One column or expectation as it would stand in a suite, and why it is proposed; no reason needs no comment."""

    config: Mapping[str, Any]
    why: str = ""


def suite(about: str, dataset: str, columns: Mapping[str, Said], expectations: Sequence[Said]) -> str:
    """The text of a suite's file."""
    lines = [
        *_comment(about),
        "description: 'TODO: what one row is, and who needs it'",
        f"dataset: {_key(dataset)}",
        "columns:",
        *(f"  {_key(name)}: {_flow(said.config)}{_aside(said.why)}" for name, said in columns.items()),
        "expectations:",
        *(line for said in expectations for line in _expectation(said)),
    ]
    return "\n".join(lines) + "\n"


def _expectation(said: Said) -> Iterable[str]:
    yield from (f"  {line}" for line in _comment(said.why))
    flat = f"  - {_flow(said.config)}"
    if len(flat) <= WIDEST:
        yield flat
        return
    for i, (key, value) in enumerate(said.config.items()):
        yield f"  {'  ' if i else '- '}{key}: {_value(value)}"


def _flow(config: Mapping[str, Any]) -> str:
    return f"{{{', '.join(f'{_key(key)}: {_value(value)}' for key, value in config.items())}}}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _key(value) if isinstance(value, str) else spelled(value)


def _key(text: str) -> str:
    """A text on one line, and quoted wherever it would end or be something else within braces."""
    if _WORD.fullmatch(text) and text.lower() not in _NO_TEXT:
        return text
    written = spelled([text])[1:-1]
    if "\n" in written or not text.isprintable():
        import yaml

        dumped: str = yaml.dump([text], Dumper=yaml.SafeDumper, default_flow_style=True, default_style='"', width=10**9)
        written = dumped.strip().removeprefix("[").removesuffix("]")
    return written


def _comment(text: str) -> list[str]:
    return [f"# {_printable(line)}" for line in text.splitlines()]


def _aside(text: str) -> str:
    return f"  # {_printable(text)}" if text else ""


def _printable(text: str) -> str:
    """A comment is no place for what YAML forbids."""
    return "".join(each if each.isprintable() else "?" for each in text)
