"""What a config may name that nobody should ever write."""

import contextlib
import signal
import time

from airflow.sdk.exceptions import AirflowTaskTimeout


class _SpeechlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("not even this")


def speechless() -> None:
    """Raise an exception that cannot say what it is."""
    raise _SpeechlessError


def untellable() -> None:
    """Raise an exception whose message is no text that any file or database takes."""
    raise ValueError("\ud800 and \udcff")


def disarmed() -> None:
    """Set the alarm for something of one's own, and clear it."""
    signal.setitimer(signal.ITIMER_REAL, 60)
    signal.setitimer(signal.ITIMER_REAL, 0)


def deaf() -> None:
    """Wait for a minute, and ignore whoever ends that."""
    with contextlib.suppress(BaseException):
        time.sleep(60)


def wolf() -> None:
    """Cry that the time is over, when it is not."""
    raise AirflowTaskTimeout("the import takes too long")
