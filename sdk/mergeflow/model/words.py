"""The words of diagnostics: what a value is called, and which word was meant where a finger has slipped."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date

MOST_HINTS = 20
"""So many problems of one kind get a hint that takes its time to find: nobody reads more of them."""
LONGEST_WORD, MOST_WORDS = 100, 500
"""Beyond these nobody has misspelt anything, and comparing takes its time."""
MOST_COMPARED = 50_000
"""So many pairs of different words are compared for one report, which takes half a second: who has more mistakes has
read enough hints."""

_KINDS: dict[type, str] = {
    str: "text",
    int: "a number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
    date: "a date",
}


def near(word: str, words: Collection[str], but: str = "") -> str:
    """A hint that names the nearest of `words`, but never the one that is no answer; nothing when none is near."""
    found = nearest(word, words, but)
    return f"did you mean `{found}`?" if found else ""


def nearest(word: str, words: Collection[str], but: str = "") -> str:
    """The one of `words` that a slip of the finger turns into `word`, or nothing."""
    if len(word) > LONGEST_WORD or len(words) > MOST_WORDS:
        return ""
    if _patience:
        return _patience[-1].nearest(word, frozenset(words) - {but})
    return _compared(word, frozenset(words) - {but})


@contextmanager
def patience() -> Iterator[None]:
    """Within, no more than `MOST_COMPARED` words are compared, each pair of word and words once."""
    _patience.append(_Patience())
    try:
        yield
    finally:
        _patience.pop()


class _Patience:
    """What has been compared for one report."""

    def __init__(self) -> None:
        self._left = MOST_COMPARED
        self._found: dict[tuple[str, frozenset[str]], str] = {}

    def nearest(self, word: str, words: frozenset[str]) -> str:
        """The nearest word, or nothing when enough has been compared."""
        if (word, words) not in self._found:
            if self._left <= 0:
                return ""
            self._left -= len(words)
            self._found[word, words] = _compared(word, words)
        return self._found[word, words]


_patience: list[_Patience] = []


def _compared(word: str, words: frozenset[str]) -> str:
    from difflib import get_close_matches

    known = [each for each in words if len(each) <= LONGEST_WORD]
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.7 if len(word) > 4 else 0.65)), "")


def likely(word: str, words: Collection[str], most: int = 30) -> list[str]:
    """The few of many words that begin and end most like this one: what `near` can be asked about."""
    from heapq import nlargest

    back = word[::-1]
    return nlargest(most, words, key=lambda each: (_alike(word, each) + _alike(back, each[::-1]), each))


def _alike(one: str, other: str) -> int:
    """How many characters two words begin with in common."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def kind_of(value: object) -> str:
    """A value's type as YAML's users call it."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"{value}".lower()
    return next((name for kind, name in _KINDS.items() if isinstance(value, kind)), f"a {type(value).__name__}")
