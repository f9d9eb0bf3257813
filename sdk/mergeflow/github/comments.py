"""One comment under a pull request: found again by its marker, brought up to date, and never a second one."""

from typing import Any

from mergeflow.github import EMPTY, MARKER
from mergeflow.github.pulls import Pull
from mergeflow.github.rest import GitHubError, Rest

LONGEST = 65_536
"""How many characters of a comment GitHub takes."""
BOT = "github-actions[bot]"
"""Who a workflow's token is."""


def checked(text: str) -> str:
    """A comment that can be posted and found again. Raises GitHubError."""
    if len(text) > LONGEST:
        raise GitHubError(f"the comment has {len(text):,} characters, and GitHub takes {LONGEST:,}")
    if "\0" in text or not _is_marked(text):
        raise GitHubError(f"this is no plan: `mergeflow plan --format markdown` ends with {MARKER}")
    return text


def stick(rest: Rest, pull: Pull, text: str, author: str = BOT) -> str:
    """Make `text` the one comment, and say what was done.

    Where nobody needs it and there is none, there is none afterwards. Of two runs at the same moment each may create
    one: both then keep the older, so after the last of them there is one again.
    """
    ours = _ours(rest, pull, author)
    if not ours:
        if EMPTY in text.splitlines():
            return "nothing to tell, and no comment to mend"
        rest.call("POST", _comments(pull), {"body": text})
        _keep_one(rest, pull, text, _ours(rest, pull, author))
        return "commented"
    return _keep_one(rest, pull, text, ours)


def _keep_one(rest: Rest, pull: Pull, text: str, ours: list[tuple[int, str]]) -> str:
    """Bring the oldest up to date and remove the others; one that somebody has removed meanwhile is written anew."""
    if not ours:
        return "commented"  # GitHub may list a new comment a little later
    (oldest, body), *others = ours
    for number, _ in others:
        _unless_gone(rest, "DELETE", f"/repos/{pull.repository}/issues/comments/{number}")
    if _normal(body) == _normal(text):
        return "the comment is up to date"
    if not _unless_gone(rest, "PATCH", f"/repos/{pull.repository}/issues/comments/{oldest}", {"body": text}):
        rest.call("POST", _comments(pull), {"body": text})
    return "brought the comment up to date"


def _ours(rest: Rest, pull: Pull, author: str) -> list[tuple[int, str]]:
    """Number and text of each comment that this program has written, the oldest first: anybody may quote its marker."""
    found = []
    for each in rest.pages(_comments(pull)):
        match each:
            case {"id": int(number), "body": str(body), "user": {"login": str(login)}} if login == author:
                found += [(number, body)] if _is_marked(body) else []
    return sorted(found)


def _unless_gone(rest: Rest, method: str, path: str, body: dict[str, Any] | None = None) -> bool:
    """Make a request; false where what it is about is not there any more."""
    try:
        rest.call(method, path, body)
    except GitHubError as error:
        if error.status not in (404, 410):
            raise
        return False
    return True


def _comments(pull: Pull) -> str:
    return f"/repos/{pull.repository}/issues/{pull.number}/comments"


def _is_marked(body: str) -> bool:
    return body.rstrip().splitlines()[-1:] == [MARKER]


def _normal(body: str) -> str:
    """A text as GitHub may give it back: with other line ends, and nothing at its end."""
    return "\n".join(body.split("\r\n")).rstrip()
