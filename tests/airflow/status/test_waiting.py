"""Waiting for Airflow ends when it is done, when it cannot be, or when the time is over."""

from datetime import UTC, datetime

import pytest

from mergeflow.airflow.status.waiting import wait
from mergeflow.airflow.transport import AirflowError
from mergeflow.status import DagStatus, Expected, ImportFailure, Observed, State, Status

EXPECTED = Expected("main", "4c1d02e", datetime(2026, 11, 21, tzinfo=UTC), {})
OBSERVED = Observed("http://a", "3.3.2", ())
GONE, REFUSED = AirflowError("there is no Airflow at http://a"), AirflowError("refused", 401)


def of(*states: State, final: bool = False, failures: tuple[ImportFailure, ...] = ()) -> Status:
    dags = tuple(DagStatus(f"d{number}", state, is_final=final) for number, state in enumerate(states))
    return Status(EXPECTED, OBSERVED, "b", dags, failures)


class Clock:
    """Time passes only when somebody sleeps, or asks Airflow."""

    def __init__(self, *answers: Status | AirflowError, each: float = 0.0) -> None:
        self.time, self.said, self.looks = 100.0, list[str](), 0
        self._answers, self._each = answers, each

    def look(self) -> Status:
        answer = self._answers[min(self.looks, len(self._answers) - 1)]
        self.looks += 1
        self.time += self._each
        if isinstance(answer, AirflowError):
            raise answer
        return answer

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.time += seconds

    def wait(self, seconds: float) -> Status:
        return wait(self.look, seconds, self.said.append, now=lambda: self.time, sleep=self.sleep)


DONE, NOT_YET = of(State.SYNCED, State.PAUSED), of(State.SYNCED, State.MISSING)


def test_it_ends_as_soon_as_all_is_in_sync() -> None:
    clock = Clock(NOT_YET, NOT_YET, DONE)
    assert clock.wait(60) is DONE
    assert (clock.looks, clock.time) == (3, 102.0)
    assert clock.said == ["1 of 2 DAGs in sync; 1 Missing"] * 2


def test_it_ends_when_the_time_is_over() -> None:
    clock = Clock(NOT_YET)
    assert clock.wait(5) is NOT_YET
    assert clock.time == 105.0


def test_it_looks_once_at_least() -> None:
    assert Clock(NOT_YET).wait(0) is NOT_YET


def test_what_the_commit_refuses_is_not_waited_for() -> None:
    clock = Clock(of(State.ERROR, final=True))
    clock.wait(60)
    assert clock.looks == 1


def test_an_airflow_that_is_away_for_a_moment_is_waited_for() -> None:
    clock = Clock(GONE, AirflowError("500", 500), DONE)
    assert clock.wait(60) is DONE
    assert clock.said == [str(GONE), "500"]


@pytest.mark.parametrize("answers", [(GONE,), (NOT_YET, GONE)])
def test_one_that_stays_away_is_the_error(answers: tuple[Status | AirflowError, ...]) -> None:
    clock = Clock(*answers)
    with pytest.raises(AirflowError, match="there is no Airflow"):
        clock.wait(5)
    assert clock.time == 105.0


def test_a_refused_login_is_not_tried_again() -> None:
    clock = Clock(REFUSED, DONE)
    with pytest.raises(AirflowError, match="refused"):
        clock.wait(60)
    assert clock.looks == 1


def test_a_last_look_that_is_cut_off_leaves_the_one_before() -> None:
    clock = Clock(NOT_YET, AirflowError("Airflow did not answer within 1 s"), each=3)
    assert clock.wait(8) is NOT_YET


def test_slow_answers_are_asked_for_less_often() -> None:
    clock = Clock(NOT_YET, each=5)
    clock.wait(40)
    assert clock.looks == 5


def test_import_errors_of_no_dag_are_told() -> None:
    clock = Clock(of(State.SYNCED, failures=(ImportFailure("x.py", "boom"),)))
    clock.wait(0.5)
    assert clock.said == ["1 of 1 DAGs in sync; 1 other import errors"]
