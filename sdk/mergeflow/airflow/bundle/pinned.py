"""The files of the commit that a run is pinned to, where a worker has not got them yet."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from mergeflow.airflow.bundle.clone import Clone, CloneError
from mergeflow.airflow.bundle.remote import BranchGoneError, Remote, RemoteError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mergeflow.airflow.bundle.outage import Outage

WAIT = 90.0
"""Seconds that a worker waits for a remote that is away and a commit that it has not got: its task would fail."""

RETRY = 2.0


def find(name: str, clone: Clone, remote: Remote) -> str | None:
    """Return the commit of that name, fetched if it is not here, or None; only under the lock.

    Raises:
        RemoteError, CloneError: it is not here, and cannot be fetched.
    """
    if clone.commit(name) is None:
        with suppress(BranchGoneError):
            remote.tip()
            clone.fetch(remote)
    if clone.commit(name) is None:
        clone.fetch(remote, everything=True)
    return clone.commit(name)


def make_version(
    version: str, clone: Clone, remote: Remote, lock: Callable[[], AbstractContextManager[None]], outage: Outage
) -> None:
    """Put a version's folder on disk: from what was fetched, without a lock and a remote, if that is enough.

    Raises:
        RemoteError, CloneError: it has to be fetched and cannot be, or there is no such commit.
    """
    with suppress(CloneError):
        clone.make_version(version)
    end = time.monotonic() + WAIT
    while not clone.has_version(version):
        try:
            with lock():
                clone.drop_half_made(version)
                find(version, clone, remote)
                _write(version, clone, remote)
        except RemoteError as error:
            outage.begins("version", error)
            if time.monotonic() > end:
                raise
            time.sleep(RETRY)


def _write(version: str, clone: Clone, remote: Remote) -> None:
    try:
        clone.make_version(version)
    except CloneError:
        if clone.commit(version) is None or not clone.mend(remote):
            raise
        clone.make_version(version)
