"""Jobs that die, hang, shout and leave processes behind: each has an answer, and nothing is left.

The worker is the real one; what its jobs do is written here, in place of tests in an Airflow.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mergeflow.tested import Kind, Status, Tested
from mergeflow.testing.jobs import Job
from mergeflow.testing.session import Session

ACTS = """
import os, signal, subprocess, sys, time
from mergeflow.tested import Kind, Status, Step, Tested
from mergeflow.testing import forks, worker

def told(job, status=Status.PASSED, message=""):
    return Tested(job.kind, job.path, job.name, status, message, 1, 0.5, (Step("running", 0.5),))

def fine(job): yield told(job)
def two(job):
    yield told(job)
    yield Tested(job.kind, job.path, "second", Status.FAILED, "row 7\\nrow 8")
def killed(job):
    print("about to die", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    yield
def exits(job):
    yield told(job)
    os._exit(7)
def leaves(job):
    raise SystemExit(3)
    yield
def raises(job):
    raise ValueError("not a number")
    yield
def hangs(job):
    subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(600)  # {job.path}"], start_new_session=True)
    time.sleep(600)
    yield
def shouts(job):
    print("done")
    print('{"tested": {}, "id": 1}')
    sys.stderr.write("x" * 100_000)
    os.write(1, b"\\xff\\x00 garbage")
    subprocess.run(["echo", '{"done": 0}'], check=True)
    yield told(job)
def orphans(job):
    subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(600)  # {job.path}"], start_new_session=True)
    yield told(job)
def silent(job): yield from ()
def large(job): yield told(job, Status.FAILED, "ü" * 300_000)
def kills_worker(job):
    print("the end is near", file=sys.stderr)
    time.sleep(0.3)
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    yield
def interrupts(job):
    open(job.path, "w").close()
    yield from hangs(job)
def reads(job):
    yield told(job, message=repr(sys.stdin.read()) + os.environ.get("MERGEFLOW_ENV", "-"))

def perform(root, job, scratch):
    yield from globals()[job.name](job)

forks.perform = perform
worker.main()
"""
MARK = "mergeflow-session-"


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A path by which processes of this test are found."""
    return str(tmp_path / f"{MARK}{os.getpid()}")


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., Session]:
    """Make a session whose jobs do what is written above."""
    script = tmp_path / "acts.py"
    script.write_text(ACTS)

    def make(slots: int = 2, limit: float = 60, **more: object) -> Session:
        return Session(tmp_path, slots, limit, command=(sys.executable, str(script)), **more)  # type: ignore[arg-type]

    return make


def acts(*names: str, path: str = "a") -> list[Job]:
    return [Job(Kind.SAMPLE, path, name) for name in names]


def by_name(tests: Iterator[Tested]) -> dict[str, Tested]:
    return {each.name: each for each in tests}


def alive(mark: str) -> list[int]:
    """The processes in whose command line or environment this stands."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
def scratches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sessions of this test, and of processes that it starts, have their scratch."""
    folder = tmp_path / "scratches"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_a_job_that_dies_is_an_error_with_the_end_of_its_log_and_costs_no_other(
    session: Callable[..., Session],
) -> None:
    found = by_name(session().run(acts("killed", "fine")))
    assert found["fine"].status is Status.PASSED
    assert found["killed"].status is Status.ERROR
    assert found["killed"].message == "the process that ran it was ended by SIGKILL\nits log ends:\n  about to die"


def test_a_job_that_ends_too_soon_is_an_error_whatever_it_has_said(session: Callable[..., Session]) -> None:
    tests = list(session().run(acts("exits")))
    assert [each.status for each in tests] == [Status.PASSED, Status.ERROR]
    assert tests[1].message == "the process that ran it ended with exit code 7"


def test_a_job_that_says_nothing_has_not_passed(session: Callable[..., Session]) -> None:
    (tested,) = session().run(acts("silent"))
    assert (tested.status, tested.message) == (Status.ERROR, "the process that ran it did not say what came of it")


@pytest.mark.parametrize(("name", "expected"), [("raises", "ValueError: not a number"), ("leaves", "SystemExit: 3")])
def test_a_job_that_raises_is_an_error_that_names_it(session: Callable[..., Session], name: str, expected: str) -> None:
    (tested,) = session().run(acts(name))
    assert tested.status is Status.ERROR
    assert tested.message.startswith(f"the test itself failed: {expected}\n")


