"""A schedule in words, as one would say it: `every day at 06:00`."""

from collections.abc import Iterable
from datetime import timedelta

from mergeflow.schedules import PRESETS, UNTIMED, Cron, Field, cron_of, delta_of, is_text

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_WORKDAYS = (1, 2, 3, 4, 5)
_FEW = 4
"""So many times of a day, or days of a month, are listed; more would not be read."""
_ANY: Field = ("*",)


def in_words(schedule: object) -> str:
    """What a schedule says; a cron text that is too odd for words stays as it is."""
    if schedule is None or (isinstance(schedule, str) and not is_text(schedule) and "{{" not in schedule):
        return "no schedule"
    if is_text(schedule):
        return {"@once": "once", "@continuous": "without a pause"}.get(schedule) or _of_text(schedule)
    delta = delta_of(schedule)
    return f"every {span(delta)}" if delta else ""


def span(delta: timedelta) -> str:
    """A time span: `2 hours`, `day`, `90 minutes`."""
    seconds = int(delta.total_seconds())
    for unit, length in (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= length and seconds % length == 0:
            many = seconds // length
            return unit if many == 1 else f"{many} {unit}s"
    return f"{delta.total_seconds():g} seconds"


def of_cron(cron: Cron) -> str:
    """A cron text in words; the text itself where it says more than days and times."""
    if not cron.plain:
        return f"cron {cron.text}"
    minutes, hours, days, months, weekdays = (tuple(sorted(set(each), key=str)) for each in cron.fields)
    every_day = days == months == weekdays == _ANY
    steps = _steps(_numbers(minutes), _numbers(hours))
    if steps and every_day:
        return steps
    when = _days(_numbers(days), _numbers(weekdays))
    if months != _ANY:
        when = (
            f"{when} {_months(_numbers(months))}" if when != "every day" else f"every day {_months(_numbers(months))}"
        )
    return f"{when}, {steps}" if steps else f"{when} at {_times(_numbers(minutes), _numbers(hours))}"


def _of_text(text: str) -> str:
    cron = cron_of(text) if text not in UNTIMED else None
    return of_cron(cron) if cron else f"cron {PRESETS.get(text, text)}"


def _numbers(field: tuple[int | str, ...]) -> tuple[int, ...]:
    """The numbers of a field in order; none for a star."""
    return tuple(sorted(each for each in field if isinstance(each, int)))


def _steps(minutes: tuple[int, ...], hours: tuple[int, ...]) -> str:
    """What is said in steps rather than in times of the day; nothing for other schedules."""
    if not hours or not minutes:
        return _within_the_hour(minutes) + (f" from {_hours(hours)}" if hours else "")
    step = _step(hours, 24)
    if step and len(minutes) == 1:
        return f"every {step} hours" + (f" at :{minutes[0]:02}" if minutes[0] else "")
    many = len(minutes) * len(hours)
    if many > _FEW and _in_a_row(hours):
        return f"{_within_the_hour(minutes)} from {_hours(hours)}"
    first, last = f"{hours[0]:02}:{minutes[0]:02}", f"{hours[-1]:02}:{minutes[-1]:02}"
    return f"{many} times a day from {first} to {last}" if many > _FEW else ""


def _within_the_hour(minutes: tuple[int, ...]) -> str:
    if not minutes:
        return "every minute"
    if len(minutes) == 1:
        return "every hour" + (f" at :{minutes[0]:02}" if minutes[0] else "")
    step = _step(minutes, 60)
    return f"every {step} minutes" if step else f"every hour at {_and(f':{each:02}' for each in minutes)}"


def _hours(hours: tuple[int, ...]) -> str:
    return f"{hours[0]:02}:00 to {hours[-1]:02}:59" if _in_a_row(hours) else _and(f"{each:02}:00" for each in hours)


def _in_a_row(numbers: tuple[int, ...]) -> bool:
    return numbers == tuple(range(numbers[0], numbers[-1] + 1))


def _step(numbers: tuple[int, ...], end: int) -> int:
    """The step that leads from nothing to all of these; 0 when none does."""
    if len(numbers) < 2 or numbers[0] != 0:
        return 0
    step = numbers[1]
    return step if end % step == 0 and numbers == tuple(range(0, end, step)) else 0


def _times(minutes: tuple[int, ...], hours: tuple[int, ...]) -> str:
    return _and(f"{hour:02}:{minute:02}" for hour in hours for minute in minutes)


def _days(days: tuple[int, ...], weekdays: tuple[int, ...]) -> str:
    if not days and not weekdays:
        return "every day"
    by_day = f"on {len(days)} days of the month" if len(days) > _FEW else f"on the {_and(map(_nth, days))}"
    by_weekday = "Monday to Friday" if weekdays == _WORKDAYS else f"every {_and(_DAYS[each] for each in weekdays)}"
    if days and weekdays:
        return f"{by_day} or {by_weekday}"  # cron's own oddity: one of the two is enough
    return by_day if days else by_weekday


def _months(months: tuple[int, ...]) -> str:
    return f"of {_and(_MONTHS[each - 1] for each in months)}"


def _nth(day: int) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _and(words: Iterable[str]) -> str:
    *others, last = (*words, "")[:-1] or ("",)
    return f"{', '.join(others)} and {last}" if others else last
