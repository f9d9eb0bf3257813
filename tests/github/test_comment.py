"""The one comment under a pull request, against a small GitHub that does what GitHub does, also on a bad day."""

import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from gzip import decompress
from pathlib import Path
from typing import Any

import pytest

from mergeflow.github import EMPTY, MARKER
from mergeflow.github.__main__ import LARGEST, main
from mergeflow.github.comments import LONGEST
from mergeflow.github.rest import GitHubError, Rest
from tests.github.fake import BOT, HEAD, REPOSITORY, Answer, Asked, GitHub, event, pull, running

PLAN = f"**1 added**\n\n{MARKER}\n"
EARLIER = f"**2 added**\n\n{MARKER}\n"
NOTHING = f"Plan: nothing changes.\n\n{EMPTY}\n\n{MARKER}\n"
SARIF = json.dumps({"version": "2.1.0", "runs": []})
WAITS: list[float] = []


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    WAITS.clear()
    monkeypatch.setattr("time.sleep", WAITS.append)
    with running() as server:
        server.pulls.append(pull())
        yield server


Tell = Callable[..., tuple[int, str]]


@pytest.fixture
def tell(github: GitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tell:
    """What the workflow's last step does: exit code, and what it says."""

    def call(text: str | bytes = PLAN, *, told: Any = None, what: str = "comment", **more: str) -> tuple[int, str]:
        file = tmp_path / "event.json"
        file.write_text(json.dumps(event() if told is None else told))
        environment = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": REPOSITORY, "TOKEN": "token4tests"}
        given = text if isinstance(text, bytes) else text.encode()
        code = main([what], environment | {"GITHUB_EVENT_PATH": str(file)} | more, given)
        out, err = capsys.readouterr()
        assert not (out and err)
        assert (out + err).startswith("mergeflow: ")
        assert (out + err).count("\n") == 1
        return code, (out + err).removeprefix("mergeflow: ").strip()

    return call


def answers(*statuses: Answer, to: str = "") -> list[Callable[[Asked], Answer | None]]:
    """Trouble, one after the other, for the requests of a method (all)."""
    return [lambda asked, one=one: one if to in ("", asked.method) else None for one in statuses]


def test_it_is_created(github: GitHub, tell: Tell) -> None:
    assert tell() == (0, "pull request 7: commented")
    assert github.texts() == [PLAN]
    assert {each.headers["authorization"] for each in github.asked} == {"Bearer token4tests"}


def test_it_is_found_again_and_brought_up_to_date(github: GitHub, tell: Tell) -> None:
    github.add(EARLIER)
    assert tell() == (0, "pull request 7: brought the comment up to date")
    assert github.texts() == [PLAN]


def test_it_is_left_alone_when_it_says_that_already(github: GitHub, tell: Tell) -> None:
    github.add(PLAN.strip().replace("\n", "\r\n"))  # as GitHub gives back what a browser has edited
    assert tell() == (0, "pull request 7: the comment is up to date")
    assert github.did("POST", "PATCH", "DELETE") == []


def test_where_nothing_changes_nobody_is_bothered(github: GitHub, tell: Tell) -> None:
    assert tell(NOTHING) == (0, "pull request 7: nothing to tell, and no comment to mend")
    assert github.texts() == []


def test_a_comment_that_is_no_longer_true_is_mended(github: GitHub, tell: Tell) -> None:
    github.add(EARLIER)
    tell(NOTHING)
    assert github.texts() == [NOTHING]


def test_it_is_found_on_a_late_page(github: GitHub, tell: Tell) -> None:
    for number in range(250):
        github.add(f"remark {number}", {"login": "ada", "type": "User"})
    github.add(EARLIER)
    tell()
    assert github.texts()[-1] == PLAN
    assert len(github.comments) == 251


@pytest.mark.parametrize(
    "other",
    [
        {"body": EARLIER, "user": {"login": "mallory", "type": "User"}},
        {"body": EARLIER, "user": {"login": "other-app[bot]", "type": "Bot"}},
        {"body": f"> {PLAN}", "user": BOT},
        {"body": f"{MARKER}\nanother workflow's", "user": BOT},
        {"body": EARLIER, "user": None},
        {"body": None, "user": BOT},
    ],
    ids=["a person's", "another program's", "a quotation", "the marker elsewhere", "a ghost's", "no text"],
)
def test_nobody_elses_comment_is_touched(github: GitHub, tell: Tell, other: dict[str, Any]) -> None:
    quoted = str(other["body"]).startswith(">")
    other = {**other, "body": "> **1 added**\n>\n> " + MARKER} if quoted else other
    github.comments.append({"id": 5, **other})
    assert tell() == (0, "pull request 7: commented")
    assert github.comments[0]["body"] == other["body"]
    assert github.texts()[1:] == [PLAN]


def test_of_several_the_oldest_stays(github: GitHub, tell: Tell) -> None:
    first, second = github.add(EARLIER), github.add(PLAN)
    tell()
    assert [(each["id"], each["body"]) for each in github.comments] == [(first, PLAN)]
    assert github.did("DELETE") == [f"DELETE /repos/{REPOSITORY}/issues/comments/{second}"]


def test_two_runs_at_the_same_moment_leave_one(github: GitHub, tell: Tell) -> None:
    def other(asked: Asked) -> None:
        if asked.method == "POST" and not github.comments:
            github.add(EARLIER)

    github.before.append(other)
    tell()
    assert github.texts() == [PLAN]


def test_one_that_somebody_removes_meanwhile_is_written_anew(github: GitHub, tell: Tell) -> None:
    github.add(EARLIER)
    github.before.append(lambda asked: github.comments.clear() if asked.method == "PATCH" else None)
    assert tell()[0] == 0
    assert github.texts() == [PLAN]


def test_one_that_was_written_though_the_answer_was_lost_stays_the_only_one(github: GitHub, tell: Tell) -> None:
    def lost(asked: Asked) -> Answer | None:
        if asked.method != "POST":
            return None
        github.add(asked.body["body"])
        return 0, None

    github.trouble.append(lost)
    assert tell()[0] == 0
    assert github.texts() == [PLAN]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 0])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_what_passes_is_tried_again(github: GitHub, tell: Tell, status: int, method: str) -> None:
    if method == "PATCH":
        github.add(EARLIER)
    github.trouble += answers((status, {}), (status, {}), to=method)
    assert tell()[0] == 0
    assert github.texts() == [PLAN]
    assert WAITS == [1, 2]


