"""How often a simulator runs: what people write, as a schedule that Airflow reads as they meant it.

A cron of six fields is the reason for most of this: people write the seconds first, and Airflow reads them last, so
that their `*/2 * * * * *` would fire in every second of each even minute.
"""

import re
from datetime import timedelta

from mergeflow.schedules import PRESETS, UNTIMED, cron_of, is_accepted

Schedule = str | dict[str, str | int]
"""What stands under `schedule` in a config: a cron or a preset, or `{__type__: datetime.timedelta, seconds: 2}`."""

LONGEST = 50
"""Characters; the column of a database holds no more."""
AT_MOST = timedelta(days=366)

FORMS = (
    "write `30s`, `5m`, `2h`, `every 2 seconds`, a preset like `@daily`, or a cron of five fields like `30 6 * * *`"
    " or of six, the seconds first, like `*/2 * * * * *`"
)
_SPAN = re.compile(
    r"(?:(?P<number>\d+)\s*|(?P<every>every\s+)(?P<many>\d+\s*)?)"
    r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)",
    re.ASCII | re.IGNORECASE,
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_RANDOM = re.compile(r"(?<![a-z])r(?![a-z])", re.IGNORECASE)


class IntervalError(ValueError):
    """Why a text is no interval; one line, without a full stop."""


def schedule_of(text: str) -> Schedule:
    """The schedule that an interval means; raises `IntervalError` when it means none."""
    words = " ".join(text.split())
    if not words:
        raise IntervalError(f"the interval is empty: {FORMS}")
    if len(text) > LONGEST:
        raise IntervalError(f"an interval has at most {LONGEST} characters, and this one has {len(text)}")
    if span := _SPAN.fullmatch(words):
        return _span(words, int(span["number"] or span["many"] or 1), _UNITS[span["unit"][0].lower()])
    if words in PRESETS or words in UNTIMED:
        return words
    fields = words.split(" ")
    if len(fields) == 5:
        return _cron(words, words)
    if len(fields) == 6:
        return _with_seconds(words, *fields)
    raise _refused(text)


def _span(words: str, number: int, unit: str) -> Schedule:
    try:
        span = timedelta(**{unit: number})
    except OverflowError:
        span = timedelta.max
    if not span:
        raise IntervalError(f"`{words}` is no time at all: write `1s` or more")
    if span > AT_MOST:
        raise IntervalError(f"`{words}` is longer than a year: write `{AT_MOST.days}d` or less")
    return _delta(number, unit)


def _delta(number: int, unit: str) -> Schedule:
    return {"__type__": "datetime.timedelta", unit: number}


def _with_seconds(words: str, seconds: str, *others: str) -> Schedule:
    """A cron with its seconds first; those that divide a minute evenly, and no more, are a plain span of time."""
    rest = " ".join(others)
    if seconds.isdecimal() and int(seconds) == 0:
        return _cron(words, rest)
    step = re.fullmatch(r"\*(?:/(\d{1,2}))?", seconds, re.ASCII)
    every = int(step[1] or 1) if step else 0
    if every and set(others) == {"*"} and 60 % every == 0:
        return _delta(every, "seconds")
    return _cron(words, f"{rest} {seconds}")


def _cron(words: str, cron: str) -> str:
    """A cron as Airflow reads it, when it ever fires, and does so at the same moments after every parse."""
    if _RANDOM.search(cron) or not is_accepted(cron):
        raise _refused(words)
    if not _fires(cron):
        raise IntervalError(f"`{words}` never comes: there is no such day")
    return cron


def _fires(cron: str) -> bool:
    found = cron_of(cron)
    if found and found.plain and found.fields[2] == found.fields[3] == ("*",):
        return True
    from croniter import CroniterError, croniter  # type: ignore[import-untyped]

    try:
        croniter(cron).get_next()
    except (CroniterError, OverflowError, ValueError):
        return False
    return True


def _refused(text: str) -> IntervalError:
    shown = "".join(char if char.isprintable() and char != "`" else "·" for char in text)
    return IntervalError(f"`{shown}` is no interval: {FORMS}")
