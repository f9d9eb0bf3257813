"""What Jinja says about a text that it cannot parse, in the words of whoever wrote the text."""

import re

_FOR_OTHERS = "`{% raw %}…{% endraw %}` keeps what is meant for another program"
_CLOSE = f"close it; {_FOR_OTHERS}"
_TOKENS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of print statement": "{{",
    "begin of statement block": "{%",
    "end of template": "the end of the text",
}
_SAYINGS: tuple[tuple[str, str, str], ...] = (
    (r"Missing end of comment tag", "the comment that `{#` begins is never closed", _FOR_OTHERS),
    (r"Missing end of raw directive", "`{% raw %}` is never closed", "write `{% endraw %}` after it"),
    (r"unexpected end of template, expected '(.+)'", "what is opened is never closed: `{0}` is missing", _CLOSE),
    (
        r"Unexpected end of template\..* closed is '(\w+)'",
        "`{% {0} %}` is never closed",
        "write `{% end{0} %}` after it",
    ),
    (
        r"Encountered unknown tag 'end(\w+)'.* closed is '(\w+)'",
        "`{% end{0} %}` stands where `{% {1} %}` is still open",
        "end that first: `{% end{1} %}`",
    ),
    (r"Encountered unknown tag 'end(\w+)'", "`{% end{0} %}` ends nothing", "remove it, or begin with `{% {0} … %}`"),
    (r"Encountered unknown tag '(else|elif)'", "`{% {0} %}` belongs to nothing", "begin with `{% if … %}`"),
    (r"Encountered unknown tag '(\w+)'", "there is no tag `{0}`", _FOR_OTHERS),
    (r"Expected an expression, got '(.+)'", "an expression is missing before `{0}`", ""),
    (r"expected token '(.+)', got '(.+)'", "`{1}` stands where `{0}` is expected", ""),
    (r"unexpected '(.+)', expected '(.+)'", "`{0}` stands where `{1}` is expected", ""),
    (r"unexpected char (?:'\"'|\"'\")", "a quote is never closed", "close it"),
    (r"unexpected char '(.)'", "`{0}` cannot stand there", _FOR_OTHERS),
    (r"unexpected '(\.)'", "`{0}` cannot stand there", _FOR_OTHERS),
    (r"unexpected '(.+)'", "`{0}` cannot stand there", ""),
    (r"expected name or number", "a name is missing after a dot", ""),
    (r"tag name expected", "the name of a tag is missing after `{%`", _FOR_OTHERS),
)
"""Jinja's words, ours, and the remedy."""


def explain(message: str, text: str) -> tuple[str, str]:
    """A reason without its line, and a hint where one is known."""
    for saying, reason, hint in _SAYINGS:
        found = re.match(saying, message, re.DOTALL)
        if found:
            words = [_TOKENS.get(each, each) for each in found.groups() if each is not None]
            return _filled(reason, words), _filled(hint or _single(text), words)
    plain = message.rstrip(".")
    return f"{plain[:1].lower()}{plain[1:]}", _single(text)


def _filled(text: str, words: list[str]) -> str:
    for i, word in enumerate(words):
        text = text.replace(f"{{{i}}}", word)
    return text


def _single(text: str) -> str:
    """The mistake that people make most: one brace at the end in the place of two."""
    return "close it with two braces, `}}`" if re.search(r"\{\{[^{}]*\}(?!\})", text) else ""
