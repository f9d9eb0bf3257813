"""Look again and again until Airflow is in sync, waiting cannot help any more, or the time is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mergeflow.airflow.transport import AirflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeflow.status import Status

REFUSED = frozenset({401, 403})
"""Another look with the same login comes to the same."""


def wait(  # noqa: PLR0913 - the last three for tests
    look: Callable[[], Status],
    seconds: float,
    say: Callable[[str], None],
    *,
    every: float = 1.0,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Status:
    """Return the last status. Raises AirflowError when Airflow refuses the login, or cannot be asked at the end.

    An Airflow that does not answer may be about to: a deployment may have stopped it for a moment. `say` is told after
    each look how far it is. A look that takes long makes the pause before the next one as long.
    """
    end = now() + seconds
    status: Status | None = None
    while True:
        begun = now()
        try:
            status = look()
        except AirflowError as error:
            is_cut_off = status is not None and now() >= end
            if is_cut_off and status is not None:
                return status
            if error.status in REFUSED or now() >= end:
                raise
            status = None
            say(str(error))
        else:
            if status.in_sync or status.is_hopeless or now() >= end:
                return status
            say(progress(status))
        sleep(max(0.0, min(max(every, now() - begun), end - now())))


def progress(status: Status) -> str:
    """How far it is, on one line."""
    good = sum(status.counts[each] for each in status.counts if each.is_in_sync)
    left = [f"{many} {state.value}" for state, many in sorted(status.counts.items()) if not state.is_in_sync]
    left += [f"{len(status.failures)} other import errors"] if status.failures else []
    return f"{good:,} of {len(status.dags):,} DAGs in sync; {', '.join(left)}"
