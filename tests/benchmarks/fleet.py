"""A fleet of DAGs of five tasks each, written once for every contender."""

import shutil
import subprocess
from pathlib import Path

CATALOG = Path(__file__).resolve().parents[2] / "validators/catalog.json"
TASKS = 5
TEAM, TEAMS = 50, 100  # DAGs in a team, and how many teams there are at most
BASH = "airflow.providers.standard.operators.bash.BashOperator"

DAG_FACTORY, BLUEPRINT, EMPTY = "dag_factory", "blueprint", "empty"
"""The folders that Airflow reads in the place of `dags/` where the contender is another one."""


def teams_of(dags: int) -> int:
    """How many teams share so many DAGs."""
    return min(max(1, dags // TEAM), TEAMS)


def config(dags: int, number: int) -> str:
    """The path of a DAG's config."""
    return f"configs/team_{number % teams_of(dags):02}/dag_{number:05}.yaml"


def write(root: Path, dags: int, *, blueprint: bool = True) -> Path:
    """Write a repository with one DAG per file, and beside it the same DAGs for every other contender; return `root`.

    Without `blueprint`, whose YAML is another one, there are only the files that both Mergeflow and dag-factory read.

    The operators are checked as in any repository: against this one's catalog.
    """
    (root / "dags").mkdir(parents=True)
    (root / "validators").mkdir()
    shutil.copy(CATALOG, root / "validators")
    for team in range(teams_of(dags)):
        (root / f"configs/team_{team:02}").mkdir(parents=True)
        (root / f"dags/team_{team:02}.py").write_text(_STUB.format(team=f"team_{team:02}"))
    (root / "dags/config_errors.py").write_text(_CONFIG_ERRORS)
    (root / "configs/defaults.yml").write_text("catchup: false\ndefault_args: {owner: fleet, retries: 2}\n")
    for number in range(dags):
        (root / config(dags, number)).write_text(dag(number))
    _write_peers(root, dags)
    if blueprint:
        _write_blueprint(root, dags)
    return root


def dag(number: int, *tags: str, prefix: str = "dag") -> str:
    """One DAG's config; the tags are added to that of all."""
    tasks = "".join(
        f"    step_{task}:\n      operator: {BASH}\n      bash_command: echo {task}\n"
        + (f"      dependencies: [step_{task - 1}]\n" if task else "")
        for task in range(TASKS)
    )
    labels = ", ".join(("fleet", *tags))
    return (
        f'{prefix}_{number:05}:\n  schedule: "@daily"\n  start_date: 2024-01-01\n  tags: [{labels}]\n  tasks:\n{tasks}'
    )


def commit(root: Path, message: str) -> None:
    """Commit all of a folder on main, which the first commit makes a repository."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "--all")
    git(root, "-c", "user.name=Bench", "-c", "user.email=bench@example.com", "commit", "-qm", message, "--no-verify")


def git(root: Path, *arguments: str) -> None:
    """Run Git in a fleet's repository."""
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def _write_peers(root: Path, dags: int) -> None:
    (root / "by_hand.py").write_text(_BY_HAND.format(dags=dags, tasks=TASKS))
    for folder in (DAG_FACTORY, EMPTY):
        (root / folder).mkdir()
    (root / EMPTY / "README.md").write_text("No DAG is here.\n")
    (root / DAG_FACTORY / "loader.py").write_text(_DAG_FACTORY)


def _write_blueprint(root: Path, dags: int) -> None:
    folder = root / BLUEPRINT
    folder.mkdir()
    (folder / "loader.py").write_text(_BLUEPRINT)
    (folder / "templates.py").write_text(_TEMPLATES)
    for number in range(dags):
        (folder / f"dag_{number:05}.dag.yaml").write_text(_composed(number))


def _composed(number: int) -> str:
    steps = "".join(
        f"  step_{task}:\n    blueprint: echo\n    text: '{task}'\n"
        + (f"    depends_on: [step_{task - 1}]\n" if task else "")
        for task in range(TASKS)
    )
    return f'dag_id: dag_{number:05}\nschedule: "@daily"\nsteps:\n{steps}'


_STUB = """\
from mergeflow.airflow import load_dags

load_dags(globals(), "{team}")
"""

_CONFIG_ERRORS = """\
from mergeflow.airflow import raise_config_errors  # for DAGs

raise_config_errors(globals())
"""

_DAG_FACTORY = """\
from pathlib import Path

from airflow.sdk import DAG
from dagfactory import load_yaml_dags

CONFIGS = str(Path(__file__).resolve().parent.parent / "configs")
load_yaml_dags(globals_dict=globals(), dags_folder=CONFIGS, defaults_config_path=CONFIGS)
"""

_BLUEPRINT = """\
from pathlib import Path

from blueprint import build_all_airflow_dags

build_all_airflow_dags(Path(__file__).parent)
"""

_TEMPLATES = """\
from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from blueprint import BaseModel, Blueprint, BlueprintDagArgs


class EchoConfig(BaseModel):
    text: str


class Echo(Blueprint[EchoConfig]):
    def render(self, config):
        return BashOperator(task_id=self.step_id, bash_command=f"echo {config.text}")


class FleetArgsConfig(BaseModel):
    schedule: str


class FleetArgs(BlueprintDagArgs[FleetArgsConfig]):
    def render(self, config):
        return {
            "schedule": config.schedule,
            "start_date": datetime(2024, 1, 1),
            "catchup": False,
            "tags": ["fleet"],
            "default_args": {"owner": "fleet", "retries": 2},
        }
"""

_BY_HAND = """\
from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

for number in range({dags}):
    dag = DAG(
        f"dag_{{number:05}}",
        schedule="@daily",
        start_date=datetime(2024, 1, 1),
        catchup=False,
        tags=["fleet"],
        default_args={{"owner": "fleet", "retries": 2}},
    )
    before = None
    for task in range({tasks}):
        step = BashOperator(task_id=f"step_{{task}}", bash_command=f"echo {{task}}", dag=dag)
        if before is not None:
            before >> step
        before = step
    globals()[dag.dag_id] = dag
"""
