"""How a config names another task's result: `+task`, `+task["key"]`, `task.output` and `XcomArg(task)`."""

import re

_PLUS = re.compile(r"""\+(\w*)(\[['"].*['"]\])?\n?""")
_OUTPUT = re.compile(r"(.+?)\.output|.*XcomArg.*?\(+(.*?)\)", re.DOTALL)


def of_a_decorator(value: str) -> str:
    """The task that a decorated task's argument names, or nothing."""
    found = _PLUS.fullmatch(value) if value.startswith("+") else None
    return found[1] if found else ""


def of_an_operator(value: str) -> str:
    """The task that a value of an operator's `expand` names, or nothing."""
    found = _OUTPUT.match(value) if ".output" in value or "XcomArg" in value else None
    return (found[1] or found[2] or "") if found else ""
