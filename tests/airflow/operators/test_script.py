"""The operator of the task type `script`: what reaches a script, what its end means, what a cancel leaves behind."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from mergeflow.airflow.operators.script import ScriptOperator

Make = Callable[..., ScriptOperator]
HOSTILE = [
    "",
    " ",
    "a b",
    "$(id)",
    "`id`",
    "; exit 9",
    "'",
    '"',
    "\\",
    "\n",
    "*",
    "-n",
    "--",
    "~",
    "注文 📦",
    "x" * 10_000,
]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """An operator in a DAG whose stub stands beside `scripts/`."""
    (tmp_path / "dags/scripts/team").mkdir(parents=True)

    def operator(script: str, path: str = "team/a.sh", **arguments: Any) -> ScriptOperator:
        file = tmp_path / "dags/scripts" / path
        file.write_text(script)
        with DAG("orders", schedule=None) as dag:
            task = ScriptOperator(task_id="load", path=path, **arguments)
        dag.fileloc = str(tmp_path / "dags/team.py")
        return task

    return operator


def test_every_argument_arrives_as_it_is(make: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = "import os, sys\nopen(os.environ['OUT'], 'w').write('\\0'.join(sys.argv[1:]))\n"
    make(script, "team/a.py", arguments=HOSTILE, env={"OUT": str(out)}).execute({})  # type: ignore[typeddict-item]
    assert out.read_text().split("\0") == HOSTILE


def test_bash_gets_them_one_by_one(make: Make) -> None:
    task = make('for each in "$@"; do printf "[%s]" "$each"; done', arguments=["$(id)", "a b", "'"])
    assert task.execute({}) == "[$(id)][a b][']"  # type: ignore[typeddict-item]


def test_the_environment_is_the_workers_and_more(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_WORKER", "here")
    task = make('echo "$OF_THE_WORKER $COUNTRY"; echo "$OF_THE_WORKER" "$COUNTRY"', env={"COUNTRY": "C H"})
    assert task.execute({}) == "here C H"  # type: ignore[typeddict-item]


@pytest.mark.parametrize("code", [1, 99, 126, 255])
def test_an_exit_code_fails_the_task_with_its_number(code: int, make: Make) -> None:
    with pytest.raises(AirflowException, match=rf"^team/a.sh ended with exit code {code}$"):
        make(f"exit {code}").execute({})  # type: ignore[typeddict-item]


def test_what_a_script_writes_beside_itself_is_gone_afterwards(make: Make) -> None:
    folder = Path(make("touch a; pwd").execute({}))  # type: ignore[typeddict-item]
    assert folder != Path.cwd()
    assert not folder.exists()


def test_output_that_is_no_text_is_no_crash(make: Make) -> None:
    assert make("printf 'a\\xff'").execute({}) == "a\\xff"  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    "path", ["team/none.sh", "../secret.sh", "team/../../secret.sh", "team", "/etc/profile.sh", ""]
)
def test_what_is_no_script_of_the_folder_is_not_run_and_not_tried_again(path: str, make: Make, tmp_path: Path) -> None:
    (tmp_path / "dags/secret.sh").write_text("echo owned")
    task = make("echo")
    task.path = path
    with pytest.raises(AirflowFailException, match="there is no script dags/scripts/"):
        task.execute({})  # type: ignore[typeddict-item]


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_cancel_ends_the_script_and_all_that_it_has_started(
    stubborn: bool,  # noqa: FBT001
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mergeflow.airflow.operators.script._PATIENCE", 0.2 if stubborn else 60)
    started = tmp_path / "started"
    trap = "trap '' TERM\n" if stubborn else ""
    task = make(f'{trap}sleep 300 & echo $! > "{started}"; while :; do sleep 0.05; done')
    failed: list[BaseException] = []

    def run() -> None:
        try:
            task.execute({})  # type: ignore[typeddict-item]
        except AirflowException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not (started.exists() and started.read_text().strip()):
        time.sleep(0.01)
    child = psutil.Process(int(started.read_text()))
    task.on_kill()
    thread.join(120)
    assert not thread.is_alive()
    assert _has_ended(child), "it is told to end with the script"
    assert str(failed[0]) == f"team/a.sh ended with exit code {-(signal.SIGKILL if stubborn else signal.SIGTERM)}"


def _has_ended(process: psutil.Process) -> bool:
    """Whether it ends soon; what nobody has asked for its exit code is left as a zombie."""
    end = time.monotonic() + 30
    with suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
    return True


def test_a_cancel_before_or_after_the_run_does_nothing(make: Make) -> None:
    task = make("echo")
    task.on_kill()
    task.execute({})  # type: ignore[typeddict-item]
    task.on_kill()
    assert os.getpid()
