"""Which Airflow is asked, and how one logs in: never by an argument, which all users of a machine can read."""

from __future__ import annotations

from dataclasses import dataclass
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mergeflow.airflow.client import AirflowClient
from mergeflow.airflow.local import state
from mergeflow.airflow.local.settings import USER
from mergeflow.workspace import WrongUse

if TYPE_CHECKING:
    from collections.abc import Mapping

URL, TOKEN, LOGIN, PASSWORD = (f"MERGEFLOW_AIRFLOW_{name}" for name in ("URL", "TOKEN", "USER", "PASSWORD"))
TOKEN_LOGIN = "__token__"  # noqa: S105 - the user name by which a netrc file says that the password is a token


@dataclass(frozen=True)
class Access:
    """An address and a login; `local` is the Airflow of this repository's `mergeflow up`, where it is that one."""

    url: str
    user: str = ""
    password: str = ""
    token: str | None = None
    local: state.Found | None = None

    def client(self, timeout: float) -> AirflowClient:
        """What asks that Airflow."""
        return AirflowClient(self.url, self.user, self.password, timeout=timeout, token=self.token)


def choose(url: str | None, folder: Path, variables: Mapping[str, str]) -> Access:
    """Find the address and the login: what is named, then what the environment says, then what runs here.

    `folder` is the state folder of `mergeflow up`. Raises WrongUse.
    """
    local = state.found(folder)
    named = url or variables.get(URL, "")
    address = _checked(named or (local.url if local else "")).rstrip("/")
    mine = local if local and address == local.url else None
    if token := _clean(variables, TOKEN):
        return Access(address, token=token, local=mine)
    if (user := variables.get(LOGIN)) and (password := variables.get(PASSWORD)):
        return Access(address, user, password, local=mine)
    if mine:
        return Access(address, USER, mine.password, local=mine)
    return _from_netrc(address, variables)


def _checked(url: str) -> str:
    if not url:
        raise WrongUse(f"no Airflow is named, and none has been started here: give --url or set {URL}")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not url.isprintable() or not url.isascii() or " " in url:
        raise WrongUse(f"{url!r} is not an http or https address")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise WrongUse(f"the address must hold no login and no query: set {TOKEN}, or {LOGIN} and {PASSWORD}")
    return url


def _clean(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "").strip()
    if value and not (value.isascii() and value.isprintable() and " " not in value):
        raise WrongUse(f"{name} is no token: it holds spaces, line breaks or other characters that no token has")
    return value


def _from_netrc(url: str, variables: Mapping[str, str]) -> Access:
    """The login for a host in `~/.netrc`, or in the file that NETRC names; others must not be able to read it."""
    host, named = urlsplit(url).hostname or "", variables.get("NETRC")
    file = Path(named) if named else Path.home() / ".netrc"
    try:
        if file.exists() and file.stat().st_mode & 0o077:
            raise WrongUse(f"{file.name} can be read by others: chmod 600 it")
        entry = netrc(file).authenticators(host) if file.exists() else None
    except (OSError, NetrcParseError, UnicodeDecodeError):
        raise WrongUse(f"{file.name} cannot be read as a netrc file") from None
    if entry is None or not entry[2]:
        raise WrongUse(f"no login for {host}: set {TOKEN}, or {LOGIN} and {PASSWORD}, or write it into ~/.netrc")
    user, _, password = entry
    if user == TOKEN_LOGIN:
        return Access(url, token=_clean({TOKEN: password}, TOKEN))
    return Access(url, user, password)
