"""No diagnostic shows a secret: where one stands in a source line, whatever is said about that line."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from mergeflow.diagnostic import Diagnostic, Problem
from mergeflow.project import Project
from mergeflow.source import Span

SECRET = "plain-secret"  # noqa: S105 - the slug of a rule
"""The rule whose problems tell where secrets stand."""
MASK = "*"
_HEADERS = ("|", ">", "|-", ">-", "|+", ">+")
"""All that the first line shows of a block."""


def masked(project: Project, diagnostics: Iterable[Diagnostic], problems: Iterable[Problem]) -> Iterable[Diagnostic]:
    """Diagnostics with every secret in their source lines starred out, as wide as it was.

    `problems` tell where secrets stand, also those that are waived or ignored.
    """
    secrets: dict[tuple[str, int], set[Span]] = defaultdict(set)
    for problem in problems:
        path = problem.place.path
        if problem.rule == SECRET and path in project.documents:
            extent = project.documents[path].extent(problem.place.route)
            for number in range(extent.start.line, extent.end.line + 1):
                secrets[path, number].add(extent)
    return [_masked(each, secrets) for each in diagnostics] if secrets else diagnostics


def _masked(diagnostic: Diagnostic, secrets: Mapping[tuple[str, int], Collection[Span]]) -> Diagnostic:
    number, line = diagnostic.location.span.start.line, diagnostic.source_line
    for start, end in secrets.get((diagnostic.location.path, number), ()):
        first = start.column - 1 if number == start.line else len(line) - len(line.lstrip())
        last = end.column - 1 if number == end.line else len(line)
        if first < last and line[first:last] not in _HEADERS:
            line = f"{line[:first]}{MASK * (last - first)}{line[last:]}"
    return diagnostic if line == diagnostic.source_line else replace(diagnostic, source_line=line)