def test_a_job_that_hangs_is_ended_with_all_that_it_has_started(session: Callable[..., Session], mark: str) -> None:
    (tested,) = session(limit=1.5).run(acts("hangs", path=mark))
    assert tested.status is Status.ERROR
    assert tested.message.startswith("it ran for more than 1.5 s and was ended\nits log ends:")
    assert "in hangs" in tested.message  # where it hung
    assert alive(mark) == []


def test_a_job_may_have_more_time_than_others(session: Callable[..., Session]) -> None:
    (tested,) = session(limit=0.0).run([Job(Kind.SAMPLE, "a", "fine", limit=30)])
    assert tested.status is Status.PASSED


def test_what_a_job_prints_is_no_answer(session: Callable[..., Session]) -> None:
    tests = list(session().run(acts("shouts", "fine")))
    assert sorted((each.name, each.status) for each in tests) == [("fine", "passed"), ("shouts", "passed")]


def test_a_job_has_nothing_to_read_and_the_chosen_environment(
    session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGEFLOW_ENV", "prod")
    (tested,) = session(environment="dev").run(acts("reads"))
    assert tested.message == "''dev"
    (tested,) = session().run(acts("reads"))
    assert tested.message == "''-"


def test_several_answers_and_a_large_one_come_whole(session: Callable[..., Session]) -> None:
    found = by_name(session().run(acts("two", "large")))
    assert (found["second"].status, found["second"].message) == (Status.FAILED, "row 7\nrow 8")
    assert found["two"].steps[0].seconds == 0.5
    assert found["large"].message == "ü" * 300_000


def test_what_a_job_leaves_behind_is_gone_at_the_end(
    session: Callable[..., Session], mark: str, scratches: Path
) -> None:
    (tested,) = session().run(acts("orphans", path=mark))
    assert tested.status is Status.PASSED
    assert alive(mark) == []
    assert [*scratches.iterdir()] == []


def test_a_worker_that_is_killed_costs_the_jobs_that_ran_and_another_does_the_rest(
    session: Callable[..., Session],
) -> None:
    jobs = acts("kills_worker", *["fine"] * 5)
    tests = list(session(slots=1).run([Job(each.kind, f"{i}", each.name) for i, each in enumerate(jobs)]))
    assert len(tests) == 6
    lost = [each for each in tests if each.name == "kills_worker"]
    assert lost[0].status is Status.ERROR
    assert lost[0].message.startswith("the process that tests run below was ended by SIGKILL")
    assert [each.status for each in tests if each.name == "fine"] == [Status.PASSED] * 5


def test_a_worker_that_cannot_start_is_an_error_for_each_job(tmp_path: Path) -> None:
    broken = Session(
        tmp_path, 2, 60, command=(sys.executable, "-c", "print('no protocol'); raise ImportError('nowhere')")
    )
    tests = list(broken.run(acts("fine", "two")))
    assert [each.status for each in tests] == [Status.ERROR] * 2
    assert tests[0].message.startswith("the process that tests run below ended with exit code 1\nits log ends:")
    assert "ImportError: nowhere" in tests[0].message


def test_whoever_stops_listening_ends_everything(session: Callable[..., Session], mark: str, scratches: Path) -> None:
    listening = session().run([Job(Kind.SAMPLE, mark, "hangs"), Job(Kind.SAMPLE, "a", "fine")])
    assert next(listening).name == "fine"
    assert len([*scratches.iterdir()]) == 1
    listening.close()  # as Ctrl-C does
    assert alive(mark) == []
    assert [*scratches.iterdir()] == []


def test_a_caller_that_is_killed_leaves_nothing(
    tmp_path: Path, mark: str, session: Callable[..., Session], scratches: Path
) -> None:
    began = session()
    call = (
        "from pathlib import Path\nfrom mergeflow.testing.session import Session\n"
        "from mergeflow.testing.jobs import Job\nfrom mergeflow.tested import Kind\n"
        f"list(Session(Path({str(tmp_path)!r}), 2, 60, command={began.command!r})"
        f".run([Job(Kind.SAMPLE, {mark!r}, 'interrupts')]))\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", call])
    end = time.monotonic() + 60
    while not Path(mark).exists() or len(alive(f"# {mark}")) == 0:
        assert time.monotonic() < end
        assert caller.poll() is None
        time.sleep(0.05)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    while alive(f"# {mark}") or any(scratches.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_progress_is_told(session: Callable[..., Session]) -> None:
    seen: list[tuple[int, tuple[str, ...]]] = []
    list(session(slots=1, tell=lambda done, running: seen.append((done, tuple(running)))).run(acts("fine", "two")))
    assert (0, ("fine",)) in seen
    assert seen[-1] == (2, ())
