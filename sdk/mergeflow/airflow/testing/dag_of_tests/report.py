"""A run's results as text for the log, and as JUnit's XML for other programs."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from mergeflow.airflow.testing.dag_of_tests.outcome import Outcome, Results, Status

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, such as a terminal's colours."""

_NO_NAME = re.compile(r"[^\w.+-]+", re.ASCII)

_ELEMENTS = {Status.FAILED: "failure", Status.ERROR: "error", Status.SKIPPED: "skipped", Status.XFAILED: "skipped"}


def lines(results: Results) -> Iterator[str]:
    """The report: a line for each test, the bad ones last, each with pytest's message; then the sum of it."""
    if results.trouble:
        yield f"the tests were not chosen: {results.trouble}"
    width = max(map(len, Status))
    for each in sorted(results.outcomes, key=lambda each: each.status.is_bad):
        note = f" ({each.message.strip().splitlines()[0]})" if each.message.strip() and not each.status.is_bad else ""
        yield f"{each.status.value.upper():{width}} {each.node}{note}"
    for each in results.bad:
        yield from ("", f"____ {each.node} ____", *each.message.splitlines())
    yield ""
    yield from (f"{each.seconds:8.2f} s {each.node}" for each in results.slowest)
    yield results.sentence


def write_junit(results: Results, file: str) -> Path:
    """Write JUnit's XML; `{dag_id}` and `{run_id}` in the file's name are those of the run. Raises OSError."""
    named = {"{dag_id}": results.dag_id, "{run_id}": results.run_id}
    for key, value in named.items():
        file = file.replace(key, _NO_NAME.sub("_", value))
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    suite = ET.Element("testsuite", name=results.dag_id, tests=str(len(results.outcomes)))
    for status, name in ((Status.FAILED, "failures"), (Status.ERROR, "errors"), (Status.SKIPPED, "skipped")):
        number = sum(_ELEMENTS.get(each.status) == _ELEMENTS[status] for each in results.outcomes)
        suite.set(name, str(number))
    suite.set("time", f"{results.seconds:.3f}")
    suite.extend(_case(each) for each in results.outcomes)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    beside = path.with_name(f"{path.name}.part")
    ET.ElementTree(root).write(beside, encoding="utf-8", xml_declaration=True)
    beside.replace(path)
    return path


def _case(outcome: Outcome) -> ET.Element:
    place, _, name = outcome.node.partition("::")
    case = ET.Element("testcase", classname=_clean(place), name=_clean(name or place), time=f"{outcome.seconds:.3f}")
    if element := _ELEMENTS.get(outcome.status):
        message = _clean(outcome.message).strip()
        ET.SubElement(case, element, message=message.splitlines()[-1] if message else "").text = message
    return case


def _clean(text: str) -> str:
    return _NO_XML.sub("?", text)
