"""A suite on disk, for tests of DAGs of tests."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from mergeflow.airflow.testing.dag_of_tests.collecting import Asked


def write(root: Path, files: Mapping[str, str]) -> Asked:
    """A repository with these files, and the suite in `tests/smoke`."""
    for path, text in {"configs/.keep": "", "pytest.ini": "[pytest]\nfilterwarnings = error\n", **files}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())
    return Asked(root, ("tests/smoke",))
