"""The repository's automation on GitHub: the workflows, what they run, and who approves what."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.deployment.workflow_rules import Workflow, problems

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))


def load(path: Path) -> Workflow:
    return yaml.safe_load(path.read_text())


def schema_check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", path]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def ci() -> Workflow:
    return load(ROOT / ".github" / "workflows" / "ci.yml")


def _target_trigger(workflow: Workflow) -> None:
    workflow[True] = {"pull_request_target": None}


def _write(workflow: Workflow) -> None:
    workflow["permissions"] = {"contents": "write"}


def _all_rights(workflow: Workflow) -> None:
    del workflow["permissions"]


def _job_rights(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["permissions"] = "write-all"


def _tag(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"].append({"uses": "actions/cache@v4"})


def _short_hash(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"].append({"uses": "actions/cache@0123456"})


def _called_workflow(workflow: Workflow) -> None:
    workflow["jobs"]["other"] = {"uses": "a/b/.github/workflows/c.yml@main", "timeout-minutes": 1}


def _latest(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["container"] = "python:latest"


def _no_version(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["container"] = {"image": "python"}


def _latest_runner(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["runs-on"] = "ubuntu-latest"


def _injection(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"].append({"run": "make lint # ${{ github.head_ref }}"})


def _unknown_target(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"].append({"run": "make coffee"})


def _unknown_script(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"].append({"run": ".ci/deploy"})


def _inline_logic(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"].append({"run": "pip install ruff\nruff check"})


def _checkout_and_more(workflow: Workflow) -> None:
    workflow["jobs"]["ci"]["steps"][0]["run"] += "curl https://example.org\n"


def _endless(workflow: Workflow) -> None:
    del workflow["jobs"]["ci"]["timeout-minutes"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_target_trigger, ["on: pull_request_target gives strangers this repository's rights"]),
        (_write, ["permissions: more than reading the contents"]),
        (_all_rights, ["permissions: more than reading the contents"]),
        (
            _job_rights,
            [
                "ci: does more than .ci/github with a token that may write",
                "ci: may write more than one thing",
                "ci: permissions of its own",
                "ci: somebody else's image or action beside a token that may write",
            ],
        ),
        (_tag, ["ci: actions/cache@v4 is not pinned by its commit"]),
        (_short_hash, ["ci: actions/cache@0123456 is not pinned by its commit"]),
        (_called_workflow, ["other: a/b/.github/workflows/c.yml@main is not pinned by its commit"]),
        (_latest, ["ci: image python:latest has no version"]),
        (_no_version, ["ci: image python has no version"]),
        (_latest_runner, ["ci: runs on whatever is latest"]),
        (
            _injection,
            [
                "ci: an expression stands in a script",
                "ci: make lint '#' '${{' github.head_ref '}}' is no make target or script",
            ],
        ),
        (_unknown_target, ["ci: make coffee is no make target or script"]),
        (_unknown_script, ["ci: .ci/deploy is no make target or script"]),
        (
            _inline_logic,
            [
                "ci: pip install ruff is no make target or script",
                "ci: ruff check is no make target or script",
            ],
        ),
        (_checkout_and_more, ["ci: curl https://example.org is no make target or script"]),
        (_endless, ["ci: may run for hours"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_fault_in_a_workflow_is_found(ci: Workflow, fault: Callable[[Workflow], None], expected: list[str]) -> None:
    fault(ci)
    assert problems(ci, ROOT) == expected


@pytest.fixture
def comment() -> Workflow:
    return load(ROOT / ".github" / "workflows" / "plan-comment.yml")


def _another_commit(workflow: Workflow) -> None:
    run = workflow["jobs"]["plan"]["steps"][0]["run"]
    workflow["jobs"]["plan"]["steps"][0]["run"] = run + "git checkout --quiet FETCH_HEAD\n"


def _image(workflow: Workflow) -> None:
    workflow["jobs"]["comment"]["container"] = "python:3.11-bookworm"


def _action(workflow: Workflow) -> None:
    workflow["jobs"]["scan"]["steps"].append({"uses": f"a/b@{'0' * 40}"})


def _setup(workflow: Workflow) -> None:
    workflow["jobs"]["comment"]["steps"].insert(1, {"run": "make setup"})


def _two_rights(workflow: Workflow) -> None:
    workflow["jobs"]["comment"]["permissions"]["security-events"] = "write"


def _contents(workflow: Workflow) -> None:
    workflow["jobs"]["scan"]["permissions"] = {"contents": "write"}


def _token(workflow: Workflow) -> None:
    workflow["jobs"]["plan"]["steps"][1]["env"]["TOKEN"] = "${{ github.token }}"


def _token_for_all(workflow: Workflow) -> None:
    workflow["env"] = {"TOKEN": "${{ github.token }}"}


def _secret(workflow: Workflow) -> None:
    workflow["jobs"]["scan"]["steps"][1]["env"]["TOKEN"] = "${{ secrets.PERSONAL }}"


def _other_trigger(workflow: Workflow) -> None:
    workflow[True] = {"workflow_run": workflow[True]["workflow_run"], "issue_comment": None}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_another_commit, ["plan: checks out another commit than its own"]),
        (_image, ["comment: somebody else's image or action beside a token that may write"]),
        (
            _action,
            [
                "scan: does more than .ci/github with a token that may write",
                "scan: somebody else's image or action beside a token that may write",
            ],
        ),
        (_setup, ["comment: does more than .ci/github with a token that may write"]),
        (_two_rights, ["comment: may write more than one thing"]),
        (_contents, ["scan: may write more than one thing"]),
        (_token, ["plan: a token where none is needed"]),
        (_token_for_all, ["a token where none is needed"]),
        (_secret, ["a secret is named"]),
        (_other_trigger, [f"{job}: permissions of its own" for job in ("comment", "plan", "scan")]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_fault_beside_a_token_that_may_write_is_found(
    comment: Workflow, fault: Callable[[Workflow], None], expected: list[str]
) -> None:
    fault(comment)
    assert problems(comment, ROOT) == expected


def zizmor(path: Path) -> subprocess.CompletedProcess[str]:
    command = [BIN / "zizmor", "--offline", "--no-progress", "--quiet", path]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_zizmor_finds_a_fault(tmp_path: Path) -> None:
    path = tmp_path / ".github" / "workflows" / "comment.yml"
    path.parent.mkdir(parents=True)
    shipped = (ROOT / ".github" / "workflows" / "plan-comment.yml").read_text()
    path.write_text(shipped.replace("# zizmor: ignore", "# nothing to ignore"))
    found = zizmor(path)
    assert found.returncode != 0
    assert "dangerous-triggers" in found.stdout


def test_zizmor_finds_none_in_what_is_shipped() -> None:
    found = zizmor(ROOT / ".github")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_shipped_workflow_has_no_fault(path: Path) -> None:
    assert problems(load(path), ROOT) == []


def test_the_schema_refuses_an_unknown_key(ci: Workflow, tmp_path: Path) -> None:
    ci["jobs"]["ci"]["step"] = []
    path = tmp_path / "ci.json"
    path.write_text(json.dumps({"on" if key is True else key: value for key, value in ci.items()}))
    assert schema_check(path).returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_schema_accepts_a_shipped_workflow(path: Path) -> None:
    result = schema_check(path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_supported_python_is_tested_and_the_style_is_checked_once(ci: Workflow) -> None:
    matrix = ci["jobs"]["ci"]["strategy"]["matrix"]
    classifiers = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert matrix["python"] == classifiers
    assert (matrix["target"], [job["target"] for job in matrix["include"]]) == (
        ["test"],
        ["lint", "drawn", "faults", "bench"],
    )
    assert ci["jobs"]["ci"]["steps"][-1]["run"] == '.ci/run "$TARGET"'


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """What the workflow fetches from: `<server>/<owner>/<repository>` with three commits."""
    folder = tmp_path / "server" / "owner" / "repository"
    folder.mkdir(parents=True)
    for command in (
        ["init", "-q", "-b", "main"],
        ["commit", "-q", "--allow-empty", "-m", "first"],
        ["commit", "-q", "--allow-empty", "-m", "second"],
        ["commit", "-q", "--allow-empty", "-m", "third"],
    ):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "-C", folder, *identity, *command], check=True)
    return folder


CHECKOUTS = [
    (path.name, job, step["run"])
    for path in WORKFLOWS
    for job, body in load(path)["jobs"].items()
    for step in body["steps"]
    if "git checkout" in step.get("run", "")
]
every_checkout = pytest.mark.parametrize(
    "script", [pytest.param(run, id=f"{name} {job}") for name, job, run in CHECKOUTS]
)


def checkout(script: str, origin: Path, sha: str, head: str = "") -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run a workflow's first step as a runner would: in a folder that belongs to somebody else."""
    workspace = origin.parents[2] / "workspace"
    home = origin.parents[2] / "home"
    workspace.mkdir()
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(workspace, 1001, 1001)
    environment = {
        "GITHUB_REPOSITORY": "owner/repository",
        "GITHUB_SERVER_URL": f"file://{origin.parents[1]}",
        "GITHUB_SHA": sha,
        "GITHUB_WORKSPACE": str(workspace),
        "HEAD_SHA": head or sha,
        "HOME": str(home),
        "PATH": os.defpath,
        "TOKEN": "token4checkout",
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    return done, workspace


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", f"safe.directory={folder}", "-C", folder, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@every_checkout
def test_the_checkout_fails_on_a_commit_that_is_not_there(script: str, origin: Path) -> None:
    done, _ = checkout(script, origin, "0" * 40)
    assert done.returncode != 0


@every_checkout
def test_the_checkout_takes_the_given_commit_and_keeps_no_token(script: str, origin: Path) -> None:
    wanted = git(origin, "rev-parse", "main~1")
    done, workspace = checkout(script, origin, wanted)
    assert done.returncode == 0, done.stderr
    assert git(workspace, "rev-parse", "HEAD") == wanted
    depth = {"--depth 1": ["second"], "--depth 2": ["second", "first"]}
    whole = ["second", "first"]
    assert git(workspace, "log", "--format=%s").split() == next(
        (depth[each] for each in depth if each in script), whole
    )
    stored = b"".join(path.read_bytes() for path in workspace.parent.glob("[hw]*/**/*") if path.is_file())
    assert b"token4checkout" not in stored
    assert b"extraheader" not in stored.lower()


def test_a_pull_requests_commit_is_fetched_and_not_checked_out(comment: Workflow, origin: Path) -> None:
    main, head = git(origin, "rev-parse", "main~1"), git(origin, "rev-parse", "main")
    done, workspace = checkout(comment["jobs"]["plan"]["steps"][0]["run"], origin, main, head)
    assert done.returncode == 0, done.stderr
    assert (git(workspace, "rev-parse", "HEAD"), git(workspace, "rev-parse", "main")) == (main, main)
    assert git(workspace, "cat-file", "-t", head) == "commit"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["lint", "test", "drawn", "faults", "bench-quick"]),
        (["lint"], ["lint"]),
        (["test"], ["test"]),
        (["drawn"], ["drawn"]),
        (["faults"], ["faults"]),
        (["bench"], ["bench-quick"]),
    ],
)
def test_the_script_calls_make(tmp_path: Path, arguments: list[str], expected: list[str]) -> None:
    done, called = run_with_recorded_commands(tmp_path, arguments)
    assert done.returncode == 0, done.stderr
    assert [line.removeprefix("make ") for line in called if line.startswith("make ")] == expected


