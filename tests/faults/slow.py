"""A DAG whose parse takes as long as somebody wishes."""

from pathlib import Path

from tests.live import PYTHON

CONFIG = "configs/shop/slow.yaml"
CODE = "dags/callables/shop/slow.py"
SLOW = f"""\
slow:
  schedule: null
  tasks:
    run: {{operator: {PYTHON}, python_callable: callables.shop.slow.nothing}}
"""
MODULE = """\
import time
from pathlib import Path

Path({begun!r}).touch()
while Path({waits!r}).exists():
    time.sleep(0.1)


def nothing() -> None:
    pass
"""


def slow(begun: Path, waits: Path) -> dict[str, str]:
    """Its files: a parse touches `begun`, and ends when there is no file `waits`."""
    return {CONFIG: SLOW, CODE: MODULE.format(begun=str(begun), waits=str(waits))}
