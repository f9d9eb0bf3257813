"""What a batch may look like, whatever the run."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callables.transactions.generator import draw_batch
from callables.transactions.labels import draw_labels
from callables.transactions.tables import Run

SYMBOLS = st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=8)
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9000, 1, 1))  # noqa: DTZ001
RUNS = st.builds(Run.of, st.just("dag"), st.text(min_size=1, max_size=250), MOMENTS)


@pytest.mark.parametrize("symbols", [[], (), "AAPL", [""], ["AAPL", None], None, 5])
def test_symbols_that_are_no_list_of_names_are_refused(symbols: object) -> None:
    with pytest.raises(ValueError, match="symbols must be a list"):
        draw_batch(Run.of("dag", "run", datetime(2025, 1, 1)), symbols)  # noqa: DTZ001


@pytest.mark.parametrize(("dag_id", "run_id"), [("", "run"), ("dag", "")])
def test_a_run_without_a_name_is_refused(dag_id: str, run_id: str) -> None:
    with pytest.raises(ValueError, match="a run needs a dag_id and a run_id"):
        Run.of(dag_id, run_id, datetime(2025, 1, 1))  # noqa: DTZ001


@given(run=RUNS, symbols=SYMBOLS)
def test_every_batch_keeps_to_the_contract(run: Run, symbols: list[str]) -> None:
    rows = draw_batch(run, symbols)
    users = [row["user_id"] for row in rows]
    assert set(users) == set(range(1, 11))
    assert all(5 <= users.count(user) <= 20 for user in set(users))
    for row in rows:
        assert Decimal(5) <= row["amount"] <= Decimal(500)
        assert row["amount"].as_tuple().exponent == -2
        assert timedelta(hours=1) <= run.at - row["transaction_date"] <= timedelta(hours=4)
        assert row["stock_symbol"] in symbols


@given(dag_id=st.just("dag"), run_id=st.text(min_size=1), at=MOMENTS)
def test_dates_stay_1_to_4_hours_before_the_exact_moment(dag_id: str, run_id: str, at: datetime) -> None:
    for row in draw_batch(Run.of(dag_id, run_id, at), ["AAPL"]):
        assert timedelta(hours=1) <= at - row["transaction_date"] <= timedelta(hours=4)


@given(run=RUNS)
def test_a_retry_draws_the_same_batch_and_another_run_draws_another(run: Run) -> None:
    assert draw_batch(run, ["A", "B"]) == draw_batch(run, ["A", "B"])
    assert draw_batch(run, ["A", "B"]) != draw_batch(run._replace(key=run.key + "'"), ["A", "B"])


def test_the_moment_is_taken_in_utc() -> None:
    paris = Run.of("dag", "run", datetime.fromisoformat("2025-01-01T00:30:00.7+01:00"))
    assert paris.at == datetime(2024, 12, 31, 23, 30)  # noqa: DTZ001


@given(ids=st.lists(st.integers()), seed=st.integers())
def test_each_id_gets_one_label_and_the_rates_0_and_1_are_exact(ids: list[int], seed: int) -> None:
    for rate in (0, 0.5, 1):
        labels = draw_labels(ids, rate, random.Random(seed))
        assert [label["transaction_id"] for label in labels] == ids
        if rate != 0.5:
            assert {label["is_fraudulent"] for label in labels} <= {bool(rate)}


def test_the_fraud_rate_is_the_share_of_fraud() -> None:
    labels = draw_labels(range(10_000), 0.2, random.Random(1))
    assert 0.19 < sum(label["is_fraudulent"] for label in labels) / 10_000 < 0.21
