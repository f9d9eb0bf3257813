"""The pull request that a workflow run was for, as GitHub itself tells it, and whether it is still at that commit."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mergeflow.github.rest import GitHubError, Rest

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Pull(NamedTuple):
    """A pull request at one commit."""

    repository: str
    number: int
    commit: str


def repository_named(name: str) -> str:
    """An `owner/name` that is one. Raises GitHubError."""
    if not _REPOSITORY.fullmatch(name):
        raise GitHubError(f"`{name}` is no repository: it would be owner/name")
    return name


def pull_of_run(rest: Rest, repository: str, event: Any) -> Pull | None:
    """The open pull request into the default branch for whose commit the run was; none when it has moved on.

    `event` is what GitHub tells the workflow (`GITHUB_EVENT_PATH`). It holds no pull request where the branch is a
    fork's, so the branch is looked up; what counts is that repository and commit are those of the run.
    """
    try:
        run, default = event["workflow_run"], event["repository"]["default_branch"]
        commit, branch, source = run["head_sha"], run["head_branch"], run["head_repository"]["full_name"]
        of_pull_request = run["event"] == "pull_request"
    except (KeyError, TypeError):
        raise GitHubError("the event is not that of a workflow run") from None
    if not (of_pull_request and all(isinstance(each, str) for each in (commit, branch, source, default))):
        raise GitHubError("the run was not for a pull request")
    if not _COMMIT.fullmatch(commit):
        raise GitHubError("the run was not for a commit")
    owner = repository_named(source).partition("/")[0]
    asked = urlencode({"state": "open", "head": f"{owner}:{branch}", "base": default})
    wanted = {"commit": commit, "source": source, "base": default, "into": repository}
    for found in rest.pages(f"/repos/{repository}/pulls?{asked}"):
        if _told(found) == wanted:
            return Pull(repository, _number(found), commit)
    return None


def is_at(rest: Rest, pull: Pull) -> bool:
    """Whether a pull request is open and still at its commit."""
    found = rest.call("GET", f"/repos/{pull.repository}/pulls/{pull.number}")
    return isinstance(found, Mapping) and found.get("state") == "open" and _told(found).get("commit") == pull.commit


def _told(found: Any) -> dict[str, Any]:
    """What decides whether a pull request is the one; nothing where it is not as GitHub tells of one."""
    try:
        head, base = found["head"], found["base"]
        source = (head["repo"] or {}).get("full_name")  # a fork may be gone
        return {"commit": head["sha"], "source": source, "base": base["ref"], "into": base["repo"]["full_name"]}
    except (KeyError, TypeError, AttributeError):
        return {}


def _number(found: Any) -> int:
    number = found.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise GitHubError("GitHub tells of a pull request without a number")
    return number
