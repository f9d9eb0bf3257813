"""Diagnostics as SARIF 2.1.0, which code scanning services and editors read."""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from mergeflow.diagnostic import Diagnostic, Report
from mergeflow.render.as_json import dump
from mergeflow.render.rules import page_markdown, page_text
from mergeflow.render.text import shortened
from mergeflow.rules.page import Page, pages
from mergeflow.source import Location

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "REPOSITORY"
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
_LINE_NUMBER = re.compile(r"\bline \d+")


def render(report: Report, known: Sequence[Page] | None = None, version: str = "") -> str:
    """The report as one run; `known` are the rules that it describes (all), `version` is Mergeflow's."""
    rules = [_rule(page) for page in (pages() if known is None else known)]
    described = {rule["id"] for rule in rules}
    rules += [{"id": slug} for slug in sorted({each.rule for each in report.diagnostics} - described)]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    driver = {"name": "Mergeflow", **({"version": version} if version else {}), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that holds configs/."}}},
        "results": [_result(each, index[each.rule], _fingerprint(each, seen)) for each in report.diagnostics],
    }
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(page: Page) -> dict[str, Any]:
    return {
        "id": page.slug,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": " ".join(page.why.split())},
        "help": {"text": page_text(page), "markdown": page_markdown(page)},
        "defaultConfiguration": {"level": page.severity.value, **({"enabled": False} if page.optional else {})},
    }


def _result(diagnostic: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
    lines = [diagnostic.message, *([f"hint: {diagnostic.hint}"] if diagnostic.hint else [])]
    result = {
        "ruleId": diagnostic.rule,
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": _message("\n".join(map(shortened, lines))),
        "locations": [_location(diagnostic.location)],
        "partialFingerprints": {"mergeflow/v1": fingerprint},
    }
    if diagnostic.notes:
        result["relatedLocations"] = [
            {"id": number, **_location(note.location), "message": _message(shortened(note.message))}
            for number, note in enumerate(diagnostic.notes, start=1)
        ]
    return result


def _message(text: str) -> dict[str, str]:
    """What a config says is never a link: SARIF's viewers make one of `[text](target)`."""
    return {"text": _LINK.sub(r"\\[", text)}


def _location(location: Location) -> dict[str, Any]:
    start, end = location.span.start, location.span.end
    uri = quote(location.path.encode("utf-8", "surrogateescape"))
    region = {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}}


def _fingerprint(diagnostic: Diagnostic, seen: Counter[str]) -> str:
    """The same before and after lines were added above: from the text of the line, not from its number."""
    message = _LINE_NUMBER.sub("line", shortened(diagnostic.message))
    line = shortened(diagnostic.source_line).strip()
    identity = f"{diagnostic.rule}\0{diagnostic.location.path}\0{message}\0{line}"
    seen[identity] += 1
    return sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
