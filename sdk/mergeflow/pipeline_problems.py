"""What keeps the `tests` of a DAG from being tests: their shape, and what each value may be."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from math import prod
from typing import Any

from mergeflow.diagnostic import Place, Problem
from mergeflow.model import kind_of, near, shape_problems
from mergeflow.pipeline_tests import (
    KINDS_OF_CONNECTION,
    MOST_VARIANTS,
    RUN_STATES,
    SOURCES,
    TABLE_FILES,
    TASK_STATES,
    bounds,
    moment,
)

MOST_TESTS = 100
"""Of one DAG; each takes seconds."""

_MOST = {"runs": 20, "timeout": 3600}
"""Runs, and seconds: a merge waits for them."""
_NAME = re.compile(r"\w[\w.-]{0,99}")
_CONNECTION = re.compile(r"[A-Za-z0-9_.-]{1,250}")
"""As an Airflow connection may be called whose variable a shell hands on, but for the shell's own taste."""
_OTHER_WORDS = {"postgresql": "postgres", "mariadb": "mysql", "sqlite3": "sqlite", "fs": "folder", "file": "folder"}


def test_problems(tests: Mapping[Any, Any], place: Place, owner: str) -> Iterator[Problem]:
    """What is wrong with the value of a DAG's `tests`; `owner` names the DAG."""
    if len(tests) > MOST_TESTS:
        message = f"{owner} has {len(tests):,} tests, and {MOST_TESTS} are the most"
        yield Problem("invalid-value", message, place, "let one test expect more")
    for name, test in islice(tests.items(), MOST_TESTS):
        if not isinstance(name, str):
            message = f"this name of a test is read as {kind_of(name)}, not as text"
            yield Problem("wrong-type", message, place.at(name, part="key"), "put it in quotes")
            continue
        if not _NAME.fullmatch(name):
            hint = "write letters, digits, `_`, `-` and `.`, at most 100"
            yield Problem("invalid-value", f"`{name}` is no name of a test", place.at(name, part="key"), hint)
        if test is not None:  # which runs, and must succeed
            yield from _of_test(test, place.at(name), f"test `{name}`")


def _of_test(test: object, place: Place, owner: str) -> Iterator[Problem]:
    yield from shape_problems("PipelineTest", test, place, owner)
    if not isinstance(test, dict):
        return
    for key, most in _MOST.items():
        if type(test.get(key)) is int and test[key] > most:
            yield Problem("invalid-value", f"`{key}` in {owner} must be at most {most:,}", place.at(key))
    date = test.get("logical_date")
    if isinstance(date, str) and moment(date) is None:
        hint = "write `2026-01-31` or `2026-01-31T10:30:00`"
        yield Problem("invalid-value", f"`{date}` is no date", place.at("logical_date"), hint)
    yield from _connections(test.get("connections"), place.at("connections"), owner)
    yield from _given(test.get("given"), place.at("given"), owner)
    if isinstance(test.get("expect"), dict):
        yield from _expected(test["expect"], place.at("expect"), owner)


def _connections(connections: object, place: Place, owner: str) -> Iterator[Problem]:
    found = connections if isinstance(connections, dict) else {}
    for conn_id, kind in found.items():
        at, what = place.at(conn_id), f"connection `{conn_id}` of {owner}"
        if not isinstance(conn_id, str) or not _CONNECTION.fullmatch(conn_id):
            hint = "write letters, digits and `_`"
            yield Problem("invalid-value", f"`{conn_id}` is no connection id", place.at(conn_id, part="key"), hint)
        elif isinstance(kind, dict):
            if not isinstance(kind.get("conn_type"), str):
                hint = f"add `conn_type: http`, or write one of {_listed(KINDS_OF_CONNECTION)} for a throw-away one"
                yield Problem("missing-key", f"{what} has no `conn_type`", at, hint)
        elif isinstance(kind, list):
            if not kind:
                yield Problem("invalid-value", f"{what} is none of an empty list", at, "write `[sqlite, postgres]`")
            for i, each in enumerate(kind):
                yield from _kind(each, at.at(i), what)
        else:
            yield from _kind(kind, at, what)
    number = prod(len(kind) for kind in found.values() if isinstance(kind, list) and kind)
    if number > MOST_VARIANTS:
        message = f"{owner} is {number:,} tests, one for each choice of connections, and {MOST_VARIANTS} are the most"
        yield Problem("invalid-value", message, place, "give fewer of them a list")


def _kind(kind: object, place: Place, owner: str) -> Iterator[Problem]:
    if isinstance(kind, str) and kind in KINDS_OF_CONNECTION:
        return
    said = f"`{kind}`" if isinstance(kind, str) else kind_of(kind)
    message = f"{owner} must be one of {_listed(KINDS_OF_CONNECTION)}, or a mapping, not {said}"
    meant = _OTHER_WORDS.get(kind.lower(), "") if isinstance(kind, str) else ""
    hint = f"did you mean `{meant}`?" if meant else near(kind, KINDS_OF_CONNECTION) if isinstance(kind, str) else ""
    yield Problem("invalid-value" if isinstance(kind, str) else "wrong-type", message, place, hint)


