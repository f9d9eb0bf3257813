"""`--update-golden` changes what is expected, so nobody may use it where nobody looks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("value", ["true", "1", "True"])
def test_the_flag_is_refused_in_ci(value: str) -> None:
    command = [sys.executable, "-m", "pytest", "--update-golden", "--collect-only", "-q", "tests/test_golden_flag.py"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"CI": value}, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "refused in CI" in done.stderr
