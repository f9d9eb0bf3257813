"""The end of a task's log as a person wants to read it: without what Airflow and others say of their own work."""

import re

MOST_LINES, LONGEST = 25, 300
"""Lines that are shown, and characters of one."""

_LINE = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z \[(?P<level>\w+) *\] (?P<said>.*)$")
_BEHIND = re.compile(r"\s+\[(?P<logger>[\w.]+)\](?P<more>( \w+=.*)?)$")
_OF_OTHERS = (
    "airflow.api_fastapi.",
    "airflow.dag_processing.",
    "airflow.models.",
    "airflow.sdk.definitions.",
    "airflow.serialization.",
    "great_expectations.",
    "httpx",
    "py.warnings",
)
_NOISE = re.compile(r"::(end)?group::|Pushing xcom$|\[DAG TEST\]|Tmp dir root location: |Output:$|Task started$")
_FRAME = re.compile(
    r' +File ".*[/\\](site-packages[/\\]airflow[/\\].*|mergeflow[/\\]airflow[/\\]operators[/\\]expectations\.py)"'
    r", line \d+"
)
"""Of a traceback: one frame of Airflow's own, which calls the task, or of a gate; its code stands below it."""
_TRACEBACK = "Traceback (most recent call last):"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def tail(said: bytes) -> list[str]:
    """The last lines of what was said, without what nobody needs."""
    kept: list[str] = []
    within = False
    for raw in said.decode(errors="replace").splitlines():
        line = _ANSI.sub("", raw)
        if within and line.startswith("    "):
            continue  # the code of that frame
        within = bool(_FRAME.match(line))
        drops = within
        if found := _LINE.match(line):
            behind = _BEHIND.search(found["said"])
            logger = behind["logger"] if behind else ""
            line = (found["said"][: behind.start()] if behind else found["said"]).rstrip()
            drops |= logger.startswith(_OF_OTHERS) or bool(_NOISE.search(line))
        if drops or not line.strip():
            continue
        if kept and kept[-1] == _TRACEBACK and not line.startswith(" "):
            kept.pop()  # nothing of it is left
        kept.append(line if len(line) <= LONGEST else f"{line[:LONGEST]}…")
    return ["".join(each if each.isprintable() else " " for each in line) for line in kept[-MOST_LINES:]]
