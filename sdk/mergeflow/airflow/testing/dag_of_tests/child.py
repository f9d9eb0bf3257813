"""The process that asks pytest which tests there are: `python -m … ANSWER ARGUMENT…` writes them to a file as JSON."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """Collect, and write the answer; without one, what pytest has printed says why."""
    try:
        import pytest
    except ModuleNotFoundError:
        print("pytest is not installed here; it comes with `mergeflow[testing]`")  # noqa: T201 - read by who started it
        return 1
    from mergeflow.airflow.testing.dag_of_tests.collecting import as_json
    from mergeflow.airflow.testing.dag_of_tests.substitute import Probe
    from mergeflow.airflow.testing.dag_of_tests.suite import Suite

    answer, *rest = arguments
    probe = Probe()
    code = pytest.main(rest, plugins=[probe])
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        probe.tests = ()
    elif code != pytest.ExitCode.OK or probe.tests is None:
        return 1
    Path(answer).write_text(json.dumps(as_json(Suite(probe.tests, frozenset(probe.custom)))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
