"""What is let be: problems that the policy waives, and those that a comment beside them ignores."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from mergeflow.diagnostic import Diagnostic, Place, Problem, Severity
from mergeflow.files import POLICY
from mergeflow.levels import own_level
from mergeflow.model import near
from mergeflow.project import Project
from mergeflow.rules import Rule
from mergeflow.rules.afterwards import AFTERWARDS
from mergeflow.rules.reading import READING
from mergeflow.source import Location

if TYPE_CHECKING:
    from mergeflow.ignores import Ignore
    from mergeflow.policy import Waiver


MARK = "mergeflow:"
"""What stands in each comment that ignores something."""
Verdict = Literal["stands", "waived", "ignored"]
"""What becomes of a problem."""


class Pardons:
    """The waivers and comments of a project; remembers which of them have let something be.

    `today` decides which waivers have expired; without it, all hold. `rules` are those that are run, `slugs` all that
    there are (none: not known).
    """

    def __init__(
        self, project: Project, rules: Collection[Rule], slugs: Collection[str] | None, today: date | None
    ) -> None:
        self._project, self._slugs = project, slugs
        self._rules = {rule.ID: rule for rule in rules}
        self._waivers = [each for each in project.policy.waivers if today is None or not each.has_expired(today)]
        self._useful_waivers: set[Waiver] = set()
        self._useful_slugs: set[tuple[Ignore, str]] = set()

    def verdict(self, problem: Problem, diagnostic: Diagnostic) -> Verdict:
        """Whether a problem stands; `diagnostic` is the same one, located."""
        if self._waives(problem):
            return "waived"
        return "ignored" if self._ignores(diagnostic) else "stands"

    def _waives(self, problem: Problem) -> bool:
        """Whether the policy waives a problem."""
        place = problem.place
        dag_id = place.made.dag_id if place.made else str(place.route[0]) if place.route else ""
        paths = (place.path, place.made.path if place.made else place.path)
        covering = [each for each in self._waivers if any(each.covers(problem.rule, path, dag_id) for path in paths)]
        self._useful_waivers.update(covering)
        return bool(covering) and problem.rule not in READING

    def _ignores(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment on the problem's line, or above it, ignores it."""
        if not self._may_be_ignored(diagnostic.rule):
            return False
        at = (diagnostic.location.path, diagnostic.location.span.start.line)
        asking = [each for each in self._by_line.get(at, ()) if each.reason and diagnostic.rule in dict(each.slugs)]
        self._useful_slugs.update((each, diagnostic.rule) for each in asking)
        return bool(asking)

    def unused_waivers(self) -> Iterator[Problem]:
        """A problem at each waiver that waives nothing, of a rule that was run."""
        for waiver in self._waivers:
            if waiver in self._useful_waivers or waiver.rule not in self._rules or not (waiver.paths or waiver.dag_id):
                continue
            message = f"this waiver of `{waiver.rule}` waives nothing"
            place = Place(POLICY, ("waivers", waiver.number))
            yield Problem("unused-waiver", message, place, "remove it", Severity.WARNING)

    def unused_ignores(self, paths: Collection[str]) -> Iterator[Diagnostic]:
        """A diagnostic at each comment of these files, or slug of one, that ignores nothing."""
        for ignore in self._comments:
            if ignore.location.path not in paths:
                continue
            for location, message, hint in self._idle(ignore):
                yield Diagnostic(location, "unused-ignore", message, Severity.WARNING, ignore.source_line, hint)

    def _idle(self, ignore: "Ignore") -> Iterator[tuple[Location, str, str]]:
        """What in a comment does nothing, why, and the remedy."""
        if not ignore.slugs:
            message, hint = "this comment names no rule to ignore", "write `# mergeflow: ignore[<rule>] <reason>`"
            yield ignore.location, message, hint
        for slug, location in ignore.slugs:
            if self._slugs is not None and slug not in self._slugs:
                hint = near(slug, self._slugs) or "`mergeflow rules` lists them"
                yield location, f"there is no rule `{slug}` to ignore", hint
            elif not self._may_be_ignored(slug):
                hint = "it must be mended" if slug in READING else f"only a waiver in {POLICY} can let it be"
                yield location, f"`{slug}` cannot be ignored by a comment", hint
            elif not ignore.reason:
                yield location, f"`{slug}` is not ignored, because no reason is given", "say why, after the bracket"
            elif (ignore, slug) not in self._useful_slugs and self._counts(slug, location.path):
                yield location, f"there is no `{slug}` here to ignore", "remove it"

    def _counts(self, slug: str, path: str) -> bool:
        """Whether a rule was run, and counts in this file."""
        rule = self._rules.get(slug)
        return rule is not None and self._project.policy.level(slug, path, own_level(rule)) != "off"

    def _may_be_ignored(self, slug: str) -> bool:
        rule = self._rules.get(slug)
        return slug not in READING and slug not in AFTERWARDS and not getattr(rule, "POLICY_ONLY", False)

    @cached_property
    def _comments(self) -> "tuple[Ignore, ...]":
        documents = [each for each in self._project.documents.values() if MARK in each.text]
        if not documents:
            return ()
        from mergeflow.ignores import ignores_of  # its patterns take a while to compile

        return tuple(each for document in documents for each in ignores_of(document))

    @cached_property
    def _by_line(self) -> "dict[tuple[str, int], list[Ignore]]":
        found: dict[tuple[str, int], list[Ignore]] = {}
        for each in self._comments:
            found.setdefault((each.location.path, each.line), []).append(each)
        return found