@pytest.mark.parametrize(
    ("trouble", "waits"),
    [
        ((429, {}, {"Retry-After": "17"}), 17),
        ((403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "9"}), 9),
        ((403, {"message": "You have exceeded a secondary rate limit."}), 60),
        ((503, {}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 1),
        ((403, {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}), 1),
    ],
)
def test_github_says_how_long_to_wait(github: GitHub, tell: Tell, trouble: Answer, waits: float) -> None:
    github.trouble += answers(trouble, to="POST")
    assert tell()[0] == 0
    assert [waits] == WAITS


def test_it_does_not_try_for_ever(github: GitHub, tell: Tell) -> None:
    github.trouble += answers(*[(502, {"message": "Server Error"})] * 20)
    assert tell() == (1, f"GitHub answers GET /repos/{REPOSITORY}/pulls with 502: Server Error")
    assert len(github.asked) == 6
    assert sum(WAITS) == 31


def test_it_does_not_wait_for_an_hour(github: GitHub, tell: Tell) -> None:
    github.trouble += answers((429, {"message": "slow down"}, {"Retry-After": "3600"}))
    assert tell()[0] == 1
    assert WAITS == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_one_line(github: GitHub, tell: Tell, status: int) -> None:
    github.trouble += answers((status, {"message": "no\n::error::\x1b[2Jway"}), to="POST")
    shown = f"GitHub answers POST /repos/{REPOSITORY}/issues/7/comments with {status}: no ::error::·[2Jway"
    assert tell() == (1, shown)
    assert github.texts() == []


