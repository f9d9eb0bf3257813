"""What a sync does, in words: for the terminal, and for whoever reads the commit."""

from collections.abc import Sequence
from difflib import unified_diff

from mergeflow.sync.rows import Change

_ENDINGS = {"add": "Add", "change": "Change", "remove": "Remove"}
_FEW = 3
"""So many simulators of one kind are named in a commit's first line; more are counted."""


def diff(path: str, before: str, after: str) -> str:
    """The lines that change, as Git shows them."""
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(lines)


def message(changes: Sequence[Change]) -> str:
    """A commit's message: in a line what happens to which simulators, and below it the particulars of each."""
    parts = []
    for kind in _ENDINGS:
        ids = [str(each.id) for each in changes if each.kind == kind]
        if len(ids) > _FEW:
            parts.append(f"{kind} {len(ids)} simulators")
        elif ids:
            parts.append(f"{kind} simulator{'s' * (len(ids) > 1)} {', '.join(ids)}")
    title = "; ".join(parts)
    return "\n".join([f"{title[:1].upper()}{title[1:]}, as the site has it", "", *(f"* {each}" for each in changes)])
