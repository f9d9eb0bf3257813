"""A KPI's formula: arithmetic on the number `value`, checked before it is kept, and calculated without `eval`.

simpleeval walks Python's syntax tree with a table of what it may do. Its own limits are made for more than formulas, so
the table here holds bounded arithmetic only; and what is no formula is refused before it is parsed, in words for people
who do not program.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mergeflow.arithmetic import FUNCTIONS, SIGNS, FormulaError, Number, bounded, too_large

if TYPE_CHECKING:
    import ast

NAME = "value"
LONGEST = 255
"""Characters; the column of a database holds no more."""
DEEPEST = 50
"""Steps inside one another: each costs the stack a few frames."""
SAMPLES = (1, 2, 50, 100, 0, -3, 0.5)
"""A formula that gives no number for any of these is refused: a simulator draws 1 to 100."""

_TOKEN = re.compile(
    r"[ \t]+|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?:\*\*|//|<=|>=|==|!=|[-+*/%<>(),])",
    re.ASCII,
)
_INSTEAD = {"^": "**", "=": "==", "\u00d7": "*", "\u00f7": "/", "\u2212": "-", "\u221a": "sqrt(…)", "\u00b2": "** 2"}
"""What to write for the signs that people know from paper."""


class Formula:
    """A formula that has been read: `Formula("value + 2").of(40)` is 42."""

    def __init__(self, text: str) -> None:
        """Read a text; raises `FormulaError` when it is no formula."""
        self.text = text
        self._tree = _read(text)

    def of(self, value: Number) -> Number:
        """The formula's result for a value; raises `FormulaError` where it has none."""
        from simpleeval import InvalidExpression  # type: ignore[import-untyped]

        evaluator = _evaluator()
        evaluator.names = {NAME: bounded(value, f"`{NAME}`")}
        try:
            return bounded(evaluator.eval(self.text, self._tree), "the result")
        except ZeroDivisionError:
            raise FormulaError(f"the formula divides by zero when `{NAME}` is {value:.15g}") from None
        except OverflowError:
            raise FormulaError(too_large()) from None
        except InvalidExpression as error:  # what the reading below has let through by mistake
            raise FormulaError(f"this is no formula: {error}") from None


def fault_in(text: str) -> str:
    """Why a text may not be kept as a formula; empty when it may."""
    try:
        formula = Formula(text)
    except FormulaError as error:
        return str(error)
    faults = []
    for sample in SAMPLES:
        try:
            formula.of(sample)
        except FormulaError as error:
            faults.append(str(error))
        else:
            return ""
    return faults[0]


@lru_cache(maxsize=1024)
def _read(text: str) -> "ast.expr":
    import ast

    if len(text) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST} characters, and this one has {len(text)}")
    if not text.strip():
        raise FormulaError(f"the formula is empty; write one such as `{NAME} + 2`")
    if len(text.splitlines()) > 1:
        raise FormulaError("a formula is one line")
    _refuse_tokens(text)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FormulaError("the formula is not complete, or its parentheses do not match") from None
    _refuse_depth(tree)
    for node in ast.walk(tree):
        _refuse(node)
    return tree


def _refuse_tokens(text: str) -> None:
    """Refuse, before Python's parser sees it, each text that is more than numbers, names and signs."""
    at, before = 0, ""
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise FormulaError(_misplaced(text[at]))
        at = token.end()
        if token[0].isspace():
            continue
        word = token["number"] or token["name"]
        if token["name"]:
            _refuse_name(token["name"], text[at:])
        if word and before:
            raise FormulaError(f"a sign is missing between `{before}` and `{word}`, such as `*`")
        if token["number"] and re.match("0[0-9]", token["number"]):
            raise FormulaError(f"the number `{word}` begins with a zero too many")
        before = word or ""


def _refuse_name(name: str, rest: str) -> None:
    if name != NAME and name not in FUNCTIONS:
        raise FormulaError(f"a formula does not know `{name}`: it knows {_known()}")
    if name in FUNCTIONS and not rest.lstrip().startswith("("):
        raise FormulaError(f"`{name}` takes its numbers in parentheses, as in `{name}({NAME})`")


def _misplaced(char: str) -> str:
    shown = f"`{char}`" if char.isprintable() and char != "`" else f"the character U+{ord(char):04X}"
    remedy = f"; write `{_INSTEAD[char]}`" if char in _INSTEAD else f": it is made of numbers, + - * / and {_known()}"
    return f"{shown} has no place in a formula{remedy}"


def _known() -> str:
    *names, last = (f"`{name}`" for name in (NAME, *FUNCTIONS))
    return f"{', '.join(names)} and {last}"


def _refuse_depth(tree: "ast.expr") -> None:
    """Refuse a tree too deep to walk; without recursion, for that is what it guards."""
    import ast

    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise FormulaError(f"the formula has more than {DEEPEST} steps inside one another: make it shorter")


def _refuse(node: "ast.AST") -> None:
    """Refuse what numbers, names and signs alone cannot tell."""
    import ast

    if isinstance(node, ast.Starred):
        raise FormulaError("a sign has nothing to its left")
    if isinstance(node, ast.Tuple):
        raise FormulaError("a comma stands only between the numbers of a function, and decimals have a point")
    if isinstance(node, ast.Constant):
        bounded(node.value)
    if not isinstance(node, ast.Call):
        return
    if not isinstance(node.func, ast.Name) or node.func.id == NAME:
        raise FormulaError("a sign is missing in front of a parenthesis, such as `*`")
    least, most, _ = FUNCTIONS[node.func.id]
    if not least <= len(node.args) <= most:
        raise FormulaError(f"`{node.func.id}` takes {_counted(least, most)}, and is given {len(node.args)}")


def _counted(least: int, most: int) -> str:
    if least == most:
        return "one number" if least == 1 else f"{least} numbers"
    return f"{least} or more numbers" if most >= LONGEST else f"{least} or {most} numbers"


def _evaluator() -> Any:
    """A new one for each calculation: it holds the value, and threads calculate at once."""
    import ast

    from simpleeval import SimpleEval

    signs = {getattr(ast, name): step for name, step in SIGNS.items()}
    evaluator = SimpleEval(operators=signs, functions={name: each.call for name, each in FUNCTIONS.items()})
    kept = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant)
    evaluator.nodes = {kind: evaluator.nodes[kind] for kind in kept}
    return evaluator