@pytest.mark.parametrize("body", [b"<html>", b"[", b"\xff", {"message": "?"}, None])
def test_an_answer_that_is_no_list_is_one_line(github: GitHub, tell: Tell, body: Any) -> None:
    github.trouble += answers((200, body))
    code, said = tell()
    assert code == 1
    assert f"GET /repos/{REPOSITORY}/pulls with something that is no" in said


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_takes_the_token_elsewhere(github: GitHub, tell: Tell, status: int) -> None:
    with running() as other:
        github.trouble += answers((status, {}, {"Location": f"{other.url}/repositories/1/pulls"}))
        code, said = tell()
        assert code == 1
        assert f"with {status}: the repository has moved" in said
        assert other.asked == []


@pytest.mark.parametrize(
    "url", ["http://api.github.example", "ftp://127.0.0.1", "127.0.0.1", "", "https://", "https://a:b"]
)
def test_the_token_is_sent_over_https_only(url: str) -> None:
    with pytest.raises(GitHubError):
        Rest(url, "token4tests")


@pytest.mark.parametrize("token", ["a\nHost: b", "tökén"])
def test_a_token_is_one_line_of_ascii(tell: Tell, token: str) -> None:
    assert tell(TOKEN=token) == (1, "the token is none: it would be a line of ASCII")


def test_nobody_there_is_one_line(tell: Tell) -> None:
    code, said = tell(GITHUB_API_URL="http://127.0.0.1:9")
    assert code == 1
    assert said.startswith("GitHub cannot be reached at 127.0.0.1: ")
    assert len(WAITS) == 5


def test_an_answer_that_never_comes_is_cut_off() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        waits: list[float] = []
        rest = Rest(f"http://127.0.0.1:{silent.getsockname()[1]}", "t", timeout=0.05, patience=5, sleep=waits.append)
        with pytest.raises(GitHubError, match=r"cannot be reached at 127\.0\.0\.1: timed out"):
            rest.call("GET", "/")
        assert waits == [1, 2]  # the next wait would be beyond the patience


@pytest.mark.parametrize(
    ("pulls", "told"),
    [
        ([], None),
        ([pull(commit="0" * 40)], None),
        ([{**pull(), "base": {"ref": "other", "repo": {"full_name": REPOSITORY}}}], None),
        ([{**pull(), "base": {"ref": "main", "repo": {"full_name": "another/repository"}}}], None),
        ([{**pull(), "head": {**pull()["head"], "repo": {"full_name": "fork/another"}}}], None),
        ([{**pull(), "head": {**pull()["head"], "repo": None}}], None),
        ([{**pull(), "state": "closed"}], None),
        ([{}], None),
        ([pull()], event(branch="main")),
        ([pull()], event(source="mallory/repository")),
        ([pull()], event(commit="0" * 40)),
    ],
)
def test_a_pull_request_that_is_another_now_gets_no_comment(
    github: GitHub, tell: Tell, pulls: list[dict[str, Any]], told: Any
) -> None:
    github.pulls[:] = [{"head": {"label": "fork:fx"}, **each} for each in pulls]
    assert tell(told=told) == (0, "the pull request has moved on or is closed: nothing is written")
    assert github.did("POST", "PATCH", "DELETE") == []


def test_a_push_while_the_plan_was_made_is_noticed(github: GitHub, tell: Tell) -> None:
    def push(asked: Asked) -> None:
        if asked.path.endswith("/pulls/7"):
            github.pulls[:] = [pull(commit="1" * 40)]

    github.before.append(push)
    assert tell()[1] == "the pull request has moved on or is closed: nothing is written"
    assert github.texts() == []


