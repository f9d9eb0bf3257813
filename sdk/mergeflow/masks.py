"""No diagnostic shows a secret: where one stands in a source line, whatever is said about that line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from mergeflow.diagnostic import Diagnostic
from mergeflow.source import Span

SECRET = "plain-secret"  # noqa: S105 - the slug of a rule
"""The rule whose diagnostics tell where secrets stand."""
MASK = "*"


def masked(diagnostics: Iterable[Diagnostic], found: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """Diagnostics with every secret in their source lines starred out, as wide as it was.

    `found` are those that tell where secrets stand, also the ones that are waived or ignored.
    """
    secrets: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for each in found:
        if each.rule == SECRET:
            secrets[each.location.path, each.location.span.start.line].append(each.location.span)
    return [_masked(each, secrets) for each in diagnostics] if secrets else diagnostics


def _masked(diagnostic: Diagnostic, secrets: dict[tuple[str, int], list[Span]]) -> Diagnostic:
    line = diagnostic.source_line
    for span in secrets.get((diagnostic.location.path, diagnostic.location.span.start.line), ()):
        start, end = span.start.column - 1, span.end.column - 1
        if end - start == 1:  # a value of several lines is pointed at by its first character
            end = start if line[start:end] in ("|", ">") else len(line)
        line = f"{line[:start]}{MASK * (end - start)}{line[end:]}"
    return diagnostic if line == diagnostic.source_line else replace(diagnostic, source_line=line)
