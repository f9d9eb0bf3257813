"""Work in a process of its own: whatever it does, it ends, nothing of it stays, and the end of what it said is kept."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mergeflow.airflow.testing.guard import KEPT, Done, Heading, Terminated, Work, ended_by_signal, guarded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")

LONG = ["sleep", "300"]


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def do(work: Work, limit: float = 30) -> Done:
    return guarded(work, limit)


def test_the_answer_comes_back_and_what_was_said_stands_below_its_heading() -> None:
    def work(heading: Heading) -> dict[str, object]:
        sys.stdout.write("first\n")
        heading("extract")
        sys.stdout.write("second\n")
        os.system("echo third")  # noqa: S605
        heading("load")
        sys.stderr.write("fourth\n")
        heading("extract")
        sys.stdout.write("fifth\n")
        return {"rows": 3}

    done = do(work)
    assert (done.answer, done.code, done.is_late) == ({"rows": 3}, 0, False)
    assert done.said == {"": b"first\n", "extract": b"second\nthird\nfifth\n", "load": b"fourth\n"}
    assert done.headings == ["", "extract", "load", "extract"]


def _exit_quietly(heading: Heading) -> dict[str, object]:
    heading("load")
    os._exit(0)


def _exit_loudly(heading: Heading) -> dict[str, object]:
    heading("load")
    sys.exit(3)


def _kill_itself(heading: Heading) -> dict[str, object]:
    heading("load")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def _raise(heading: Heading) -> dict[str, object]:
    heading("load")
    raise ValueError("no such column")


def _answer_nonsense(heading: Heading) -> dict[str, object]:
    heading("load")
    return {"rows": object()}


@pytest.mark.parametrize(
    ("work", "code"),
    [(_exit_quietly, 0), (_exit_loudly, 1), (_kill_itself, -9), (_raise, 1), (_answer_nonsense, 1)],
)
def test_a_process_without_an_answer_is_no_success(work: Work, code: int) -> None:
    done = do(work)
    assert (done.answer, done.code, done.headings[-1]) == (None, code, "load")


def test_what_raises_leaves_its_traceback() -> None:
    assert b"ValueError: no such column" in do(_raise).said["load"]


def test_what_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    def work(heading: Heading) -> dict[str, object]:
        heading("load")
        started = [subprocess.Popen(LONG), subprocess.Popen(LONG, start_new_session=True)]
        (tmp_path / "pids").write_text(" ".join(str(each.pid) for each in started))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(300)
        return {}

    began = time.monotonic()
    done = do(work, limit=2)
    assert (done.is_late, done.answer) == (True, None)
    assert time.monotonic() - began < 60
    pids = [int(each) for each in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert not any(map(is_running, pids))


def test_what_a_process_of_many_threads_has_started_is_ended_with_it(tmp_path: Path) -> None:
    """Such a process ends thread by thread: the first may be gone while its children are not orphans yet."""

    def work(heading: Heading) -> dict[str, object]:
        del heading
        for _ in range(200):
            threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
        left = [subprocess.Popen(LONG, start_new_session=True) for _ in range(10)]
        (tmp_path / "pids").write_text(" ".join(str(each.pid) for each in left))
        time.sleep(300)
        return {}

    for _ in range(3):
        assert do(work, limit=1.5).is_late
        assert not any(is_running(int(each)) for each in (tmp_path / "pids").read_text().split())


def test_what_is_left_in_the_background_is_ended_and_what_was_there_before_is_not(tmp_path: Path) -> None:
    def work(heading: Heading) -> dict[str, object]:
        del heading
        left = subprocess.Popen(["bash", "-c", "setsid sleep 300 & echo $! > pid; wait"], cwd=tmp_path)
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        return {"pid": left.pid}

    with subprocess.Popen(["bash", "-c", "while true; do sleep 0.05; done"]) as ours:
        done = do(work)
        assert ours.poll() is None
        ours.kill()
    assert done.answer
    assert not is_running(done.answer["pid"])
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_of_a_flood_the_end_is_kept() -> None:
    def work(heading: Heading) -> dict[str, object]:
        heading("load")
        for _ in range(1600):
            os.write(1, b"x" * 65535 + b"\n")
        sys.stdout.write("the end\n")
        return {"fine": True}

    done = do(work, limit=60)
    assert done.answer == {"fine": True}
    assert len(done.said["load"]) == KEPT
    assert done.said["load"].endswith(b"x\nthe end\n")


def test_two_at_once_do_not_mix() -> None:
    answers: dict[int, Done] = {}

    def work_of(number: int) -> Work:
        def work(heading: Heading) -> dict[str, object]:
            for _ in range(20):
                heading(f"task {number}")
                sys.stdout.write(f"{number}\n")
                time.sleep(0.005)
            return {"number": number}

        return work

    def run(number: int) -> None:
        answers[number] = do(work_of(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for number in range(2):
        assert answers[number].answer == {"number": number}
        assert answers[number].said[f"task {number}"] == f"{number}\n".encode() * 20


def test_a_request_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    def work(heading: Heading) -> dict[str, object]:
        del heading
        (tmp_path / "pid").write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(300)
        return {}

    with pytest.raises(Terminated), ended_by_signal():
        do(work)
    assert not is_running(int((tmp_path / "pid").read_text()))
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
