"""A suite held against a batch of data by Great Expectations 1.x.

Its validator is used alone, without a data context: nothing is written, no usage is reported, and the database is
reached through the engine that Airflow's connection gave, so no password ever stands in a setting.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mergeflow.quality.asking import asked
from mergeflow.quality.batch import Batch, reason
from mergeflow.quality.examples import examples
from mergeflow.quality.importing import import_great_expectations
from mergeflow.quality.limits import too_many
from mergeflow.quality.masking import Masking, masking_of
from mergeflow.quality.outcome import MOST_EXAMPLES, Outcome, cut, listed, plain, spell
from mergeflow.quality.result import Result
from mergeflow.quality.strays import strays
from mergeflow.quality.suite import Expectation, Suite
from mergeflow.quality.types import fits
from mergeflow.quality.vacuous import judged, unspoken

_WRAPPED = re.compile(r'^.*?: "(?=\()|\((\w+\.)+\w+\) ')
"""What Great Expectations and SQLAlchemy write before what the database said."""
_NO_COLUMN = re.compile(r'^(Error: )?The column "[^"]*" in BatchData does not exist')
"""What it says of a column that is not there: its own words, with nothing of the data in them."""


def validate(suite: Suite, batch: Batch) -> Result:
    """What a batch makes of a suite. An expectation that cannot be looked at is an error, and never holds."""
    implied = [Expectation("expect_column_to_exist", {"column": each.name}) for each in suite.columns]
    implied += [
        Expectation("expect_column_values_to_not_be_null", {"column": each.name})
        for each in suite.columns
        if not each.nullable
    ]
    asked = (*implied, *suite.expectations)
    found = _outcomes((*asked, *unspoken(suite)), batch, masking_of(suite))
    outcomes = [*_types(suite, batch), *judged(suite, found[: len(asked)], found[len(asked) :])]
    return Result(suite.name, batch.name, tuple(outcomes))


def _types(suite: Suite, batch: Batch) -> Iterator[Outcome]:
    """Types are compared where they are known: a query's are not."""
    from sqlalchemy.exc import SQLAlchemyError

    for column in suite.columns:
        found = batch.types.get(column.name)
        if column.type and found:
            wanted = Expectation("column_type", {"column": column.name, "type": column.type})
            try:
                others = strays(batch, column.name, column.type) if fits(found, column.type) else ""
            except SQLAlchemyError as error:
                yield Outcome(wanted, "error", reason(error, masking_of(suite)))
                continue
            right = fits(found, column.type) and not others
            said = ", ".join(filter(None, (f"it is {found}", others)))
            yield Outcome(wanted, "passed" if right else "failed", "" if right else said, found)


def _outcomes(expectations: Iterable[Expectation], batch: Batch, masking: Masking) -> list[Outcome]:
    import_great_expectations()
    outcomes: dict[int, Outcome] = {}
    configurations = []
    for number, expectation in enumerate(expectations):
        many = too_many(expectation, batch)
        built = Outcome(expectation, "error", many) if many else _built(expectation, number)
        if isinstance(built, Outcome):
            outcomes[number] = replace(built, expectation=masking.wanted(expectation))
        else:
            configurations.append(built.configuration)
            outcomes[number] = Outcome(masking.wanted(expectation), "error", "Great Expectations cannot look at it")
    for number, result in asked(configurations, batch).items():
        outcomes[number] = _outcome(outcomes[number].expectation, result, batch.key, masking)
    return [outcomes[number] for number in sorted(outcomes)]


def _built(expectation: Expectation, number: int) -> Any:
    """Great Expectations' own object, which has checked its parameters; an outcome where it refuses them."""
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.expectations import core
    from great_expectations.expectations.registry import get_expectation_impl

    named = getattr(core, expectation.name, None)
    try:
        kind = named if isinstance(named, type) else get_expectation_impl(expectation.name)
        return kind(id=str(number), **expectation.parameters)
    except GreatExpectationsError:
        return Outcome(expectation, "error", "there is no such expectation")
    except (ValueError, TypeError) as error:  # pydantic's errors are ValueErrors
        return Outcome(expectation, "error", f"its parameters are refused: {_refusal(error)}")


def _refusal(error: Exception) -> str:
    """What pydantic has against the parameters, each in its own words."""
    listed: list[dict[str, Any]] = getattr(error, "errors", list)()
    return cut("; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in listed) or str(error))


def _outcome(expectation: Expectation, result: Any, key: tuple[str, ...], masking: Masking) -> Outcome:
    if raised := _raised(result.exception_info or {}, masking):
        return Outcome(expectation, "error", raised)
    seen: Mapping[str, Any] = result.result
    has_values = "element_count" in seen
    outcome = Outcome(
        expectation,
        "passed" if result.success else "failed",
        observed=masking.observed(expectation, plain(seen.get("observed_value"))),
        unexpected=int(seen["unexpected_count"] or 0) if has_values else None,  # a sum: null of no rows
        total=int(seen["element_count"] or 0) if has_values else None,
        examples=tuple(masking.example(expectation, each) for each in examples(expectation, seen, key)),
    )
    if result.success:
        return outcome
    missing = [] if masking.hides(expectation) else seen.get("partial_missing_list") or []
    return replace(outcome, found=_found(outcome, missing, is_one="observed_value" in seen))


def _raised(info: Mapping[str, Any], masking: Masking) -> str:
    """Why an expectation could not be looked at: one exception, or one for each number that it needs."""
    for each in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if each.get("raised_exception") or each.get("exception_message"):
            said = str(each["exception_message"]).strip().partition("\n")[0] or "it raised an exception"
            if said.startswith("No provider found"):
                where = "a database" if "SqlAlchemy" in said else "a file"
                return f"Great Expectations cannot look at this in {where}"
            if _NO_COLUMN.search(said):
                return cut(said.removeprefix("Error: ").rstrip("."))
            return cut(_WRAPPED.sub("", masking.said(said)).removeprefix("Error: ").rstrip("."))
    return ""


def _found(outcome: Outcome, missing: list[Any], *, is_one: bool) -> str:
    """What was seen instead, in words: how many values and which, or the one thing that was looked at."""
    if outcome.total is not None:
        many = f"{outcome.unexpected} of {outcome.total} values"
        return f"{many}, such as {listed(outcome.examples)}" if outcome.examples else many
    if outcome.observed is None and outcome.examples:
        return f"such as {listed(outcome.examples)}"
    if outcome.observed is None and missing:
        return f"it lacks {', '.join(map(spell, missing[:MOST_EXAMPLES]))}"
    return f"observed {spell(outcome.observed)}" if is_one else "it does not hold"
