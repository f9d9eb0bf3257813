"""Diagnostics as JSON, for programs: docs/output.md names every field."""

import json
import re
from io import StringIO
from typing import Any

from mergeflow.diagnostic import Diagnostic, Report
from mergeflow.render.text import shortened
from mergeflow.source import Location

VERSION = 1
"""Goes up when a field changes its meaning or goes away, not when one is added."""

_ESCAPE = re.compile(r"\\u(?:d[89ab]..\\ud[c-f]..|(d[89a-f]..))|\\.")
"""An escape as json writes it; the group holds half a surrogate pair."""


def render(report: Report) -> str:
    """The whole report, in the order of the files."""
    return dump(
        {
            "version": VERSION,
            "files": report.files,
            "dags": report.dags,
            "errors": report.errors,
            "warnings": report.warnings,
            "waived": report.waived,
            "ignored": report.ignored,
            "diagnostics": [_diagnostic(each) for each in report.diagnostics],
        }
    )


def dump(value: Any) -> str:
    """A value as JSON that survives any terminal and any parser: ASCII only, and no half of a surrogate pair."""
    text = StringIO()  # json.dumps keeps each bracket as a text of its own until the end: half a GB for a bad file
    json.dump(value, text, indent=2)
    return _ESCAPE.sub(lambda found: r"\ufffd" if found[1] else found[0], text.getvalue())


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity.value,
        "message": shortened(diagnostic.message),
        "hint": shortened(diagnostic.hint),
        **_location(diagnostic.location),
        "notes": [{"message": shortened(note.message), **_location(note.location)} for note in diagnostic.notes],
    }


def _location(location: Location) -> dict[str, Any]:
    start, end = location.span.start, location.span.end
    return {
        "path": location.path,
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }
