"""The workflows of a pull request, step by step as a runner runs them, with a folder as server and a small GitHub."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from gzip import compress
from pathlib import Path
from typing import Any

import pytest
import yaml

from mergeflow.github import MARKER
from tests.conftest import CATALOG
from tests.github.fake import REPOSITORY, GitHub, event, pull, running

ROOT = Path(__file__).parents[2]
E = "airflow.providers.standard.operators.empty.EmptyOperator"
DAG = f"orders:\n  start_date: 2026-11-01\n  default_args: {{owner: shop}}\n  tasks:\n    load: {{operator: {E}}}\n"
BROKEN = DAG.replace("load:", "load: {retries: x},")
RATES = DAG.replace("orders", "rates")
MAIN = {
    "configs/shop/orders.yaml": DAG,
    "dags/shop.py": 'from mergeflow.airflow import load_dags\n\nload_dags("shop")\n',
    "validators/catalog.json": CATALOG.read_text(),
    ".gitignore": ".venv\n.mergeflow/\n__pycache__/\n",
}
Steps = list[dict[str, Any]]


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())
    return found


class Runner:
    """A server with one repository, and the machine on which a job's steps run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin = folder / "server" / REPOSITORY
        self.origin.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        shutil.copytree(ROOT / ".ci", self.origin / ".ci")
        self.commit(MAIN)
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.program("make", f'echo "$@" >> {folder}/made')
        self.program("python3", f'exec {sys.executable} "$@"')

    def program(self, name: str, script: str, folder: Path | None = None) -> None:
        file = (folder or self.programs) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        command = ["git", "-C", str(self.origin), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        for path, text in files.items():
            file = self.origin / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "-q", "--message", "a change")
        return self.git("rev-parse", "HEAD")

    def pull_request(self, files: dict[str, str]) -> tuple[str, str]:
        """A branch with these files: its commit, and the merge that GitHub makes of it."""
        self.git("checkout", "-q", "-b", "fx")
        head = self.commit(files)
        self.git("checkout", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "--message", "merge", "fx")
        return head, self.git("rev-parse", "HEAD")

    def job(self, steps: Steps, **environment: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        """Run a job's steps on a fresh machine until one fails: how that one ended, and what it hands on."""
        machine = self.folder / f"machine{len(list(self.folder.glob('machine*')))}"
        workspace = machine / "workspace"
        workspace.mkdir(parents=True)
        self.program(
            "mergeflow",
            f"exec {sys.executable} -c 'from mergeflow.cli import main; main()' \"$@\"",
            workspace / ".venv/bin",
        )
        self.program("python", f'exec {sys.executable} "$@"', workspace / ".venv/bin")
        given = {
            "GITHUB_OUTPUT": str(machine / "output"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SERVER_URL": f"file://{self.folder / 'server'}",
            "GITHUB_STEP_SUMMARY": str(machine / "summary"),
            "GITHUB_WORKSPACE": str(workspace),
            "HOME": str(machine),
            "PATH": f"{self.programs}:{os.defpath}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for step in steps:
            own = {name: environment.get(name, "") for name in step.get("env", {})}
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            more = {name: value for name, value in environment.items() if name.startswith("GITHUB_")}
            done = subprocess.run(
                command, cwd=workspace, env=given | more | own, capture_output=True, text=True, check=False
            )
            if done.returncode:
                break
            if "git checkout" in step["run"] and not (workspace / "sdk").exists():
                (workspace / "sdk").symlink_to(ROOT / "sdk")
        written = machine / "output"
        lines = written.read_text().splitlines() if written.exists() else []
        handed = dict(line.split("=", 1) for line in lines)
        summary = machine / "summary"
        return done, handed | ({"summary": summary.read_text()} if summary.exists() else {})


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.fixture
def github() -> Iterator[GitHub]:
    with running() as server:
        yield server


def test_an_error_is_annotated_and_planned(runner: Runner) -> None:
    _, merge = runner.pull_request({"configs/shop/broken.yaml": RATES.replace("load: {", "load: {retires: 3, ")})
    done, handed = runner.job(workflow("plan")["jobs"]["plan"]["steps"], GITHUB_SHA=merge)
    assert done.returncode == 1, done.stderr
    assert "::error file=configs/shop/broken.yaml,line=5," in done.stdout
    assert handed["summary"].startswith("**⛔ 1 error · ")
    assert (runner.folder / "made").read_text() == "setup\n"


def test_what_merging_does_is_in_the_runs_summary(runner: Runner) -> None:
    _, merge = runner.pull_request({"configs/shop/rates.yaml": RATES})
    done, handed = runner.job(workflow("plan")["jobs"]["plan"]["steps"], GITHUB_SHA=merge)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert handed["summary"].startswith("**1 added, 0 changed, 0 removed")
    assert "added `rates`, 1 task" in handed["summary"]


def test_what_the_pull_requests_mergeflow_compiles_otherwise_is_a_change(runner: Runner) -> None:
    shutil.copytree(
        ROOT / "sdk", runner.origin / "sdk", ignore=shutil.ignore_patterns("__pycache__", "django", "airflow")
    )
    tags = "sdk/mergeflow/paths.py"
    now = (runner.origin / tags).read_text()
    assert "team:" in now
    runner.commit({tags: now.replace("team:", "squad:")})
    _, merge = runner.pull_request({tags: now})
    done, handed = runner.job(workflow("plan")["jobs"]["plan"]["steps"], GITHUB_SHA=merge)
    assert done.returncode == 0, done.stderr
    assert "tags: + team:shop, - squad:shop" in handed["summary"]
    assert "how it is compiled" in handed["summary"]


def planned(runner: Runner, head: str) -> dict[str, str]:
    steps = workflow("plan-comment")["jobs"]["plan"]["steps"]
    done, handed = runner.job(steps, GITHUB_SHA=runner.git("rev-parse", "main"), HEAD_SHA=head, TOKEN="t")
    assert done.returncode == 0, done.stderr
    return handed


def told(runner: Runner, github: GitHub, job: str, head: str, packed: str) -> str:
    """Run a job that may write; what it says."""
    file = runner.folder / "event.json"
    file.write_text(json.dumps(event(commit=head)))
    github.pulls[:] = [pull(commit=head)]
    steps = workflow("plan-comment")["jobs"][job]["steps"]
    done, _ = runner.job(
        steps,
        GITHUB_API_URL=github.url,
        GITHUB_EVENT_PATH=str(file),
        GITHUB_SHA=runner.git("rev-parse", "main"),
        HANDED=packed,
        TOKEN="token4tests",
    )
    return done.stdout if done.returncode == 0 else f"{done.returncode}: {done.stderr}"


def test_a_plan_goes_from_git_to_the_comment(runner: Runner, github: GitHub) -> None:
    head, _ = runner.pull_request({"configs/shop/rates.yaml": RATES})
    runner.git("checkout", "-q", "main")
    handed = planned(runner, head)
    assert told(runner, github, "comment", head, handed["md"]) == "mergeflow: pull request 7: commented\n"
    (text,) = github.texts()
    assert text.startswith("**1 added, 0 changed, 0 removed")
    assert f"`main {runner.git('rev-parse', '--short', 'main')}` → `{head[:7]}`" in text
    assert text.endswith(f"{MARKER}\n")
    assert told(runner, github, "scan", head, handed["sarif"]) == "mergeflow: pull request 7: handed to code scanning\n"


def test_nothing_of_a_pull_request_is_run_or_followed(runner: Runner, github: GitHub) -> None:
    """Whatever would run if it were checked out, built, imported or called leaves a trace; and a link leads nowhere."""
    trace = runner.folder / "trace"
    python, shell = f"open({str(trace)!r}, 'a').write('x')\n", f"#!/bin/sh\ntouch {trace}\n"
    runner.git("checkout", "-q", "-b", "links")
    (runner.origin / "configs/shop/link.yaml").symlink_to("/etc/passwd")
    files = {
        ".ci/plan": shell,
        ".ci/github": shell,
        ".gitattributes": "* filter=x diff=x\n",
        ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% trace\n',
        "Makefile": f"setup:\n\ttouch {trace}\n",
        "configs/shop/rates.yaml": RATES.replace(E, "callables.shop.load"),
        "dags/callables/shop.py": python,
        "dags/shop.py": python,
        "mergeflow/__init__.py": python,
        "pyproject.toml": f"[build-system]\nrequires = []\nbuild-backend = 'x'\n# touch {trace}\n",
        "sdk/mergeflow/__init__.py": python,
        "sitecustomize.py": python,
        "validators/rules/no_weekends.py": python,
    }
    head = runner.commit(files)
    runner.git("checkout", "-q", "main")
    handed = planned(runner, head)
    assert "commented" in told(runner, github, "comment", head, handed["md"])
    assert "handed to code scanning" in told(runner, github, "scan", head, handed["sarif"])
    sent = json.dumps([each.body for each in github.asked])
    assert "root:" not in sent
    assert "validators/rules/no_weekends.py" in github.texts()[0]  # whatever decides what may be merged is told
    assert not trace.exists()
    runner.job(workflow("plan")["jobs"]["plan"]["steps"], GITHUB_SHA=head)
    assert trace.exists()  # where its code may run, with no token that writes, it does


def test_what_changes_nothing_is_not_commented(runner: Runner, github: GitHub) -> None:
    head, _ = runner.pull_request({"docs/page.md": "a page\n"})
    runner.git("checkout", "-q", "main")
    said = told(runner, github, "comment", head, planned(runner, head)["md"])
    assert said == "mergeflow: pull request 7: nothing to tell, and no comment to mend\n"
    assert github.texts() == []


def test_a_catalog_that_is_none_ends_the_job(runner: Runner) -> None:
    head, _ = runner.pull_request({"validators/catalog.json": "{"})
    runner.git("checkout", "-q", "main")
    steps = workflow("plan-comment")["jobs"]["plan"]["steps"]
    done, handed = runner.job(steps, GITHUB_SHA=runner.git("rev-parse", "main"), HEAD_SHA=head)
    assert done.returncode == 2
    assert done.stderr.startswith("mergeflow: ")
    assert handed == {}


@pytest.mark.parametrize(
    "packed",
    ["", "%%%", "aGVsbG8=", b64encode(compress(b"no plan")).decode(), b64encode(compress(b"a" * 90_000_000)).decode()],
    ids=["nothing", "no base64", "not packed", "no plan", "a bomb"],
)
def test_what_was_not_handed_on_by_a_plan_is_not_posted(runner: Runner, github: GitHub, packed: str) -> None:
    head = runner.git("rev-parse", "main")
    said = told(runner, github, "comment", head, packed)
    assert said[0] in "12"
    assert "Traceback" not in said
    assert github.asked == []


@pytest.mark.parametrize("arguments", ["main", "-h", f"{'0' * 39}", f"{'0' * 40} x", "'$(id)'", '""'])
def test_what_is_no_commit_is_not_planned(runner: Runner, arguments: str) -> None:
    steps = [workflow("plan")["jobs"]["plan"]["steps"][0], {"run": f".ci/plan {arguments}"}]
    done, _ = runner.job(steps, GITHUB_SHA=runner.git("rev-parse", "main"))
    assert (done.returncode, done.stderr) == (2, "usage: .ci/plan [COMMIT]\n")


def test_the_comment_waits_for_the_workflow_of_this_name() -> None:
    assert workflow("plan-comment")[True]["workflow_run"]["workflows"] == [workflow("plan")["name"]]