@pytest.mark.parametrize("arguments", [["deploy"], ["lint", "test"], ["--help"]])
def test_the_script_refuses_what_it_does_not_know(tmp_path: Path, arguments: list[str]) -> None:
    done, called = run_with_recorded_commands(tmp_path, arguments)
    assert (done.returncode, called) == (2, [])


@pytest.mark.parametrize("failing", ["make", "apt-get"])
def test_the_script_stops_at_the_first_failure(tmp_path: Path, failing: str) -> None:
    done, called = run_with_recorded_commands(tmp_path, [], failing)
    assert done.returncode == 7
    assert called[-1].split()[0] == failing
    assert "make test" not in called


def run_with_recorded_commands(
    folder: Path, arguments: list[str], failing: str = ""
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run .ci/run with stand-ins for what it calls; they note their arguments, and one of them may fail."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("make", "apt-get"):
        stand_in = programs / name
        code = 7 if name == failing else 0
        stand_in.write_text(f'#!/bin/sh\necho "{name} $*" >> "{folder}/called"\nexit {code}\n')
        stand_in.chmod(0o755)
    # Without a server in sight, the script must want to install both.
    copy = folder / ".ci" / "run"
    copy.parent.mkdir()
    for name in ("run", "services"):
        script = (ROOT / ".ci" / name).read_text()
        script = script.replace("/usr/lib/postgresql/", "/nowhere/").replace("/usr/sbin/", "/nowhere/")
        copy.with_name(name).write_text(script)
    environment = {"PATH": f"{programs}:{os.defpath}"}
    done = subprocess.run(["bash", copy, *arguments], env=environment, capture_output=True, text=True, check=False)
    called = folder / "called"
    return done, called.read_text().splitlines() if called.exists() else []


def test_the_script_that_tests_a_pull_request_compares_with_what_it_merges_into(tmp_path: Path) -> None:
    for name in ("test", "services"):
        script = (ROOT / ".ci" / name).read_text().replace("/usr/lib/postgresql/", "/nowhere/")
        copy = tmp_path / ".ci" / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(script.replace("/usr/sbin/", "/nowhere/"))
    for program in ("bin/make", "bin/apt-get", ".venv/bin/mergeflow"):
        stand_in = tmp_path / program
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.write_text(f'#!/bin/sh\necho "{stand_in.name} $* CI=$CI" >> "{tmp_path}/called"\nexit ${{CODE:-0}}\n')
        stand_in.chmod(0o755)
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.defpath}", "GITHUB_STEP_SUMMARY": "summary.md"}
    command = ["bash", tmp_path / ".ci" / "test"]
    subprocess.run(command, env=environment, check=True)
    options = "--format github --junit .mergeflow/junit.xml --summary summary.md"
    *_, made, called = (tmp_path / "called").read_text().splitlines()
    assert (made, called) == ("make setup CI=true", f"mergeflow test --changed HEAD^1 {options} CI=true")
    assert (tmp_path / ".mergeflow").is_dir()
    assert subprocess.run(command, env=environment | {"CODE": "7"}, check=False).returncode == 7


def owners() -> dict[str, str]:
    """The patterns of CODEOWNERS with their owners, in order."""
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))


def test_the_platform_team_owns_what_holds_for_all() -> None:
    found = owners()
    shared = ["*", "/configs/*", "/configs/environments/", "/configs/templates/", "/dags/*"]
    shared += ["/sdk/", "/validators/", "/.ci/", "/.github/"]
    assert {pattern: found.get(pattern) for pattern in shared} == dict.fromkeys(shared, "@mergeflow/platform")


def test_each_team_owns_its_folder() -> None:
    shared = {"environments", "templates"}
    folders = {path.name for path in (ROOT / "configs").iterdir() if path.is_dir()} - shared
    assert {team: owners().get(f"/configs/{team}/") for team in folders} == {
        team: f"@mergeflow/{team}" for team in folders
    }
