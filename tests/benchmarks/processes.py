"""The CPU time of a process and of all that it has started."""

from contextlib import suppress

import psutil  # type: ignore[import-untyped]


def dag_processor(airflow: psutil.Process) -> psutil.Process | None:
    """The dag-processor among the processes below one that keeps an Airflow; None before it runs."""
    for process in airflow.children(recursive=True):
        with suppress(psutil.Error):
            if "dag-processor" in process.cmdline():
                return process
    return None


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time of a process, of its living descendants, and of those that it has waited for.

    Parse processes and Git live for a moment: most of the time is that of the dead.
    """
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total
