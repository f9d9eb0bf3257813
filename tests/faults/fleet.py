"""The DAGs that faults happen to."""

from contextlib import suppress
from dataclasses import dataclass

import psutil

from mergeflow.airflow.client import Run
from mergeflow.airflow.local.supervisor import LocalAirflow
from tests.faults.schedule import DAG_ID
from tests.live import BASH, EMPTY, ERRORS, PATIENCE, STUB, Origin, eventually

ORDERS = f"""\
orders:
  schedule: null
  tasks:
    say: {{operator: {BASH}, bash_command: echo orders}}

refunds:
  schedule: null
  tasks:
    say: {{operator: {EMPTY}}}
"""
STOCK = ORDERS.replace("orders", "stock").replace("refunds", "returns")
DAGS = frozenset({DAG_ID, "orders", "refunds", "returns", "stock"})
"""All dag_ids, of two teams beside the one of the schedule."""

FILES = {
    "configs/shop/orders.yaml": ORDERS,
    "configs/stock/stock.yaml": STOCK,
    "dags/config_errors.py": ERRORS,
    **{f"dags/{team}.py": STUB.format(team=team) for team in ("shop", "stock", "steady")},
}


@dataclass(frozen=True)
class Fleet:
    """What is in the repository, and what Airflow has of it."""

    airflow: LocalAirflow
    origin: Origin
    commit: str

    def live(self) -> set[str]:
        """The DAGs that are not stale."""
        return {dag.dag_id for dag in self.airflow.client.dags()}

    def until_live(self, dag_ids: set[str] | frozenset[str], seconds: float = PATIENCE) -> None:
        """Wait until these DAGs are live, and no others."""
        eventually(
            self.airflow,
            lambda: self.live() == dag_ids,
            lambda: f"{sorted(dag_ids)}, not {sorted(self.live())}",
            seconds,
        )

    def until_error(self, dag_processors: int = 1) -> str:
        """Wait for an import error of the configs, and return its text.

        Airflow stores it once for each dag-processor that parses the file while none has stored it yet.
        """
        eventually(self.airflow, self.airflow.client.import_errors, "an error is shown")
        errors = self.airflow.client.import_errors()
        assert len(errors) <= dag_processors, errors
        ((file, text),) = {(error.file, error.text) for error in errors}
        assert file.endswith("config_errors.py")
        assert "Traceback" not in text
        return text

    def until_no_error(self) -> None:
        """Wait until every file can be loaded."""
        eventually(self.airflow, lambda: not self.airflow.client.import_errors(), "no error is left")

    def run(self, dag_id: str) -> Run:
        """Start a run and wait for its success."""
        run = self.airflow.wait_for_run(self.airflow.client.trigger(dag_id, unpause=True), timeout=PATIENCE)
        assert run.state == "success", self.airflow.client.tasks(dag_id, run.run_id)
        return run

    def dag_processor(self) -> int:
        """The dag-processor's process id, which is that of its group too; 0 while there is none."""
        assert self.airflow._kept is not None
        for process in psutil.Process(self.airflow._kept._keeper.pid).children():
            with suppress(psutil.Error):  # it has just ended
                if any("dag-processor" in word for word in process.cmdline()):
                    return process.pid
        return 0

    def restore(self) -> None:
        """Make the repository what it was at first, with one more commit, and wait until Airflow follows."""
        if self.origin.git("diff", "--name-only", self.commit, "main"):
            self.origin.git("read-tree", "-u", "--reset", self.commit)
            self.origin.git("commit", "-qm", "as it was", "--no-verify")
        self.until_live(DAGS)
        self.until_no_error()
