"""Great Expectations asked about a batch: first whether things hold, then of what does not, by which values."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mergeflow.quality.batch import Batch
from mergeflow.quality.importing import quiet
from mergeflow.quality.outcome import MOST_EXAMPLES

_EXAMPLES = ("unexpected_values", "unexpected_index_list", "unexpected_index_query", "unexpected_rows")
"""How the names of those metrics end that only show what broke an expectation: a scan of the table for each."""


def asked(configurations: Sequence[Any], batch: Batch) -> dict[int, Any]:
    """The result of each expectation by its number; none where it makes Great Expectations fail.

    All are asked in one go, so that several numbers are asked for in one query. By itself Great Expectations would look
    for examples of what holds too, and find none at the end of a whole scan. What did not hold is broken, whatever is
    said when it is looked at again: a table may change meanwhile.
    """
    lean = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
    full: dict[str, Any] = {"result_format": "SUMMARY", "partial_unexpected_count": MOST_EXAMPLES}
    if batch.key:
        full["unexpected_index_column_names"] = list(batch.key)
    with quiet():
        with _without_examples(batch.execution):
            found = _by_number(_results(_validator(batch), configurations, lean))
        again = [each for each in configurations if not _holds(found.get(int(each.id)))]
        seen = _by_number(_results(_validator(batch), again, full)) if again else {}
    for number, result in seen.items():
        if not (result.success and _is_seen(found.get(number))):
            found[number] = result
    return found


def _validator(batch: Batch) -> Any:
    from great_expectations.core.batch import Batch as LoadedBatch
    from great_expectations.validator.validator import Validator

    class Quiet(Validator):  # type: ignore[misc]
        """Draws no progress bar: that is a terminal's, and this runs in tasks."""

        def _determine_progress_bars(self) -> bool:
            return False

    return Quiet(execution_engine=batch.execution, batches=[LoadedBatch(data=batch.data)])


@contextmanager
def _without_examples(execution: Any) -> Iterator[None]:
    """Let an engine of Great Expectations find nothing, without looking, for what would only be shown."""
    whole = execution.resolve_metrics

    def resolve(metrics_to_resolve: Sequence[Any], *more: Any, **others: Any) -> dict[Any, Any]:
        shown = [each for each in metrics_to_resolve if each.metric_name.endswith(_EXAMPLES)]
        needed = [each for each in metrics_to_resolve if not each.metric_name.endswith(_EXAMPLES)]
        found = whole(needed, *more, **others) if needed else {}
        return {**found, **{each.id: None for each in shown}}

    execution.resolve_metrics = resolve
    try:
        yield
    finally:
        del execution.resolve_metrics


def _results(validator: Any, configurations: Sequence[Any], how: dict[str, Any]) -> list[Any]:
    """What Great Expectations says of each. Where one makes it fail as a whole, each is looked at alone."""
    try:
        found: list[Any] = validator.graph_validate(list(configurations), runtime_configuration={"result_format": how})
    except Exception:  # noqa: BLE001 - whatever an expectation raises costs only itself
        alone = ([each] for each in configurations) if len(configurations) > 1 else ()
        return [result for each in alone for result in _results(validator, each, how)]
    return found


def _by_number(results: Sequence[Any]) -> dict[int, Any]:
    return {int(each.expectation_config.id): each for each in results}


def _holds(result: Any) -> bool:
    return result is not None and bool(result.success)


def _is_seen(result: Any) -> bool:
    """Whether an expectation could be looked at, and does not hold."""
    return result is not None and not result.success and bool(result.result)
