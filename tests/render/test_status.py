"""What a status looks like on a terminal, beyond what the command's own tests show."""

from datetime import UTC, datetime, timedelta

import pytest

from mergeflow.render.status import SHOWN, age, render
from mergeflow.status import DagStatus, Expected, ImportFailure, LiveDag, Observed, State, Status

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVIL = "\x1b[2J\r\u202e\u2028\x9b\udc80"
EXPECTED = Expected("main", "4c1d02e" + "0" * 33, NOON, {})


def of(
    dags: list[DagStatus], failures: tuple[ImportFailure, ...] = (), text: str = "x", *, unversioned: int = 0
) -> Status:
    observed = Observed(text, text, (LiveDag("a", text, text, "b", NOON),), failures, {"scheduler": text})
    return Status(EXPECTED, observed, "b", tuple(dags), failures, unversioned, (text,))


def test_nothing_of_an_airflow_moves_the_cursor() -> None:
    dags = [DagStatus(EVIL, state, EVIL) for state in State]
    failures = (ImportFailure(EVIL, f"{EVIL}\n{EVIL}"), ImportFailure(EVIL, f"Traceback\n{EVIL}"))
    shown = render(of(dags, failures, EVIL, unversioned=1), NOON)
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    assert EVIL[1:4] in shown


def test_color_changes_nothing_but_color() -> None:
    status = of([DagStatus(state.value, state, "why") for state in State])
    painted = render(status, NOON, color=True)
    assert "\x1b[32mSynced   \x1b[0m" in painted
    for code in (0, 31, 32, 33, 34):
        assert f"\x1b[{code}m" in painted
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == render(status, NOON)


@pytest.mark.parametrize("state", [state for state in State if state is not State.SYNCED])
def test_of_many_dags_the_first_are_named(state: State) -> None:
    shown = render(of([DagStatus(f"dag_{number:03}", state) for number in range(SHOWN + 2)]), NOON)
    assert f"dag_{SHOWN - 1:03}" in shown
    assert f"dag_{SHOWN:03}" not in shown
    assert "and 2 more" in shown


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=-5), "0 s ago (12:00:05 UTC)"),
        (timedelta(seconds=59), "59 s ago (11:59:01 UTC)"),
        (timedelta(seconds=60), "1 min ago (2026-11-21 11:59:00 UTC)"),
        (timedelta(hours=5), "5 h ago (2026-11-21 07:00:00 UTC)"),
        (timedelta(days=2), "2 d ago (2026-11-19 12:00:00 UTC)"),
    ],
)
def test_the_age_of_a_parse(ago: timedelta, told: str) -> None:
    assert age(NOON - ago, NOON) == told
    assert age(None, NOON) == "never"
