"""Bytes that are no config become a diagnostic with a place, quickly, whatever they are."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mergeflow.diagnostic import Diagnostic
from mergeflow.document import Document, parse
from mergeflow.plain_yaml import MAX_BYTES, MAX_DEPTH, may_be_deep
from tests.conftest import Repository, Run

PATH = "configs/team/a.yaml"
GOOD = "orders:\n  tasks:\n    load: {operator: airflow.providers.standard.operators.empty.EmptyOperator}\n"


def chain(link: str, length: int = 5000) -> str:
    """A list of anchors, each made of the one before; `#` stands for that one."""
    return "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {link.replace('#', f'*a{i - 1}')}\n" for i in range(1, length))


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", "1:1: character U+007F cannot stand in YAML"),
    "nul": ("orders: a\0b", "1:10: character U+0000 cannot stand in YAML"),
    "escape": ("orders: \x1b[31mred", "1:9: character U+001B cannot stand in YAML"),
    "c1": ("orders:\n a: \x9b", "2:5: character U+009B cannot stand in YAML"),
    "delete": ("orders: \x7f", "1:9: character U+007F cannot stand in YAML"),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbforders: 1", "1:1: character U+FEFF cannot stand in YAML"),
    "not a character": ("orders: \uffff", "1:9: character U+FFFF cannot stand in YAML"),
    "utf-16": (GOOD.encode("utf-16"), "1:1: the file is not UTF-8"),
    "utf-16 without a mark": (GOOD.encode("utf-16-le"), "1:2: character U+0000 cannot stand in YAML"),
    "latin-1": ("größe: 1\né: 2".encode("latin-1"), "1:3: the file is not UTF-8"),
    "surrogate": (b"a: \xed\xa0\x80", "1:4: the file is not UTF-8"),
    "too large": ("#" * (MAX_BYTES + 1), "1:1: the file is larger than 1 MiB"),
    "two documents": ("a: 1\n---\nb: 2", "2:1: a second YAML document starts here"),
    "tab": ("a:\n\tb: 1", "2:1: a tab cannot indent YAML"),
    "python object": ("a: !!python/object/apply:os.system [x]", "1:4: the YAML tag `!!python/object/apply:os.system`"),
    "python name": ("a: !!python/name:os.system", "1:4: the YAML tag `!!python/name:os.system` is not allowed"),
    "python tuple": ("a: !!python/tuple [1]", "1:4: the YAML tag `!!python/tuple` is not allowed"),
    "binary tag": ("a: !!binary aGk=", "1:4: the YAML tag `!!binary` is not allowed"),
    "set tag": ("a: !!set {b, c}", "1:4: the YAML tag `!!set` is not allowed"),
    "omap tag": ("a: !!omap [b: 1]", "1:4: the YAML tag `!!omap` is not allowed"),
    "pairs tag": ("a: !!pairs [b: 1]", "1:4: the YAML tag `!!pairs` is not allowed"),
    "own tag": ("a: !mine x", "1:4: the YAML tag `!mine` is not allowed"),
    "value": ("a: =", "1:4: the YAML tag `!!value` is not allowed"),
    "date": ("a: 2024-02-30", "1:4: `2024-02-30` is no valid date"),
    "time": ("a: 2024-01-01T25:00:00Z", "1:4: `2024-01-01T25:00:00Z` is no valid date"),
    "time zone": ("a: 2024-01-01T00:00:00+99:99", "1:4: `2024-01-01T00:00:00+99:99` is no valid date"),
    "whole number": ("a: !!int abc", "1:4: `abc` is no valid whole number"),
    "empty whole number": ("a: !!int ''", "1:4: `` is no valid whole number"),
    "number": ("a: !!float abc", "1:4: `abc` is no valid number"),
    "truth": ("a: !!bool abc", "1:4: `abc` is no valid value"),
    "huge number": ("a: " + "9" * 5000, "1:4: `999999999999999999999999999999999999999…` is no valid whole number"),
    "huge hexadecimal key": ("? 0x" + "f" * 5000 + "\n: 1", "1:3: `0xfffffffffffffffffffffffffffffffffffff…` is no"),
    "huge number to the base of 60": ("a: 1" + ":1" * 300_000, "1:4: `1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1…` is no"),
    "list as key": ("[a, b]: 1", "1:1: a mapping or list cannot be a key"),
    "mapping as key": ("? {a: b}\n: 1", "1:3: a mapping or list cannot be a key"),
    "merge of a text": ("<<: a", "1:5: expected a mapping or list of mappings for merging"),
    "unknown alias": ("a: *b", "1:4: found undefined alias"),
    "anchor twice": ("a: &x 1\nb: &x 2", "2:4: this anchor stands twice, first on line 1"),
    "itself in a list": ("a: &a [*a]", "1:4: this value contains itself through an alias"),
    "itself as a key": ("a: &a {? *a : x}", "1:4: this value contains itself through an alias"),
    "itself merged": ("a: &a {<<: *a}", "1:4: this value contains itself through an alias"),
    "chain of aliases": (chain("[#]"), "101:7: the aliases write out to over 100 levels"),
    "chain of merges": (chain("{<<: #}"), "101:7: the aliases write out to over 100 levels"),
    "bomb of values": (chain("[" + "#," * 9 + "]", 30), "7:5: the aliases write out to over 200,000 values"),
    "bomb of merges": (chain("{<<: [" + "#," * 9 + "]}", 30), "the aliases write out to over 200,000 values"),
    "bomb of one long text": (f"a: &a {'x' * 500_000}\nb: [{'*a,' * 5000}]", "2:4: the aliases write out to over"),
    "deep lists": ("[" * 10_000, "1:101: more than 100 levels of nesting"),
    "very deep lists": ("[" * 500_000, "1:101: more than 100 levels of nesting"),
    "deep mappings": ("{a: " * 10_000, "1:401: more than 100 levels of nesting"),
    "deep dashes": ("- " * 10_000, "1:201: more than 100 levels of nesting"),
    "deep question marks": ("? " * 10_000, "1:201: more than 100 levels of nesting"),
    "deep blocks": ("".join(f"{' ' * i}a:\n" for i in range(1000)), "101:101: more than 100 levels of nesting"),
    "key twice": ("a: 1\n'a': 2", "2:1: key `a` stands twice in this mapping, first on line 1"),
    "key twice, in other words": ("on: 1\nTrue: 2", "2:1: key `True` stands twice in this mapping, first as `on` on"),
    "key twice, both numbers": ("1: 1\n0x1: 2", "2:1: key `0x1` stands twice in this mapping, first as `1` on line 1"),
    "merge twice": ("a: &a {}\nb:\n  <<: *a\n  <<: *a", "4:3: key `<<` stands twice"),
}


def refused(content: str | bytes) -> Diagnostic:
    read = parse(PATH, content if isinstance(content, bytes) else content.encode())
    assert isinstance(read, Diagnostic)
    return read


@pytest.mark.parametrize(("content", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_config_is_refused_at_its_place(content: str | bytes, expected: str) -> None:
    begun = time.process_time()
    found = refused(content)
    assert time.process_time() - begun < 5
    assert expected in f"{found.location}: {found.message}"
    assert len(found.message) < 200


@pytest.mark.parametrize("content", [each for each, _ in REFUSED.values()], ids=REFUSED)
def test_the_terminal_shows_it_without_control_characters_or_endless_lines(
    content: str | bytes, repository: Callable[..., Repository], mergeflow: Run
) -> None:
    ran = mergeflow("check", cwd=repository({PATH: content}).root)
    assert (ran.code, ran.err) == (1, "")
    assert all(char.isprintable() for char in ran.out.replace("\n", ""))
    assert all(len(line) < 500 for line in ran.out.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "1: a\n'1': b",
        "=: a\na: b",
        "a: &a {x: 1}\nb: {<<: *a, x: 2}",
        "a: {b: {c: &c {x: 1}, d: &d {<<: *c, x: 2}}}\ne: {<<: *d}",
        "a: &a 1\nb: [*a, *a]",
        "\ufeffa: 1",
        "a: 1\r\nb: 2\r\n",
        "a: 1\rb: 2\r",
        "a: 'b\u2028c'",
        "a: !!str 5\nb: !!int '5'\nc: !!seq []",
        "--- {a: 1}\n...\n",
        "%YAML 1.1\n---\na: 1",
        "",
        "# only a comment",
    ],
)
def test_what_is_sound_is_read(text: str) -> None:
    assert isinstance(parse(PATH, text.encode()), Document)


def test_a_byte_order_mark_moves_no_column() -> None:
    assert refused(b"\xef\xbb\xbfa: @b").location.span.start.column == 4


def test_a_duplicate_is_found_before_merging_makes_one() -> None:
    read = parse(PATH, b"a: {b: {c: &c {x: 1}, d: &d {<<: *c, x: 2}}}\ne: {<<: *d}")
    assert isinstance(read, Document)
    assert read.data["e"] == {"x": 2}


def test_a_later_merge_source_does_not_hide_an_earlier_one() -> None:
    text = "a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: [*a, *b]}"
    read = parse(PATH, text.encode())
    assert isinstance(read, Document)
    assert read.data["c"] == {"x": 1, "y": 3}
    assert str(read.locate(("c", "x"))) == f"{PATH}:1:11"
    assert str(read.locate(("c", "y"), "key")) == f"{PATH}:2:14"


def test_a_route_that_leads_nowhere_is_shown_at_its_nearest_parent() -> None:
    read = parse(PATH, b"a:\n  b: [1, {c: 2}]\n")
    assert isinstance(read, Document)
    assert str(read.locate(("a", "b", 1, "c"))) == f"{PATH}:2:14"
    assert str(read.locate(("a", "str", "b", "list", 1, "c"))) == f"{PATH}:2:14"
    assert str(read.locate(("a", "b", 7))) == f"{PATH}:2:6"
    assert str(read.locate(("z",))) == f"{PATH}:1:1"


def test_keys_that_are_no_text_have_their_place() -> None:
    read = parse(PATH, b"on: 1\n5: 2\n2024-01-01: 3\n=: 4\n")
    assert isinstance(read, Document)
    assert [read.locate((key,), "key").span.start.line for key in read.data] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "name", ["a b.yaml", "a\nb.yaml", "\x1b[31m.yaml", "📦.yml", "\u202e.yaml", "%s{}.yaml", "'.yaml"]
)
def test_a_file_may_have_any_name_and_the_terminal_stays_as_it_was(
    name: str, repository: Callable[..., Repository], mergeflow: Run
) -> None:
    made = repository({f"configs/team/{name}": "orders: @"})
    everything = mergeflow("check", cwd=made.root)
    alone = mergeflow("check", f"configs/team/{name}", cwd=made.root)
    assert everything == alone
    assert everything.code == 1
    assert all(char.isprintable() for char in everything.out.replace("\n", ""))
    assert "1 error in 1 of 1 file" in everything.out


def test_a_file_name_that_is_not_utf8_is_shown(repository: Callable[..., Repository], mergeflow: Run) -> None:
    made = repository({})
    file = os.fsencode(made.root) + b"/configs/team\xff.yaml"
    Path(os.fsdecode(file)).write_text("orders: @")
    ran = mergeflow("check", cwd=made.root)
    assert ran.code == 1
    assert "configs/team·.yaml:1:9" in ran.out


def test_a_mebibyte_of_mistakes_is_reported_in_time(repository: Callable[..., Repository], mergeflow: Run) -> None:
    text = "".join(f"d{i}: {{tasks: {{t: 1}}}}\n" for i in range(12_000))
    begun = time.process_time()
    ran = mergeflow("check", cwd=repository({PATH: text}).root)
    assert time.process_time() - begun < 20, "looking up a place must not read the file again"
    assert "… and 11,951 more; `mergeflow check --all` prints them" in ran.out
    assert "12,000 errors, 1 warning in 1 of 1 file" in ran.out


@pytest.mark.parametrize(
    "text",
    [
        "- " * 99 + "x",
        "a:\n" + "".join(f"{' ' * i}- b:\n" for i in range(60)),
        "[" * 60 + "]" * 60,
        "? " * 99 + "x",
        "a: 1\n...\nb: 2",
        "--- a",
    ],
)
def test_what_may_be_deep_is_looked_at_twice(text: str) -> None:
    assert may_be_deep(text)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30), st.sampled_from(["- ", "? ", "- - ", ""]), st.sampled_from(["a:", "a: {b: [c]}", "x"])
        ),
        max_size=40,
    )
)
def test_what_nests_too_deeply_never_passes_for_flat(lines: list[tuple[int, str, str]]) -> None:
    text = "\n".join(f"{' ' * indent}{lead}{rest}" for indent, lead, rest in lines)
    if not may_be_deep(text):
        assert depth(text) <= MAX_DEPTH


def depth(text: str) -> int:
    """How deep the collections of a text nest, up to where it stops being YAML."""
    deepest = here = 0
    with contextlib.suppress(yaml.YAMLError):
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            here += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            deepest = max(deepest, here)
    return deepest


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text("aé-:[{\n #'\"&*!1.", max_size=8)
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab1.-", max_size=3) | st.integers(-9, 9), inner)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_a_text_is_read_as_the_general_constructor_reads_it(value: object, flow: bool) -> None:  # noqa: FBT001
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    read = parse(PATH, text.encode())
    assert isinstance(read, Document), read
    assert read.data == yaml.safe_load(text)
    assert repr(read.data) == repr(yaml.safe_load(text))


@pytest.mark.parametrize(
    "word", ["1", "1.5", ".inf", "true", "No", "~", "null", "2024-01-01", "0x1F", "1:30", "", "1e3"]
)
def test_a_plain_word_is_of_the_type_that_yaml_gives_it(word: str) -> None:
    read = parse(PATH, f"a: {word}".encode())
    assert isinstance(read, Document)
    assert read.data == yaml.safe_load(f"a: {word}")
