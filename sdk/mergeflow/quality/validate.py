"""A suite held against a batch of data by Great Expectations 1.x.

Its validator is used alone, without a data context: nothing is written, no usage is reported, and the database is
reached through the engine that Airflow's connection gave, so no password ever stands in a setting.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mergeflow.quality.batch import Batch
from mergeflow.quality.result import MOST_EXAMPLES, Outcome, Result, cut, examples, spell
from mergeflow.quality.suite import Expectation, Suite
from mergeflow.quality.types import fits

_WRAPPED = re.compile(r'^.*?: "(?=\()|\((\w+\.)+\w+\) ')
"""What Great Expectations and SQLAlchemy write before what the database said."""


def validate(suite: Suite, batch: Batch) -> Result:
    """What a batch makes of a suite. An expectation that cannot be looked at is an error, and never holds."""
    implied = [Expectation("expect_column_to_exist", {"column": each.name}) for each in suite.columns]
    implied += [
        Expectation("expect_column_values_to_not_be_null", {"column": each.name})
        for each in suite.columns
        if not each.nullable
    ]
    outcomes = [*_types(suite, batch), *_outcomes((*implied, *suite.expectations), batch)]
    return Result(suite.name, batch.name, tuple(outcomes))


def _types(suite: Suite, batch: Batch) -> Iterator[Outcome]:
    """Types are compared where they are known: a query's are not."""
    for column in suite.columns:
        found = batch.types.get(column.name)
        if column.type and found:
            wanted = Expectation("column_type", {"column": column.name, "type": column.type})
            right = fits(found, column.type)
            yield Outcome(wanted, "passed" if right else "failed", "" if right else f"it is {found}")


def _outcomes(expectations: Iterable[Expectation], batch: Batch) -> list[Outcome]:
    """All expectations in one go, so that Great Expectations can ask for several numbers in one query."""
    from great_expectations.core.batch import Batch as LoadedBatch
    from great_expectations.validator.validator import Validator

    class Quiet(Validator):  # type: ignore[misc]
        """Draws no progress bar: that is a terminal's, and this runs in tasks."""

        def _determine_progress_bars(self) -> bool:
            return False

    outcomes: dict[int, Outcome] = {}
    configurations = []
    for number, expectation in enumerate(expectations):
        built = _built(expectation, number)
        if isinstance(built, Outcome):
            outcomes[number] = built
        else:
            configurations.append(built.configuration)
            outcomes[number] = Outcome(expectation, "error", "Great Expectations cannot look at it")
    validator = Quiet(execution_engine=batch.execution, batches=[LoadedBatch(data=batch.data)])
    wanted = {"result_format": "SUMMARY", "partial_unexpected_count": MOST_EXAMPLES}
    if batch.key:
        wanted["unexpected_index_column_names"] = list(batch.key)
    with _silence():
        results = _results(validator, configurations, {"result_format": wanted})
    for result in results:
        number = int(result.expectation_config.id)
        outcomes[number] = _outcome(outcomes[number].expectation, result, batch.key)
    return [outcomes[number] for number in sorted(outcomes)]


def _results(validator: Any, configurations: list[Any], how: dict[str, Any]) -> list[Any]:
    """What Great Expectations says of each. Where one makes it fail as a whole, each is looked at alone."""
    try:
        found: list[Any] = validator.graph_validate(configurations, runtime_configuration=how)
    except Exception:  # noqa: BLE001 - whatever an expectation raises costs only itself
        alone = ([each] for each in configurations) if len(configurations) > 1 else ()
        return [result for each in alone for result in _results(validator, each, how)]
    return found


@contextmanager
def _silence() -> Iterator[None]:
    """No traceback per query that fails in the task's log: what failed is in the result."""
    log = logging.getLogger("great_expectations")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


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


def _outcome(expectation: Expectation, result: Any, key: tuple[str, ...]) -> Outcome:
    if raised := _raised(result.exception_info or {}):
        return Outcome(expectation, "error", raised)
    if result.success:
        return Outcome(expectation, "passed")
    return Outcome(expectation, "failed", _found(result.result, key))


def _raised(info: Mapping[str, Any]) -> str:
    """Why an expectation could not be looked at: one exception, or one for each number that it needs."""
    for each in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if each.get("raised_exception") or each.get("exception_message"):
            said = str(each["exception_message"]).strip().partition("\n")[0] or "it raised an exception"
            if said.startswith("No provider found"):
                where = "a database" if "SqlAlchemy" in said else "a file"
                return f"Great Expectations cannot look at this in {where}"
            return cut(_WRAPPED.sub("", said).removeprefix("Error: ").rstrip("."))
    return ""


def _found(result: Mapping[str, Any], key: tuple[str, ...]) -> str:
    """What was seen instead: how many values and which, or the one number that was looked at."""
    if "element_count" in result:
        rows = _rows(result.get("partial_unexpected_index_list") or [], key)
        shown = examples(result.get("partial_unexpected_list") or [], rows)
        many = f"{int(result['unexpected_count'])} of {result['element_count']} values"  # MySQL's sums are decimals
        return f"{many}, such as {shown}" if shown else many
    if result.get("observed_value") is None and result.get("partial_unexpected_list"):
        return f"such as {examples(result['partial_unexpected_list'], [])}"
    if "observed_value" in result:
        return f"observed {spell(result['observed_value'])}"
    return "it does not hold"


def _rows(listed: list[Any], key: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """The keys of rows; a frame's are counted, from 0 by pandas and from 1 by people."""
    if key:
        return [{name: each[name] for name in key} for each in listed]
    return [{"row": each + 1} if isinstance(each, int) else {} for each in listed]
