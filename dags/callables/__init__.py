"""Python that tasks call, one package per team; Airflow puts this folder's parent on the import path."""

from pathlib import Path
from typing import Final

DAGS: Final = str(Path(__file__).resolve().parents[1])
"""The `dags/` folder of the commit that a task runs, wherever Airflow has checked it out: a macro in YAML."""