@pytest.mark.parametrize("branch", ["a&state=closed", "a b", "-f", "$(id)", "é", "a#b", "../../x"])
def test_a_branch_may_be_called_anything(github: GitHub, tell: Tell, branch: str) -> None:
    github.pulls[:] = [pull(branch=branch)]
    assert tell(told=event(branch=branch)) == (0, "pull request 7: commented")


@pytest.mark.parametrize("number", ["7/../8", "7", 0, -1, True, None, 7.5])
def test_a_number_is_one(github: GitHub, tell: Tell, number: Any) -> None:
    github.pulls[:] = [{**pull(), "number": number}]
    assert tell() == (1, "GitHub tells of a pull request without a number")


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        {"workflow_run": None, "repository": {"default_branch": "main"}},
        {**event(), "workflow_run": {**event()["workflow_run"], "event": "push"}},
        {**event(), "workflow_run": {**event()["workflow_run"], "head_branch": None}},
        event(commit="main"),
        event(commit=HEAD + "\n"),
        event(source="fork/repository/../x"),
        event(source="fork/repository?x"),
    ],
)
def test_an_event_that_is_none_is_refused(github: GitHub, tell: Tell, told: Any) -> None:
    assert tell(told=told)[0] == 1
    assert github.asked == []


@pytest.mark.parametrize(
    "text",
    ["", "hello", f"{MARKER}\nhello", f"{'é' * LONGEST}\n{MARKER}\n", f"a\0b\n{MARKER}\n", f"a {MARKER}"],
    ids=["empty", "no marker", "marker first", "too long", "NUL", "marker in a line"],
)
def test_what_is_no_plan_is_not_posted(github: GitHub, tell: Tell, text: str) -> None:
    assert tell(text)[0] == 1
    assert github.asked == []


@pytest.mark.parametrize("given", [b"\xff", b"a" * (LARGEST + 1)], ids=["no UTF-8", "too much"])
def test_input_that_cannot_be_one_is_wrong_use(github: GitHub, tell: Tell, given: bytes) -> None:
    assert tell(given)[0] == 2
    assert github.asked == []


@pytest.mark.parametrize("name", ["TOKEN", "GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH"])
def test_what_the_environment_lacks_is_named(tell: Tell, name: str) -> None:
    assert tell(**{name: ""}) == (2, f"the environment lacks {name}")


def test_an_unknown_command_is_wrong_use(tell: Tell) -> None:
    assert tell(what="delete")[0] == 2


def test_a_report_goes_to_code_scanning(github: GitHub, tell: Tell) -> None:
    assert tell(SARIF, what="scan") == (0, "pull request 7: handed to code scanning")
    body = github.asked[-1].body
    assert (body["commit_sha"], body["ref"]) == (HEAD, "refs/pull/7/head")
    assert decompress(b64decode(body["sarif"])).decode() == SARIF


@pytest.mark.parametrize("status", [403, 404])
def test_without_code_scanning_the_job_does_not_fail(github: GitHub, tell: Tell, status: int) -> None:
    github.trouble += answers((status, {"message": "Code scanning is not enabled"}), to="POST")
    code, said = tell(SARIF, what="scan")
    assert code == 0
    assert "code scanning takes nothing here" in said
    assert said.endswith("Code scanning is not enabled)")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": "2.0.0"}'])
def test_what_is_no_sarif_is_not_uploaded(github: GitHub, tell: Tell, text: str) -> None:
    assert tell(text, what="scan")[0] == 1
    assert github.did("POST") == []


def test_it_needs_nothing_but_python(github: GitHub, tmp_path: Path) -> None:
    """The job that may write has nothing installed; `-S` leaves out what is."""
    (tmp_path / "event.json").write_text(json.dumps(event()))
    environment = {
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "PATH": os.defpath,
        "PYTHONPATH": str(Path(__file__).parents[2] / "sdk"),
        "TOKEN": "token4tests",
    }
    command = [sys.executable, "-S", "-m", "mergeflow.github", "comment"]
    done = subprocess.run(command, input=PLAN, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "mergeflow: pull request 7: commented\n", "")
    assert github.texts() == [PLAN]
