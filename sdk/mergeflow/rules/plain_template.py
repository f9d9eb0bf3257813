"""Plain expressions such as `{{ macros.ds_add(ds, -1) | replace('-', '') }}`, read without Jinja.

To import Jinja takes longer than the rest of a check, and most templates hold nothing else. Whatever is not surely
right here is left to Jinja: blocks, comments, lists, conditions, tests.
"""

import re

_TOKEN = re.compile(
    r"""\s*+(?:(?P<name>[A-Za-z_]\w*+)|(?P<number>(?:0|[1-9]\d*+)(?![.\w]))|(?P<text>'[^'\\]*+'|"[^"\\]*+")"""
    r"""|(?P<sign>==|!=|-?\}\}|[()\[\].,|=+~-]))""",
    re.ASCII,
)
_SIGNS = frozenset({"or", "and", "==", "!=", "+", "-", "~"})
_WORDS = frozenset({"and", "else", "if", "in", "is", "not", "or"})
_CONSTANTS = frozenset({"true", "false", "none", "True", "False", "None"})
_MOST_TOKENS = 100


class NotPlain(Exception):
    """Jinja must be asked."""


class PlainExpression:
    """The names, members and filters of the expression that begins with the braces at `start`; `end` is behind it.

    What stands behind `or` and `and` is left out: it may never be asked for. Raises NotPlain.
    """

    def __init__(self, text: str, start: int) -> None:
        self.names: set[str] = set()
        self.members: set[tuple[str, str]] = set()
        self.filters: set[str] = set()
        if not text.startswith("{{", start):
            raise NotPlain
        self.end = start + (3 if text.startswith("{{-", start) else 2)
        self._tokens: list[tuple[str | None, str]] = [("sign", "")]
        while not self._tokens[-1][1].endswith("}}"):
            token = _TOKEN.match(text, self.end)
            if token is None or len(self._tokens) > _MOST_TOKENS:
                raise NotPlain
            self._tokens.append((token.lastgroup, token[token.lastgroup or 0]))
            self.end = token.end()
        self._at = 1
        self._expression(sure=True)
        if self._at != len(self._tokens) - 1:
            raise NotPlain

    def _take(self, kind: str, word: str = "") -> str:
        found, text = self._tokens[self._at]
        if found != kind or (word and text != word):
            raise NotPlain
        self._at += 1
        return text

    def _next(self, after: int = 0) -> str:
        return self._tokens[min(self._at + after, len(self._tokens) - 1)][1]

    def _expression(self, *, sure: bool) -> None:
        self._operand(sure=sure)
        while self._next() in _SIGNS:
            sure = sure and self._next() not in _WORDS
            self._at += 1
            self._operand(sure=sure)

    def _operand(self, *, sure: bool) -> None:
        kind, word = self._tokens[self._at]
        variable = ""
        if word == "-":
            self._at += 1
            kind, word = "number", self._take("number")
        elif kind == "sign":
            self._take("sign", "(")
            self._expression(sure=sure)
            self._take("sign", ")")
        else:
            self._at += 1
        if kind == "name" and word in _WORDS:
            raise NotPlain
        if kind == "name" and sure and word not in _CONSTANTS:
            self.names.add(word)
            variable = word
        self._rest(variable, sure=sure)

    def _rest(self, variable: str, *, sure: bool) -> None:
        """Members, items, calls and filters behind an operand."""
        filtered = False
        while (word := self._next()) in (".", "[", "(", "|") and not (filtered and word in ".["):
            self._at += 1
            if word == ".":
                member = self._take("name")
                self.members |= {(variable, member)} if variable else set()
            elif word == "[":
                self._expression(sure=sure)
                self._take("sign", "]")
            elif word == "(":
                self._arguments(sure=sure)
            else:
                self.filters.add(self._take("name"))
                filtered = True
            variable = ""

    def _arguments(self, *, sure: bool) -> None:
        """What stands in the brackets of a call: by position, then by name."""
        named = False
        while self._next() != ")":
            if self._next(1) == "=":
                self._take("name")
                self._at += 1
                named = True
            elif named:
                raise NotPlain
            self._expression(sure=sure)
            if self._next() != ")":
                self._take("sign", ",")
                if self._next() == ")":
                    raise NotPlain
        self._at += 1
