"""A DAG that is due every few seconds, so that a gap, a lost run or a halt is seen."""

from datetime import UTC, datetime, timedelta

from mergeflow.airflow.client import Run
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.live import EMPTY, eventually

DAG_ID = "steady"
EVERY = timedelta(seconds=2)
LATE = timedelta(seconds=30)  # much for a busy machine, little for a fault of a minute


def steady() -> str:
    """The config: due from now on, and with catch-up, so that each moment has its run."""
    return f"""
{DAG_ID}:
  schedule: {{__type__: datetime.timedelta, seconds: {EVERY.seconds}}}
  start_date: {datetime.now(UTC).isoformat(timespec="seconds")}
  catchup: true
  max_active_runs: 16
  tasks:
    run: {{operator: {EMPTY}}}
"""


class Schedule:
    """What Airflow has made of the steady DAG so far."""

    def __init__(self, airflow: LocalAirflow) -> None:
        self._airflow = airflow

    def goes_on(self) -> None:
        """Wait until every moment up to now has exactly one run, in success; none may have been late."""
        now = datetime.now(UTC)
        eventually(
            self._airflow,
            lambda: self._first_missing() > now,
            lambda: f"a run of {DAG_ID} for each moment until {now:%H:%M:%S}; {self._state_of(self._first_missing())}",
        )
        for moment, run in self._runs().items():
            late = datetime.fromisoformat(run.started or "") - moment if run.started else EVERY
            assert late < LATE, f"{run.run_id} began {late} late"

    def _first_missing(self) -> datetime:
        runs = self._runs()
        moment = min(runs, default=datetime.min.replace(tzinfo=UTC))
        while moment in runs and runs[moment].state == "success":
            moment += EVERY
        return moment

    def _state_of(self, moment: datetime) -> str:
        run = self._runs().get(moment)
        return f"that of {moment:%H:%M:%S} is {run.state if run else 'not there'}"

    def _runs(self) -> dict[datetime, Run]:
        found = [run for run in self._airflow.client.runs(DAG_ID) if run.run_id.startswith("scheduled__")]
        return {datetime.fromisoformat(run.run_id.removeprefix("scheduled__")): run for run in found}
