"""Rows for YAML: plain, in one order, and one bad simulator costs no other."""

from datetime import date

import pytest

from mergeflow.django.models import KPI, Simulator
from mergeflow.django.rows import rows_of
from tests.django.conftest import call

pytestmark = pytest.mark.usefixtures("rows")


def test_a_row_is_all_that_a_dag_needs() -> None:
    call("add_examples")
    found = rows_of(Simulator.objects.all())
    assert found.refused == ()
    first, second = found.rows
    assert (first.id, first.dag_id, first.task_id) == (1, "simulator_1_dag", "run_simulator_1")
    assert (first.start_date, first.interval) == (date(2024, 1, 1), "every 2 seconds")
    assert first.schedule == {"__type__": "datetime.timedelta", "seconds": 2}
    assert (first.kpi_id, first.kpi_name, first.formula) == (1, "Add 2", "value + 2")
    assert (second.id, second.schedule) == (2, {"__type__": "datetime.timedelta", "seconds": 5})


def test_rows_stand_by_number_however_they_were_asked_for() -> None:
    call("add_examples")
    assert rows_of(Simulator.objects.order_by("-id")) == rows_of(Simulator.objects.all())
    assert rows_of(list(Simulator.objects.order_by("-id"))) == rows_of(Simulator.objects.all())


def test_a_queryset_is_read_in_one_query() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call("add_examples")
    with CaptureQueriesContext(connection) as queries:
        rows_of(Simulator.objects.all())
    assert len(queries) == 1


def test_what_is_wrong_is_named_and_the_others_load() -> None:
    call("add_examples")
    bad = KPI.objects.create(name="bad", formula="value")
    KPI.objects.filter(pk=bad.pk).update(formula="open(value)")  # past every check, as a script may do
    for pk, kpi, interval in ((3, 1, "whenever"), (4, bad.pk, "2s"), (5, 1, "1h")):
        Simulator.objects.bulk_create([Simulator(pk=pk, kpi_id=kpi, interval=interval)])
    found = rows_of(Simulator.objects.all())
    assert [row.id for row in found.rows] == [1, 2, 5]
    interval, formula = found.refused
    assert interval.startswith("simulator 3: `whenever` is no interval: write ")
    assert formula.startswith(f"simulator 4: the formula of KPI {bad.pk}: a formula does not know `open`")


def test_names_of_dags_hold_nothing_that_anybody_typed() -> None:
    kpi = KPI.objects.create(name="'; drop\u00a0😀 {{ x }}", formula="value")
    Simulator.objects.create(interval="5m", kpi=kpi)
    (row,) = rows_of(Simulator.objects.all()).rows
    assert row.dag_id == f"simulator_{row.id}_dag"
