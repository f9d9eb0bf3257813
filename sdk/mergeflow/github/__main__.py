"""`python -m mergeflow.github comment|scan`: standard input goes to the pull request of a workflow run."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from mergeflow.github.comments import checked, stick
from mergeflow.github.pulls import is_at, pull_of_run, repository_named
from mergeflow.github.rest import GitHubError, Rest
from mergeflow.github.scanning import upload

LARGEST = 20_000_000
"""How many bytes are read: GitHub takes 10 MB of SARIF, packed."""
FINE, REFUSED, WRONG_USE = range(3)
USAGE = "usage: python -m mergeflow.github comment|scan"


def main(arguments: list[str], environment: Mapping[str, str], given: bytes) -> int:
    """Do it and say so on one line; the exit code is 1 when GitHub refuses, 2 for wrong use."""
    if arguments not in (["comment"], ["scan"]):
        return _told(USAGE, WRONG_USE)
    wanted = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH", "TOKEN")
    if missing := [name for name in wanted if not environment.get(name)]:
        return _told(f"the environment lacks {', '.join(missing)}", WRONG_USE)
    url, repository, event, token = (environment[name] for name in wanted)
    if len(given) > LARGEST:
        return _told(f"the input has more than {LARGEST:,} bytes", WRONG_USE)
    try:
        text = given.decode()
        told = json.loads(Path(event).read_bytes())
    except (OSError, ValueError) as error:
        return _told(f"the input or the event cannot be read: {error}", WRONG_USE)
    try:
        return _told(_done(arguments[0], Rest(url, token), repository_named(repository), told, text), FINE)
    except GitHubError as error:
        return _told(str(error), REFUSED)


def _done(what: str, rest: Rest, repository: str, event: object, text: str) -> str:
    if what == "comment":
        checked(text)
    pull = pull_of_run(rest, repository, event)
    if not pull or not is_at(rest, pull):
        return "the pull request has moved on or is closed: nothing is written"
    done = stick(rest, pull, text) if what == "comment" else upload(rest, pull, text)
    return f"pull request {pull.number}: {done}"


def _told(sentence: str, code: int) -> int:
    """Say it on one line that is no command to the runner, whatever GitHub or an event has put into it."""
    shown = "".join(char if char.isprintable() else "·" for char in " ".join(sentence.split()))
    (sys.stderr if code else sys.stdout).write(f"mergeflow: {shown[:1000]}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdin.buffer.read(LARGEST + 1)))
