"""Reports of expectation tasks as HTML pages that are whole in themselves: no script, and nothing is fetched.

Whatever stands in a report is data: it is escaped, its invisible characters are spelled out, and the page's own policy
lets a browser run nothing and reach nobody.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeflow.render.quality_trend import MOST, Spark, percent, since, spark, trend
from mergeflow.render.quality_view import VERDICTS, WORDS, Row, View, view
from mergeflow.render.shown_values import visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "quality_templates"

_LONGEST = 200
"""Characters of a name."""

_ON_FAILURE = {
    "fail": "The task failed, so what needs its success does not run.",
    "warn": "It is only reported (on_failure: warn): the task succeeded all the same, and the pipeline went on.",
    "skip_downstream": "The tasks after it are skipped (on_failure: skip_downstream).",
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where pages lead: to the index, a DAG's own, another try's report, and the try's log in Airflow."""

    home: str
    dag: Callable[[View], str]
    report: Callable[[View], str]
    task: Callable[[View], str]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row with its words and drawings."""

    row: Row
    wish: str
    tone: str
    label: str
    count: str
    percent: str
    wide: float
    looked: str
    shown: str
    spark: Spark | None


def page(
    report: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]] = (),
    tries: Sequence[int] = (),
    site: Site | None = None,
) -> str:
    """The page of one report. `runs` are the task's last reports, the oldest first; without a `site` it leads nowhere.

    `tries` are the numbers of the tries of the same task instance that have a report.
    """
    drawn = runs[-MOST:]
    own = view(report, drawn)
    views = [view(each) for each in drawn]
    others = [replace(own, try_number=number) for number in tries if number != own.try_number]
    return _rendered(
        "report.html",
        v=own,
        site=site,
        headline=headline(own),
        meaning=_meaning(own),
        took=_took(own.seconds),
        since=since(views, own),
        trend=trend(views, own, site.report if site else None),
        broken=[_shown(each) for each in own.broken],
        broken_said=_broken_said(own),
        holding=[_shown(each) for each in own.holding],
        tries=others,
        words=WORDS,
    )


def index(reports: Sequence[Mapping[str, Any]], site: Site, dag_id: str = "", *, more: bool = False) -> str:
    """The page of the last report of each task; of one DAG where `dag_id` is given. `more`: there may be others."""
    views = sorted((view(each) for each in reports), key=lambda each: VERDICTS.index(each.verdict))
    counts = [(verdict, sum(each.verdict == verdict for each in views)) for verdict in VERDICTS]
    return _rendered(
        "index.html",
        dag_id=visible(dag_id),
        site=site,
        entries=[(each, headline(each)) for each in views],
        counts=[(verdict, number) for verdict, number in counts if number],
        more=more,
        words=WORDS,
    )


def message(title: str, paragraphs: Sequence[str], home: str | None = None) -> str:
    """A page that says why there is no other."""
    return _rendered("message.html", title=title, paragraphs=paragraphs, home=home)


@cache
def policy() -> str:
    """The content security policy of every page: its own style, and nothing else."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def headline(own: View) -> str:
    """What came of it, in one sentence."""
    if own.verdict == "error":
        return "The data could not be checked"
    if own.verdict == "empty":
        return "There was nothing to check"
    if own.verdict == "passed":
        return "Its one expectation holds" if len(own.rows) == 1 else f"All {len(own.rows)} expectations hold"
    if own.verdict == "warned":
        return f"Fit for use, with {_number(own.warnings, 'warning')}"
    if not own.critical:
        return "The data is not fit for use"
    unseen = sum(each.verdict == "error" and each.severity == "critical" for each in own.rows)
    seen = own.critical - unseen
    parts = [f"{_number(seen, 'critical expectation')} {'is' if seen == 1 else 'are'} broken"] if seen else []
    parts += [f"{_number(unseen, 'critical expectation')} could not be checked"] if unseen else []
    return " and ".join(parts)


def _meaning(own: View) -> str:
    if own.verdict == "error":
        return "This is no pass: nothing is known of this batch."
    if own.verdict == "empty":
        return "The suite has no expectations, so nothing is known of this batch."
    if own.verdict == "failed":
        return _ON_FAILURE.get(own.on_failure, "")
    held = f"{len(own.holding)} of {_number(len(own.rows), 'expectation')} hold. " if own.verdict == "warned" else ""
    return f"{held}Nothing that is critical is broken, and the pipeline went on."


def _broken_said(own: View) -> str:
    parts = [f"{own.critical} critical"] if own.critical else []
    parts += [_number(own.warnings, "warning")] if own.warnings else []
    return f"{', '.join(parts)}, of {_number(len(own.rows), 'expectation')}"


def _shown(row: Row) -> _Shown:
    unseen = row.verdict == "error"
    tone = "passed" if row.verdict == "passed" else "error" if unseen else _TONES[row.severity]
    total, share = row.total, row.share
    looked = f"{total:,} values" if total is not None else row.observed or ""
    many = len(row.examples)
    some = f"{many} of {row.unexpected:,}" if row.unexpected and row.unexpected > many else f"{many}"
    return _Shown(
        row=row,
        wish=(row.wish[:1].upper() + row.wish[1:]) or "An expectation without a name",
        tone=tone,
        label=f"{row.severity}{', not checked' if unseen else ''}",
        count=f"{row.unexpected:,} of {total:,} values" if share is not None else "",
        percent=percent(share) if share is not None else "",
        wide=0 if not share else round(max(0.8, share * 100), 1),
        looked=looked,
        shown=f"{some} {'example' if some == '1' else 'examples'}",
        spark=spark(row),
    )


_TONES = {"critical": "failed", "warning": "warned"}


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _took(seconds: float | None) -> str:
    if seconds is None or seconds < 0:
        return ""
    if seconds < 100:
        return f"{seconds:.1f}\xa0s" if seconds >= 0.1 else f"{seconds * 1000:.0f}\xa0ms"
    return f"{seconds / 60:.0f}\xa0min"


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def _rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"style": Markup(_style()), "policy": policy(), "ticked": _ticked, "name": _name}  # noqa: S704 - our own file
    return found


def _name(text: str) -> "Markup":
    """A name, which may be broken where its words end; of one that is too long the beginning."""
    from markupsafe import Markup, escape

    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return Markup(f"<bdi>{re.sub(r'(?<=[_/.])(?=[^_/.])', '<wbr>', escape(cut))}</bdi>")  # noqa: S704 - escaped


def _ticked(text: str) -> "Markup":
    """A text in which names stand between backticks, with these as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", f"<bdi>{escape(text[:_LONGEST])}</bdi>"))  # noqa: S704 - escaped
