"""The end of a task's log as a person wants to read it: without Airflow's own words about running it."""

import re

MOST_LINES, LONGEST = 25, 300
"""Lines that are shown, and characters of one."""

_LINE = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z \[(?P<level>\w+) *\] (?P<said>.*)$")
_BEHIND = re.compile(r"\s+\[(?P<logger>[\w.]+)\](?P<more>( \w+=.*)?)$")
_OF_AIRFLOW = (
    "airflow.api_fastapi.",
    "airflow.dag_processing.",
    "airflow.models.",
    "airflow.sdk.definitions.",
    "airflow.serialization.",
    "httpx",
    "py.warnings",
)
_NOISE = re.compile(r"::(end)?group::|Pushing xcom$|\[DAG TEST\]|Tmp dir root location: |Output:$|Task started$")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def tail(said: bytes) -> list[str]:
    """The last lines of what was said, without what nobody needs."""
    kept: list[str] = []
    drops = False
    for raw in said.decode(errors="replace").splitlines():
        line = _ANSI.sub("", raw)
        found = _LINE.match(line)
        if found:
            behind = _BEHIND.search(found["said"])
            words = found["said"][: behind.start()] if behind else found["said"]
            logger = behind["logger"] if behind else ""
            drops = logger.startswith(_OF_AIRFLOW) or bool(_NOISE.search(words.rstrip()))
            line = words.rstrip()
        if not drops and line.strip():
            kept.append(line if len(line) <= LONGEST else f"{line[:LONGEST]}…")
    return ["".join(each if each.isprintable() else " " for each in line) for line in kept[-MOST_LINES:]]
