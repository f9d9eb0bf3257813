"""Diagnostics as workflow commands: GitHub's runner shows them beside the lines of a pull request.

What the runner unescapes is defined in its `ActionCommand`: `%`, CR and LF everywhere, `:` and `,` in properties too.
"""

from collections.abc import Mapping

from mergeflow.diagnostic import Diagnostic, Report
from mergeflow.render.text import printable, shortened
from mergeflow.source import Span

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: Report) -> str:
    """One line per diagnostic; nothing when there are none."""
    return "\n".join(map(_command, report.diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    properties = {
        "file": diagnostic.location.path,
        **_region(diagnostic.location.span),
        "title": diagnostic.rule,
    }
    lines = [shortened(diagnostic.message)]
    if diagnostic.hint:
        lines.append(f"hint: {shortened(diagnostic.hint)}")
    lines += [f"{shortened(note.message)}: {note.location}" for note in diagnostic.notes]
    return command(diagnostic.severity.value, properties, "\n".join(lines))


def command(name: str, properties: Mapping[str, object], text: str) -> str:
    """A workflow command, on one line whatever it says."""
    written = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in properties.items())
    return f"::{name} {written}::{_escaped(text, _DATA)}"


def _region(span: Span) -> dict[str, int]:
    """Lines and columns; the runner drops the columns of a region of several lines, and says so in the log."""
    start, end = span.start, span.end
    last = end.line - 1 if end.column == 1 and end.line > start.line else end.line
    if last != start.line:
        return {"line": start.line, "endLine": last}
    columns = {"col": start.column, "endColumn": end.column} if end.line == start.line else {"col": start.column}
    return {"line": start.line, "endLine": last, **columns}


def _escaped(text: str, table: dict[int, str]) -> str:
    """Escaped for the runner; what else could move a cursor is a dot."""
    return printable(text.translate(table))
