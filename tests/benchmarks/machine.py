"""What the numbers were measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("mergeflow", "dag-factory", "airflow-blueprint", "apache-airflow")


def machine() -> str:
    """The processor, its cores and the memory."""
    with open("/proc/cpuinfo") as lines:  # noqa: PTH123 - a stream of lines
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{(models or [platform.machine()])[0]}, {cores} cores, {memory_gib:.0f} GiB of memory, {platform.system()}"


def versions() -> dict[str, str]:
    """Those of Python and of the contenders."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
