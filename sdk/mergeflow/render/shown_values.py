"""Values of data as text that a person can trust: what nobody would see, or what moves its neighbours, is spelled."""

import json
import re
import unicodedata
from typing import Any

_AMBIGUOUS = re.compile(r"|\s.*|.*\s|null|true|false|[-+]?[0-9][0-9_.,eE+-]*", re.DOTALL | re.IGNORECASE)
"""Texts that would be taken for nothing, or for a value that is no text."""
_SPELLED_OUT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(value: Any) -> str:
    """A value of JSON: texts as they are, in quotes where they could be taken for something else."""
    if isinstance(value, str):
        return visible(f'"{value}"' if _AMBIGUOUS.fullmatch(value) else value)
    return visible(json.dumps(value, ensure_ascii=False))


def visible(text: str) -> str:
    """A text whose control characters, marks of direction, invisible and broken characters are spelled `\\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _SPELLED_OUT:
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
