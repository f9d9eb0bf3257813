"""A rule's examples, tried: what its docstring and its cases promise, against what a check finds in them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mergeflow.catalog import CATALOG_PATH
from mergeflow.checker import check
from mergeflow.diagnostic import Diagnostic, Report, in_order
from mergeflow.render import text
from mergeflow.rules import HOUSE_RULES, RULES, Rule
from mergeflow.rules.house import House
from mergeflow.rules.page import Page
from mergeflow.workspace import known_around, select

TEAM_FILE = "configs/team/a.yaml"
"""The file that an example is when it names none; its team has a stub."""
_HEAD = re.compile(r"^# (configs/\S+|dags/\S+|validators/samples/\S+|validators/\S+\.ya?ml)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Trial:
    """What examples are tried with: a repository, whose catalog counts, and the rules that look at them."""

    root: Path
    rules: Sequence[Rule]
    failures: Sequence[Diagnostic] = ()
    """Where the house rules among them leave what goes wrong."""

    def report(self, example: str) -> Report:
        """What a check finds in an example's files, which are written into a folder that is removed again."""
        with TemporaryDirectory(prefix="mergeflow-example-") as folder:
            scratch = Path(folder)
            catalog = self.root / CATALOG_PATH
            files = {"configs/.keep": "", "dags/team.py": "", **split(example)}
            files |= {CATALOG_PATH: catalog.read_text(encoding="utf-8")} if catalog.is_file() else {}
            for path, content in files.items():
                file = scratch / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content, encoding="utf-8", newline="")
            before = len(self.failures)
            found = check(select(scratch, ()).project, known_around(scratch), None, self.rules)
            return replace(found, diagnostics=in_order([*found.diagnostics, *self.failures[before:]]))


def split(example: str) -> dict[str, str]:
    """The files of an example, by path: a comment `# configs/team/a.yaml` at the beginning of a line starts one."""
    before, *rest = _HEAD.split(example)
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    files = {path: content for path, content in files.items() if ".." not in path.split("/")}
    return {TEAM_FILE: before} | files if before.strip() else files


def _trial(root: Path, slug: str, house: House | None) -> Trial:
    """What a rule's examples are tried with: the built-in rules and, of the house's, this one alone."""
    own = [rule for rule in house.rules if slug == rule.ID] if house else []
    return Trial(root, (*RULES, *own), house.failures if house else ())


@dataclass(frozen=True, slots=True)
class Attempt:
    """One example or case, and what is wrong with it."""

    name: str
    wrong: tuple[str, ...]


def attempts(chosen: Iterable[Page], root: Path, house: House | None, *, update: bool = False) -> Iterator[Attempt]:
    """Try the examples in docstrings and, for house rules, the case files; `update` accepts what the cases print.

    Without a catalog the built-in rules are passed over: most of their examples need to know an operator.
    """
    own = {rule.ID: rule for rule in house.rules} if house else {}
    known_operators = (root / CATALOG_PATH).is_file()
    for page in chosen:
        if not page.bad or not (known_operators or page.slug in own):
            continue
        tried_with = _trial(root, page.slug, house)
        yield Attempt(page.slug, tuple(_broken_promises(page, tried_with)))
        for case in sorted((root / HOUSE_RULES / "cases" / page.slug).glob("*.yaml")) if page.slug in own else ():
            yield _attempt(case, tried_with, update=update)


def printed(case: Path, trial: Trial) -> str:
    """What `mergeflow check --all` prints about a case."""
    return f"{text.render(trial.report(case.read_text(encoding='utf-8')), everything=True)}\n"


def _attempt(case: Path, trial: Trial, *, update: bool) -> Attempt:
    expected, now = case.with_suffix(".out"), printed(case, trial)
    if update:
        expected.write_text(now, encoding="utf-8")
    before = expected.read_text(encoding="utf-8") if expected.exists() else ""
    name = case.relative_to(trial.root).as_posix()
    if before == now:
        return Attempt(name, ())
    from difflib import unified_diff

    changes = unified_diff(before.splitlines(), now.splitlines(), expected.name, "now", lineterm="")
    return Attempt(name, ("\n".join(("it prints something else than is expected; --update accepts it", *changes)),))


def _broken_promises(page: Page, trial: Trial) -> Iterator[str]:
    """What is not so in the examples of a docstring: *Bad* is found by this rule alone, *Good* by none."""
    found = [each.rule for each in trial.report(page.bad).diagnostics]
    if page.slug not in found:
        yield "Bad is not found by the rule"
    for rule in sorted(set(found) - {page.slug}):
        yield f"Bad is found by `{rule}` too; an example shows one mistake"
    for each in trial.report(page.good).diagnostics:
        yield f"Good is not clean: {each.location}: {each.message} [{each.rule}]"
