"""Where a Git remote can be looked at: links to a file's line and to a commit, at hosts whose addresses are known."""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit


class Site(NamedTuple):
    """What follows the repository's address, for a file and for a commit."""

    file: str
    line: str
    commit: str = "/commit/{commit}"


SITES = {
    "bitbucket.org": Site("/src/{commit}/{path}", "#lines-{line}", "/commits/{commit}"),
    "codeberg.org": Site("/src/commit/{commit}/{path}", "#L{line}"),
    "dev.azure.com": Site(
        "?version=GC{commit}&path=/{path}", "&line={line}&lineEnd={next}&lineStartColumn=1&lineEndColumn=1"
    ),
    "github.com": Site("/blob/{commit}/{path}", "#L{line}"),
    "gitlab.com": Site("/-/blob/{commit}/{path}", "#L{line}", "/-/commit/{commit}"),
}
_BY_SSH = {
    "altssh.bitbucket.org": "bitbucket.org",
    "altssh.gitlab.com": "gitlab.com",
    "ssh.dev.azure.com": "dev.azure.com",
    "ssh.github.com": "github.com",
}
"""Hosts that serve Git and have no pages of their own."""

_SCP = re.compile(r"(?:[^@/]*@)?(?P<host>[^:/@]+):(?P<path>[^:].*)")
"""`git@github.com:team/repository.git`, which is no URL."""


class Remote(NamedTuple):
    """A repository at a known host; `path` names it there. It holds no user name and no password."""

    host: str
    path: str

    @property
    def address(self) -> str:
        """The page of the repository."""
        return f"https://{self.host}/{quote(self.path)}"

    def file(self, path: str, commit: str, line: int = 0) -> str:
        """The page that shows a file as a commit has it, at a line if one is given."""
        site = SITES[self.host]
        name = quote(path.encode("utf-8", "surrogateescape"))
        at = site.line.format(line=line, next=line + 1) if line else ""
        return self.address + site.file.format(commit=commit, path=name) + at

    def commit(self, commit: str) -> str:
        """The page of a commit."""
        return self.address + SITES[self.host].commit.format(commit=commit)


def remote_of(url: str) -> Remote | None:
    """The repository that a remote's URL names; none at a host that is not known, and none for a folder."""
    try:
        host, path = _split(url.strip())
    except ValueError:
        return None
    host = _BY_SSH.get(host, host)
    parts = unquote(path).strip("/").removesuffix(".git").split("/")
    if host == "dev.azure.com" and parts[0] == "v3":
        parts = [*parts[1:-1], "_git", parts[-1]]
    wrong = len(parts) < 2 or not all(each.strip(". ") and each.isprintable() for each in parts)
    return None if host not in SITES or wrong else Remote(host, "/".join(parts))


def _split(url: str) -> tuple[str, str]:
    """Raises ValueError for what is no URL at all."""
    if "://" in url:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path if parts.scheme != "file" else ""
    found = _SCP.fullmatch(url)
    return (found["host"].lower(), found["path"]) if found else ("", "")
