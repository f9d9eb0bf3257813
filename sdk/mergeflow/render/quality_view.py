"""A report of an expectation task as what its page shows: judged anew, worded, and plain text throughout.

A report is a file that somebody else may have written, so nothing of its form is relied on: what is missing is not
shown, and what is not known to hold is never shown as if it did.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from mergeflow.render.expectation_words import wanted
from mergeflow.render.shown_values import shown, visible

Verdict = Literal["failed", "error", "warned", "passed", "empty"]
"""Of a run: a critical expectation is broken; the data could not be looked at; only warnings; all holds; no wishes."""

VERDICTS: tuple[Verdict, ...] = ("failed", "error", "warned", "empty", "passed")
"""The worst first."""

WORDS: Mapping[Verdict, str] = {
    "failed": "broken",
    "error": "not checked",
    "warned": "warning",
    "empty": "nothing to check",
    "passed": "holds",
}

MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A value that broke an expectation, with what names its row."""

    value: str
    key: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """An expectation and what came of it; `history` is the share of values that broke it in each run, None: unknown."""

    column: str
    wish: str
    name: str
    severity: Literal["critical", "warning"]
    verdict: Verdict
    found: str
    observed: str | None
    unexpected: int | None
    total: int | None
    examples: tuple[Example, ...]
    history: tuple[float | None, ...] = ()

    @property
    def share(self) -> float | None:
        """Of the values, how many broke it, from 0 to 1."""
        return min(1.0, self.unexpected / self.total) if self.total and self.unexpected is not None else None

    @property
    def keys(self) -> list[str]:
        """The columns by which the examples' rows are named."""
        return list(dict.fromkeys(name for each in self.examples for name in each.key))


@dataclass(frozen=True, slots=True)
class View:
    """One run's report."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int
    try_number: int
    verdict: Verdict
    suite: str
    data: str
    error: str
    on_failure: str
    commit: str
    started: datetime | None
    logical_date: datetime | None
    seconds: float | None
    rows: tuple[Row, ...]
    omitted: int

    @property
    def broken(self) -> list[Row]:
        """What does not hold, or could not be looked at; what stops the pipeline first."""
        return [each for order in ("critical", "warning") for each in self.rows if _breaks(each, order)]

    @property
    def holding(self) -> list[Row]:
        """What holds."""
        return [each for each in self.rows if each.verdict == "passed"]

    @property
    def critical(self) -> int:
        """How many critical expectations do not hold or could not be looked at."""
        return sum(_breaks(each, "critical") for each in self.rows)

    @property
    def warnings(self) -> int:
        """How many others do not."""
        return sum(_breaks(each, "warning") for each in self.rows)

    @property
    def share(self) -> float | None:
        """Of all values that were looked at, one by one, how many broke an expectation; None where none were."""
        counted = [each for each in self.rows if each.share is not None]
        total = sum(each.total or 0 for each in counted)
        return min(1.0, sum(each.unexpected or 0 for each in counted) / total) if total else None


def view(report: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]] = ()) -> View:
    """What a report shows; `earlier` are the reports of which each expectation's history is made, the oldest first."""
    result, error = report.get("result"), report.get("error")
    outcomes = _outcomes(report)
    past = [{_identity(each): _share(each) for each in _outcomes(other)} for other in earlier]
    rows = tuple(_row(each, tuple(other.get(_identity(each)) for other in past)) for each in outcomes)
    said = str(error) if error else "" if isinstance(result, Mapping) else "it left no result, and says nothing of why"
    about = result if isinstance(result, Mapping) else {}
    return View(
        dag_id=_text(report.get("dag_id")),
        task_id=_text(report.get("task_id")),
        run_id=_text(report.get("run_id")),
        map_index=_count(report.get("map_index"), -1),
        try_number=_count(report.get("try_number"), 1),
        verdict="error" if said else _verdict(rows, success=about.get("success") is True),
        suite=_text(about.get("suite") or report.get("suite")),
        data=_text(about.get("data")),
        error=visible(said),
        on_failure=_text(report.get("on_failure")) or "fail",
        commit=_text(report.get("commit")),
        started=_moment(report.get("started")),
        logical_date=_moment(report.get("logical_date")),
        seconds=_number(report.get("seconds")),
        rows=rows,
        omitted=max(0, _count(about.get("omitted"), 0)),
    )


def _verdict(rows: Sequence[Row], *, success: bool) -> Verdict:
    """What the outcomes say; a result that calls itself no success is never shown as one."""
    if any(_breaks(each, "critical") for each in rows) or not success:
        return "failed"
    if any(_breaks(each, "warning") for each in rows):
        return "warned"
    return "passed" if rows else "empty"


def _breaks(row: Row, severity: str) -> bool:
    return row.verdict != "passed" and row.severity == severity


def _outcomes(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    result = report.get("result")
    listed = result.get("outcomes") if isinstance(result, Mapping) else None
    return [each if isinstance(each, Mapping) else {} for each in listed] if isinstance(listed, list) else []


def _row(outcome: Mapping[str, Any], history: tuple[float | None, ...]) -> Row:
    """What is not called passed has not; what is not called a warning is critical."""
    name, status, observed = _text(outcome.get("expectation")), outcome.get("status"), outcome.get("observed")
    given = outcome.get("parameters")
    parameters = {str(key): each for key, each in given.items()} if isinstance(given, Mapping) else {}
    return Row(
        column=_text(outcome.get("column")),
        wish=visible(wanted(name, parameters)),
        name=name,
        severity="warning" if outcome.get("severity") == "warning" else "critical",
        verdict="passed" if status == "passed" else "failed" if status == "failed" else "error",
        found=_text(outcome.get("found")),
        observed=None if observed is None else shown(observed),
        unexpected=_natural(outcome.get("unexpected")),
        total=_natural(outcome.get("total")),
        examples=tuple(_examples(outcome.get("examples"))),
        history=history,
    )


def _examples(listed: Any) -> Iterable[Example]:
    for each in listed[:MOST_EXAMPLES] if isinstance(listed, list) else ():
        if isinstance(each, Mapping):
            key = each.get("key")
            named = key.items() if isinstance(key, Mapping) else ()
            yield Example(shown(each.get("value")), {visible(str(name)): shown(value) for name, value in named})


def _identity(outcome: Mapping[str, Any]) -> str:
    """What makes an outcome of another run one of the same expectation: its name and its parameters."""
    given = outcome.get("parameters")
    return repr((outcome.get("expectation"), sorted(given.items(), key=str) if isinstance(given, Mapping) else given))


def _share(outcome: Mapping[str, Any]) -> float | None:
    """What broke it of the values that it looked at; of those that look at one number, all or nothing."""
    unexpected, total = _natural(outcome.get("unexpected")), _natural(outcome.get("total"))
    if total and unexpected is not None:
        return min(1.0, unexpected / total)
    return {"passed": 0.0, "failed": 1.0}.get(str(outcome.get("status")))


def _text(value: Any) -> str:
    return "" if value is None else visible(value if isinstance(value, str) else str(value))


def _count(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _natural(value: Any) -> int | None:
    found = _count(value, -1)
    return found if 0 <= found < 10**15 else None


def _number(value: Any) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12 else None
    )


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
