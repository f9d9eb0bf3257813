"""What came of tests as JUnit XML, as Jenkins, GitLab and GitHub's report actions read it."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from mergeflow.tested import Kind, Outcome, Status, Tested

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def render(outcome: Outcome) -> str:
    """The whole document: a suite for each kind of test."""
    whole = ET.Element("testsuites")
    for kind in Kind:
        tests = [each for each in outcome.tests if each.kind is kind]
        if tests:
            whole.append(_suite(kind, tests))
    ET.indent(whole)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(whole, encoding="unicode") + "\n"


def _suite(kind: Kind, tests: Iterable[Tested]) -> ET.Element:
    tests = list(tests)

    def count(status: Status) -> str:
        return str(sum(each.status is status for each in tests))

    suite = ET.Element(
        "testsuite",
        name=f"mergeflow.{kind}",
        tests=str(len(tests)),
        failures=count(Status.FAILED),
        errors=count(Status.ERROR),
        skipped=count(Status.SKIPPED),
        time=f"{sum(each.seconds for each in tests):.3f}",
    )
    suite.extend(_case(each) for each in tests)
    return suite


def _case(tested: Tested) -> ET.Element:
    """One test; its `classname` is the kind and the file, dots in place of slashes as readers group by them."""
    file = _clean(tested.path)
    classname = f"mergeflow.{tested.kind}.{file.replace('.', '_').replace('/', '.')}"
    case = ET.Element("testcase", name=_clean(tested.name), classname=classname, time=f"{tested.seconds:.3f}")
    told = {Status.FAILED: "failure", Status.ERROR: "error", Status.SKIPPED: "skipped"}.get(tested.status)
    message = _clean(tested.message)
    first = message.partition("\n")[0]
    if told == "skipped":
        ET.SubElement(case, told, message=first)
    elif told:
        found = ET.SubElement(case, told, message=first, type=str(tested.kind))
        found.text = f"{file}:{tested.line}\n{message}"
    elif message:
        ET.SubElement(case, "system-out").text = message  # what a test that has passed warns of
    return case


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
