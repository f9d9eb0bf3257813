"""Patterns of paths and names, `configs/legacy/**` and `payments_*`: matched in bounded time, whatever they are."""

import re
from functools import lru_cache

_WILD = r"(/\*\*(?=/)|\*\*/?|\*|\?)"
_MOST_STARS, _LONG = 2, 1_000
"""Beyond these a regular expression might try every division of a text into parts."""
_MEANS = {"/**": "(?:/.*)?", "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_pattern(text: str) -> bool:
    """Whether it may match more than itself."""
    return "*" in text or "?" in text


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern matches the whole text: `*` within a folder, `**` across folders, `?` one character."""
    if not is_pattern(pattern):
        return text == pattern
    compiled = _compiled(pattern) if len(text) <= _LONG else None
    return _walks(text, pattern) if compiled is None else compiled.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern as a regular expression; none where that might try a text's every division into parts."""
    parts = re.split(_WILD, pattern)
    if sum("*" in part for part in parts) > _MOST_STARS:
        return None
    return re.compile("".join(_MEANS.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _walks(text: str, pattern: str) -> bool:
    """The same without trying anything twice: after each part of the pattern, every place that it may end at."""
    ends = {0}
    for part in re.split(_WILD, pattern):
        ends = _ends(text, part, ends)
    return len(text) in ends


def _ends(text: str, part: str, starts: set[int]) -> set[int]:
    """Where a part of a pattern may end that begins at one of these places."""
    if part not in _MEANS:
        return {at + len(part) for at in starts if text.startswith(part, at)}
    if part == "?":
        return {at + 1 for at in starts if text[at : at + 1] not in ("", "/")}
    ends = set(starts)
    if part == "*":
        for at, character in enumerate(text):
            if at in ends and character != "/":
                ends.add(at + 1)
    elif part == "/**":
        begun = [at + 1 for at in starts if text.startswith("/", at)]
        ends.update(range(min(begun, default=len(text) + 1), len(text) + 1))
    else:
        first = min(starts, default=len(text) + 1)
        ends.update(
            at for at in range(first, len(text) + 1) if part == "**" or (text[at - 1 : at] == "/" and at > first)
        )
    return ends
