"""The simulators of the site as plain rows: what becomes YAML, in an order and under names that do not change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from mergeflow.django.models import Simulator
from mergeflow.formulas import fault_in
from mergeflow.intervals import IntervalError, Schedule, schedule_of


@dataclass(frozen=True, slots=True)
class Row:
    """One simulator with its KPI; nothing in it belongs to Django."""

    id: int
    start_date: date
    interval: str
    schedule: Schedule
    kpi_id: int
    kpi_name: str
    formula: str

    @property
    def dag_id(self) -> str:
        """The DAG that runs it: a number only, so no name that anybody has typed can break it."""
        return f"simulator_{self.id}_dag"

    @property
    def task_id(self) -> str:
        """The one task of its DAG."""
        return f"run_simulator_{self.id}"


@dataclass(frozen=True, slots=True)
class Rows:
    """All simulators by number: those that can run, and why the others cannot, each by its name."""

    rows: tuple[Row, ...]
    refused: tuple[str, ...]
    skipped: tuple[int, ...] = ()
    """The numbers of the refused."""


def rows_of(simulators: Iterable[Simulator]) -> Rows:
    """The rows of a queryset, its KPIs read with it; a simulator that means nothing costs no other."""
    rows: list[Row] = []
    refused: dict[int, str] = {}
    for simulator in sorted(_with_kpi(simulators), key=lambda each: each.pk):
        if fault := fault_in(simulator.kpi.formula):
            refused[simulator.pk] = f"{simulator}: the formula of KPI {simulator.kpi_id}: {fault}"
            continue
        try:
            rows.append(_row(simulator, schedule_of(simulator.interval)))
        except IntervalError as error:
            refused[simulator.pk] = f"{simulator}: {error}"
    return Rows(tuple(rows), tuple(refused.values()), tuple(refused))


def _with_kpi(simulators: Iterable[Simulator]) -> Iterable[Simulator]:
    return simulators.select_related("kpi") if isinstance(simulators, QuerySet) else simulators


def _row(simulator: Simulator, schedule: Schedule) -> Row:
    return Row(
        id=simulator.pk,
        start_date=simulator.start_date,
        interval=simulator.interval,
        schedule=schedule,
        kpi_id=simulator.kpi_id,
        kpi_name=simulator.kpi.name,
        formula=simulator.kpi.formula,
    )
