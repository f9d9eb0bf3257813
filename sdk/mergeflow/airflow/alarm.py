"""Airflow's limit on the import of one file: an alarm that goes off once, in the middle of anything.

What it ends is mostly the build of some DAG. That DAG may be what took so long, such as one whose module waits for a
server: it is left out like any other that cannot be built, and the alarm is set once more for the rest. Or it was only
the last of many: then nothing is held against it, and the import ends as Airflow wants it to.
"""

import signal
import time

from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowTaskTimeout

_LONG = 10
"""A DAG that took a tenth of the limit, which is 3 s, has itself to blame: most take a millisecond."""

_EARLY = 0.1
"""Seconds before its end at which an alarm that is not set any more has not gone off."""

_TIME = "the time that Airflow gives to the import of a file ([core] dagbag_import_timeout)"
ENDED = f"its build had not come to an end when {_TIME} was over"
OVER = f"{_TIME} was over before all DAGs were built; a stub with fewer DAGs takes less"


class Alarm:
    """The alarm during one import."""

    def __init__(self) -> None:
        self._limit = conf.getfloat("core", "dagbag_import_timeout")
        self._is_set = left() > 0
        self._is_last = False
        self._end = time.monotonic() + left()
        self._handler = signal.getsignal(signal.SIGALRM)

    def has_ended(self, before: float) -> bool:
        """Whether the alarm went off during a build, and the DAG is to blame; `before` was left when that began.

        Raises AirflowTaskTimeout where no DAG is to blame, or a second one: then the import is over.
        """
        if not before or left():
            return False
        if (remaining := self._end - time.monotonic()) > _EARLY:
            self._set(remaining)  # a DAG's code has used the alarm for itself, and cleared it
            return False
        if self._is_last or before < self._limit / _LONG:
            raise AirflowTaskTimeout(OVER)
        self._is_last = True
        killed_after = conf.getfloat("dag_processor", "dag_file_processor_timeout")
        self._set(max(killed_after - self._limit, 2) / 2)
        return True

    def is_near(self) -> bool:
        """Whether less than a third of the limit is left, or the alarm has gone off already."""
        return self._is_set and left() < self._limit / 3

    def _set(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        signal.signal(signal.SIGALRM, self._handler)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def left() -> float:
    """Seconds until the alarm; 0 when none is set or it has gone off."""
    return signal.getitimer(signal.ITIMER_REAL)[0]
