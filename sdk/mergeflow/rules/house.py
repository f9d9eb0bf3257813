"""House rules: a repository's own rules, one module each in `validators/rules/`, of the same protocol as the built-in.

They are Python of whoever owns that folder, and `mergeflow check` runs them; the stubs that Airflow reads do not. Each
is guarded: one that cannot be loaded, or fails while it checks, is a diagnostic at its own file; the others still run.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from mergeflow.diagnostic import Diagnostic, Place, Problem, Severity
from mergeflow.project import Project
from mergeflow.rules import HOUSE_RULES, RULES
from mergeflow.rules.afterwards import AFTERWARDS
from mergeflow.rules.known import Known
from mergeflow.rules.page import Page, parse
from mergeflow.rules.reading import READING
from mergeflow.source import Location, Position, Span

_HINT = f"mend it, or take it out of {HOUSE_RULES}/: what it would have found is not reported"


@dataclass(slots=True)
class HouseRule:
    """One rule of the house, guarded; what goes wrong in it is left in `failures`."""

    ID: str
    SEVERITY: Severity
    OPTIONAL: bool
    POLICY_ONLY: bool
    page: Page
    path: str
    run: Callable[[Project, Known], Iterable[Any]]
    failures: list[Diagnostic]
    source: str

    def check(self, project: Project, known: Known, /) -> Iterator[Problem]:
        """Every problem that the rule finds, until it fails."""
        running: Any = None
        try:
            running = self.run(project, known)
            if running is None:
                raise TypeError("it returns None, where it should yield problems")  # noqa: TRY301 - the words are below
            for found in running:
                yield replace(_problem(found), rule=self.ID)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's code, and the other rules must run
            stopped = getattr(running, "gi_frame", None)
            code = getattr(self.run, "__code__", None)
            line = stopped.f_lineno if stopped else code.co_firstlineno if code else 1
            what = "this rule failed while it checked"
            self.failures.append(_failure(self.path, self.source, what, error, line))


@dataclass(frozen=True, slots=True)
class House:
    """The rules of a house. `failures` grows while they check: ask for it afterwards."""

    rules: tuple[HouseRule, ...]
    failures: list[Diagnostic]

    @property
    def pages(self) -> tuple[Page, ...]:
        """What there is to say about each."""
        return tuple(rule.page for rule in self.rules)


def load_house(root: Path) -> House:
    """Every module of `validators/rules/` whose name does not begin with an underscore, in the order of the names."""
    failures: list[Diagnostic] = []
    names = sorted(each.name for each in (root / HOUSE_RULES).glob("*.py") if each.name[0] not in "_.")
    loaded = (load_rule(root, f"{HOUSE_RULES}/{name}", failures) for name in names)
    return House(tuple(each for each in loaded if each), failures)


def load_rule(root: Path, path: str, failures: list[Diagnostic]) -> HouseRule | None:
    """The rule in a file; none, and a diagnostic more, when there is none."""
    source = ""
    try:
        source = (root / path).read_text(encoding="utf-8")
        module = _module(path, source)
        page = _page(module, path.rpartition("/")[2].removesuffix(".py"))
        by_policy_only = getattr(module, "POLICY_ONLY", False) is True
        wishes = page.optional, by_policy_only
        return HouseRule(page.slug, page.severity, *wishes, page, path, module.check, failures, source)
    except _Lacks as lack:
        failures.append(_at(path, source, 1, str(lack), lack.hint))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's code, and the other rules must run
        failures.append(_failure(path, source, "this rule cannot be loaded", error))
    return None


class _Lacks(Exception):
    """A module that loads and is no rule; its text is a diagnostic's."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _module(path: str, source: str) -> ModuleType:
    """The module, run from its text: importing it would leave a `__pycache__` among the user's files."""
    module = ModuleType(f"mergeflow_house_rules.{path.rpartition('/')[2].removesuffix('.py')}")
    module.__file__ = path
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - the platform team's own code
    return module


def _page(module: ModuleType, name: str) -> Page:
    """What a module says of itself, if it has all that makes a rule. Raises _Lacks."""
    slug = name.replace("_", "-")
    found, severity = getattr(module, "ID", None), getattr(module, "SEVERITY", None)
    if slug in READING or slug in AFTERWARDS or any(slug == rule.ID for rule in RULES):
        raise _Lacks(f"`{slug}` is a rule of Mergeflow's already", "give this file and its ID another name")
    if found != slug:
        raise _Lacks(f"this rule's ID must be `{slug}`, like its file", f'write `ID = "{slug}"`')
    if not isinstance(severity, Severity):
        hint = "write `SEVERITY = Severity.WARNING`, with `from mergeflow.diagnostic import Severity`"
        raise _Lacks("this rule has no SEVERITY", hint)
    if not callable(getattr(module, "check", None)):
        raise _Lacks("this rule has no function `check`", "write `def check(project, known)`, which yields problems")
    try:
        page = parse(slug, severity, module.__doc__ or "", optional=getattr(module, "OPTIONAL", False) is True)
    except ValueError:
        page = None
    if page is None or not page.bad:
        message = "this rule's docstring needs four parts: a title with a full stop, *Why*, *Bad* and *Good*"
        raise _Lacks(message, "`mergeflow new rule <name>` writes one to start from")
    return page


def _problem(found: Any) -> Problem:
    """What a rule has yielded, if it is a problem that can be located and sorted. Raises TypeError."""
    if not isinstance(found, Problem):
        raise TypeError(f"it yields {found!r:.60}, which is no Problem")
    if not (isinstance(found.message, str) and isinstance(found.hint, str)):
        raise TypeError("a problem's message and hint must be texts")
    for place in (found.place, *(each.place for each in found.related)):
        if not (isinstance(place, Place) and isinstance(place.path, str) and isinstance(place.route, tuple)):
            raise TypeError(f"the place of a problem is {place!r:.60}, which is no Place of a path and a tuple")
    hash(found)  # a route through a list, say
    return found


def _failure(path: str, source: str, what: str, error: BaseException, line: int = 1) -> Diagnostic:
    """Where in the rule's own file an exception came from; `line` when it came from elsewhere."""
    line = error.lineno or 1 if isinstance(error, SyntaxError) and error.filename == path else line
    trace = error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == path else line
        trace = trace.tb_next
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return _at(path, source, line, f"{what}: {type(error).__name__}{f': {said}' if said else ''}", _HINT)


def _at(path: str, source: str, line: int, message: str, hint: str) -> Diagnostic:
    """A diagnostic that marks a whole line of a rule."""
    lines = source.split("\n")
    text = lines[line - 1].removesuffix("\r") if line <= len(lines) else ""
    start = len(text) - len(text.lstrip()) + 1
    span = Span(Position(line, start), Position(line, max(len(text.rstrip()) + 1, start)))
    return Diagnostic(Location(path, span), "broken-rule", message, source_line=text, hint=hint)
