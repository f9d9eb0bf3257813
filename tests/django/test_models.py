"""What means nothing is never saved, whoever saves it."""

from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from mergeflow.django.models import KPI, Result, Simulator
from tests.django.conftest import call

pytestmark = pytest.mark.usefixtures("rows")


def kpi(name: str = "Add 2", formula: str = "value + 2") -> KPI:
    return KPI.objects.create(name=name, formula=formula)


def simulator(interval: str = "every 2 seconds") -> Simulator:
    return Simulator.objects.create(start_date=date(2024, 1, 1), interval=interval, kpi=kpi())


@pytest.mark.parametrize(
    ("make", "field", "why"),
    [
        (lambda: kpi(formula="__import__('os')"), "formula", "a formula does not know `__import__`"),
        (lambda: kpi(formula="9**9**9"), "formula", "an exponent is too large"),
        (lambda: kpi(formula="value + " + "1" * 255), "formula", "at most 255 characters"),
        (lambda: kpi(formula=""), "formula", "cannot be blank"),
        (lambda: kpi(name=""), "name", "cannot be blank"),
        (lambda: kpi(name="n" * 51), "name", "at most 50 characters"),
        (lambda: kpi(name="two\nlines"), "name", "one line"),
        (lambda: kpi(name="\x00"), "name", "one line"),
        (lambda: simulator("soon"), "interval", "new simulator: `soon` is no interval"),
        (lambda: simulator("every second" + " " * 50), "interval", "at most 50 characters"),
        (lambda: simulator(""), "interval", "cannot be blank"),
        (lambda: Simulator.objects.create(interval="2s", kpi_id=7), "kpi", "is not a valid choice"),
    ],
)
def test_what_means_nothing_is_refused_at_its_field(make: Callable[[], object], field: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make()
    assert list(refused.value.message_dict) == [field]
    assert why in refused.value.message_dict[field][0]
    assert not Simulator.objects.exists()


def test_a_change_is_checked_like_what_is_new() -> None:
    saved = simulator()
    saved.interval = "now and then"
    with pytest.raises(ValidationError, match=f"simulator {saved.pk}: `now and then` is no interval"):
        saved.save()
    saved.refresh_from_db()
    assert saved.interval == "every 2 seconds"


def test_a_name_may_be_what_people_type() -> None:
    for name in ('d\'Été "2" 😀', "<script>", "value: *x", "n" * 50):
        assert KPI.objects.get(pk=kpi(name).pk).name == name


def test_a_kpi_that_a_simulator_uses_stays() -> None:
    with pytest.raises(ProtectedError):
        simulator().kpi.delete()


def test_a_run_has_one_result_and_newest_come_first() -> None:
    of = simulator()
    for run in ("a", "b", "c"):
        Result.objects.create(simulator=of, run_id=run, value=1, result=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.create(simulator=of, run_id="b", value=2, result=4)
    assert [each.run_id for each in Result.objects.all()] == ["c", "b", "a"]
    Result.objects.create(simulator=simulator(), run_id="b", value=2, result=4)


def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=(out := StringIO()))
    assert out.getvalue() == "No changes detected\n"


def test_the_examples_are_simulators_1_and_2_and_mean_something() -> None:
    assert call("add_examples") == (
        "Added simulator 1: Add 2, every 2 seconds.\nAdded simulator 2: Add 6, every 5 seconds.\n"
    )
    for each in (*KPI.objects.all(), *Simulator.objects.all()):
        each.full_clean()
    assert [(each.pk, each.kpi.formula) for each in Simulator.objects.all()] == [(1, "value + 2"), (2, "value + 6")]


def test_the_examples_never_touch_what_is_there() -> None:
    own = kpi("Ours", "value * 3")
    assert "nothing is added" in call("add_examples")
    assert list(KPI.objects.values_list("pk", "name")) == [(own.pk, "Ours")]
    assert not Simulator.objects.exists()


def test_the_token_stays_until_the_environment_gives_another(monkeypatch: pytest.MonkeyPatch) -> None:
    made = call("airflow_token")
    assert call("airflow_token") == made
    monkeypatch.setenv("MERGEFLOW_SITE_TOKEN", "a-better-one-that-is-long-enough")
    assert call("airflow_token") == "airflow has the token that MERGEFLOW_SITE_TOKEN gives.\n"
    monkeypatch.delenv("MERGEFLOW_SITE_TOKEN")
    assert call("airflow_token") == "a-better-one-that-is-long-enough\n"


@pytest.mark.parametrize("weak", ["short", "with spaces in it, but long", "x" * 41, "with:a:colon:and:long:enough"])
def test_a_token_that_cannot_be_sent_or_is_soon_guessed_is_refused(weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGEFLOW_SITE_TOKEN", weak)
    with pytest.raises(CommandError, match="20 to 40"):
        call("airflow_token")
