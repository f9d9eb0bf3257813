"""A check's SARIF, handed to code scanning where the repository has that."""

import gzip
import json
from base64 import b64encode

from mergeflow.github.pulls import Pull
from mergeflow.github.rest import GitHubError, Rest

_OFF = (403, 404)
"""What GitHub answers where code scanning is not on, or not for this token."""


def upload(rest: Rest, pull: Pull, sarif: str) -> str:
    """Upload what a check of the pull request's commit has found, and say what became of it."""
    try:
        found = json.loads(sarif)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("version") != "2.1.0":
        raise GitHubError("this is no SARIF: `mergeflow check --format sarif` writes it")
    body = {
        "commit_sha": pull.commit,
        "ref": f"refs/pull/{pull.number}/head",
        "sarif": b64encode(gzip.compress(sarif.encode(), mtime=0)).decode(),
        "tool_name": "Mergeflow",
    }
    try:
        rest.call("POST", f"/repos/{pull.repository}/code-scanning/sarifs", body)
    except GitHubError as error:
        if error.status not in _OFF:
            raise
        return f"code scanning takes nothing here, the annotations say the same ({error})"
    return "handed to code scanning"
