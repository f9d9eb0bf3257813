"""The button of an expectations task in Airflow's interface that leads to its report."""

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperatorLink

from mergeflow.airflow.operators.expectations import ExpectationsOperator

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator


class QualityReport(BaseOperatorLink):
    """Registered by the plugin, so the API server makes it of what it knows of a try: no task has to push it.

    It is there for every try, also for one that was killed, and is not part of what a worker does.
    """

    name = "Data quality report"
    operators: ClassVar[list[type["BaseOperator"]]] = [ExpectationsOperator]

    def get_link(self, operator: "BaseOperator", *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's signature
        """The page of the try that is looked at. `ti_key` is a TaskInstanceKey, or in a worker the task instance."""
        from mergeflow.airflow.reports import address
        from mergeflow.quality.reports import Try

        map_index = -1 if ti_key.map_index is None else ti_key.map_index
        return address(Try(ti_key.dag_id, ti_key.task_id, ti_key.run_id, map_index, ti_key.try_number))