def _given(given: object, place: Place, owner: str) -> Iterator[Problem]:
    for conn_id, names in given.items() if isinstance(given, dict) else ():
        if not isinstance(names, dict):
            message = f"what is given in `{conn_id}` must be a mapping, not {kind_of(names)}"
            yield Problem("wrong-type", message, place.at(conn_id), "write `<table>: validators/samples/<file>.csv`")
            continue
        for name, files in names.items():
            at = place.at(conn_id, name)
            for i, file in enumerate(files if isinstance(files, list) else [files]):
                where = at.at(i) if isinstance(files, list) else at
                if not isinstance(file, str):
                    message = f"the sample of `{name}` in {owner} must be the path of a file, not {kind_of(file)}"
                    yield Problem("wrong-type", message, where, "write `validators/samples/<file>.csv`")
                elif leads_out(file):
                    message = f"`{file}` is no path within the repository"
                    yield Problem("invalid-value", message, where, "write it from the repository's root")


def _expected(expect: Mapping[str, Any], place: Place, owner: str) -> Iterator[Problem]:
    yield from shape_problems("Expected", expect, place, f"`expect` of {owner}")
    yield from _word(expect.get("state"), RUN_STATES, place.at("state"), f"the `state` that {owner} expects")
    tasks = expect.get("tasks")
    for name, state in tasks.items() if isinstance(tasks, dict) else ():
        what = f"the state of task `{name}` that {owner} expects"
        if state is None or not isinstance(state, str):
            message = f"{what} must be text, not {kind_of(state)}"
            yield Problem("wrong-type", message, place.at("tasks", name), f"write one of {_listed(TASK_STATES)}")
        yield from _word(state, TASK_STATES, place.at("tasks", name), what)
    data = expect.get("data")
    for i, each in enumerate(data if isinstance(data, list) else ()):
        yield from _data(each, place.at("data", i), f"entry {i + 1} of `data` in {owner}")


def _data(data: object, place: Place, owner: str) -> Iterator[Problem]:
    # What `rows` may be no table of a model tells, and pydantic should not be imported for a zero.
    is_told = isinstance(data, dict) and bounds(data.get("rows")) is None
    whole = data if is_told or not isinstance(data, dict) else {key: data[key] for key in data if key != "rows"}
    yield from shape_problems("ExpectedData", whole, place, owner)
    if not isinstance(data, dict):
        return
    named = [source for source in SOURCES if data.get(source) is not None]
    if not named:
        yield Problem("missing-key", f"{owner} has none of {_listed(SOURCES)}", place, "add `table: …`")
    for source in named[1:]:
        message = f"{owner} has both `{named[0]}` and `{source}`"
        yield Problem("invalid-value", message, place.at(source, part="key"), "write it as an entry of its own")
    rows = data.get("rows")
    if isinstance(rows, list | int) and not isinstance(rows, bool):
        yield from _rows(rows, place.at("rows"), owner)
    elif named and named[0] != "file" and rows is None and data.get("suite") is None:
        message = f"{owner} says nothing that must hold"
        yield Problem("missing-key", message, place, "add `rows: 100`, `rows: [50, 200]` or `suite: …`")


def _rows(rows: object, place: Place, owner: str) -> Iterator[Problem]:
    found = bounds(rows)
    least, most = found or (None, None)
    if isinstance(rows, list) and len(rows) != 2:
        message = f"`rows` of {owner} must be a number, or two: the least and the most"
        yield Problem("invalid-value", message, place, "write `rows: 100`, `[50, 200]` or `[50, null]`")
    elif min(least or 0, most or 0) < 0 or (least is not None and most is not None and least > most):
        message = f"`rows` of {owner} holds for no number of rows"
        yield Problem("invalid-value", message, place, "write the least, then the most: `[50, 200]`")
    elif isinstance(rows, list) and found == (None, None):
        yield Problem("invalid-value", f"`rows` of {owner} holds for any number", place, "write one of its ends")


def leads_out(path: str) -> bool:
    """Whether a path is none that leads from the repository's root to something in it."""
    parts = path.split("/")
    return not path.strip() or path.startswith(("/", "~")) or ".." in parts or "\\" in path or "\0" in path


def fills_tables(path: str) -> bool:
    """Whether a table can be filled from a file of this name."""
    return path.endswith(TABLE_FILES)


def _word(word: object, words: tuple[str, ...], place: Place, owner: str) -> Iterator[Problem]:
    if isinstance(word, str) and word not in words:
        message = f"{owner} must be one of {_listed(words)}, not `{word}`"
        yield Problem("invalid-value", message, place, near(word, words))


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in words)
