"""Several files in one text: what a test case and a rule's docstring are written in."""

import re

TEAM_FILE = "configs/team/a.yaml"
"""The file that a text is when it names none."""

_HEAD = re.compile(r"^# (configs/\S+|dags/\S+|validators/\S+\.ya?ml)\n", re.MULTILINE)


def split(text: str) -> dict[str, str]:
    """The files of a text, by path: a comment such as `# configs/team/a.yaml`, alone on its line, starts one."""
    before, *rest = _HEAD.split(text)
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    if before.strip():
        files = {TEAM_FILE: before} | files
    return files
